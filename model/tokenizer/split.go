package tokenizer

import "unicode/utf8"

// Pattern is the split pattern of every tekken.json published so far (v3 to v13). It needs look-ahead and
// leftmost-first choice, which Go's regexp does not have, so splitter is that pattern written by hand:
//
//	[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+   a word ending in small letters
//	[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*   a word of capitals
//	\p{N}                                                                           one digit
//	 ?[^\s\p{L}\p{N}]+[\r\n/]*                                                      punctuation and its line ends
//	\s*[\r\n]+ | \s+(?!\S) | \s+                                                    white space
const Pattern = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+` +
	`|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*` +
	`|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`

// splitter cuts text into the pieces that are encoded one by one. The text must be valid UTF-8.
// Every method takes a byte offset and answers with one; -1 is "no match here".
type splitter struct {
	text  string
	table *[0x110000]class
}

// next gives the end of the piece that starts at i; i < len(text).
func (s splitter) next(i int) int {
	first, width := s.at(i)
	after := i + width
	if first&(newline|letter|digit) == 0 {
		if end := s.word(after); end > 0 {
			return end
		}
	}
	if end := s.word(i); end > 0 {
		return end
	}
	if first&(newline|letter|digit) == 0 {
		if end := s.capitals(after); end > 0 {
			return end
		}
	}
	if end := s.capitals(i); end > 0 {
		return end
	}
	if first&digit != 0 {
		return after
	}
	if end := s.punctuation(i); end > 0 {
		return end
	}
	return s.whitespace(i)
}

// at gives the class of the code point at i and its width; past the end, class 0 and width 0.
func (s splitter) at(i int) (class, int) {
	if i >= len(s.text) {
		return 0, 0
	}
	if c := s.text[i]; c < utf8.RuneSelf {
		return s.table[c], 1
	}
	r, width := utf8.DecodeRuneInString(s.text[i:])
	return s.table[r], width
}

// run skips code points that have any bit of want.
func (s splitter) run(i int, want class) int {
	for {
		c, width := s.at(i)
		if c&want == 0 {
			return i
		}
		i += width
	}
}

// word is upper* lower+ with the backtracking the pattern's greedy first half needs: when nothing in lower follows
// it, it gives back code points until the last one that is in both halves.
func (s splitter) word(i int) int {
	cut := -1
	for {
		c, width := s.at(i)
		if c&upper == 0 {
			break
		}
		i += width
		if c&either == either {
			cut = i
		}
	}
	if end := s.run(i, lower); end > i {
		return end
	}
	return cut
}

// capitals is upper+ lower*.
func (s splitter) capitals(i int) int {
	end := s.run(i, upper)
	if end == i {
		return -1
	}
	return s.run(end, lower)
}

// punctuation is one optional blank, then anything that is neither space, letter nor digit, then line ends and slashes.
func (s splitter) punctuation(i int) int {
	if s.text[i] == ' ' {
		i++
	}
	start := i
	for {
		c, width := s.at(i)
		if width == 0 || c&(space|letter|digit) != 0 {
			break
		}
		i += width
	}
	if i == start {
		return -1
	}
	for i < len(s.text) && (s.text[i] == '\r' || s.text[i] == '\n' || s.text[i] == '/') {
		i++
	}
	return i
}

// whitespace ends a run after its last line end; without one it leaves the last blank to the word that follows.
func (s splitter) whitespace(i int) int {
	start, last, line := i, i, -1
	for {
		c, width := s.at(i)
		if c&space == 0 {
			break
		}
		last, i = i, i+width
		if c&newline != 0 {
			line = i
		}
	}
	switch {
	case line > 0:
		return line
	case i < len(s.text) && last > start:
		return last
	default:
		return i
	}
}
