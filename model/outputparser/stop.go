package outputparser

import "strings"

// stops looks for several strings at once in text that comes in pieces, and holds
// back what may still become one of them. The string that is complete first ends
// the text; of several complete at once, the longest. So how the text is cut into
// pieces makes no difference.
type stops struct {
	words    []stopWord
	buffered []byte // the end of the text so far: the beginning of some word
	met      string // the word that ended the text
}

// stopWord is a string with its failure function (Knuth, Morris, Pratt 1977).
type stopWord struct {
	text    string
	shorter []int // of n matched bytes, the longest proper prefix that also matches
	matched int
}

func newStops(words []string) stops {
	var s stops
	for _, word := range words {
		if word = strings.ToValidUTF8(word, "\uFFFD"); word != "" {
			s.words = append(s.words, stopWord{text: word, shorter: failures(word)})
		}
	}
	return s
}

func failures(word string) []int {
	shorter := make([]int, len(word)+1)
	for n, k := 1, 0; n < len(word); n++ {
		for k > 0 && word[n] != word[k] {
			k = shorter[k]
		}
		if word[n] == word[k] {
			k++
		}
		shorter[n+1] = k
	}
	return shorter
}

// push takes the next piece and returns the text that is safe to show, and
// whether a stop string was met; then the text is the last.
func (s *stops) push(piece string) (safe string, stopped bool) {
	if len(s.words) == 0 {
		return piece, false
	}
	text := piece
	if len(s.buffered) > 0 {
		text = string(s.buffered) + piece
	}
	for i := len(s.buffered); i < len(text); i++ {
		if n := s.step(text[i]); n > 0 {
			s.buffered, s.met = s.buffered[:0], text[i+1-n:i+1]
			return text[:i+1-n], true
		}
	}
	longest := 0
	for i := range s.words {
		longest = max(longest, s.words[i].matched)
	}
	safe = text[:len(text)-longest]
	s.buffered = append(s.buffered[:0], text[len(safe):]...)
	return safe, false
}

// step takes one byte and returns the length of the longest word it completes.
func (s *stops) step(c byte) (complete int) {
	for i := range s.words {
		w := &s.words[i]
		for w.matched > 0 && w.text[w.matched] != c {
			w.matched = w.shorter[w.matched]
		}
		if w.text[w.matched] == c {
			w.matched++
		}
		if w.matched == len(w.text) {
			complete = max(complete, w.matched)
			w.matched = w.shorter[w.matched]
		}
	}
	return complete
}

// flush gives up what was held back, when the text has ended.
func (s *stops) flush() string {
	rest := string(s.buffered)
	s.buffered = s.buffered[:0]
	for i := range s.words {
		s.words[i].matched = 0
	}
	return rest
}
