package outputparser

import (
	"math/rand/v2"
	"strings"
	"testing"

	"sirocco/model/chat"
	"sirocco/model/tokenizer/tekkentest"
)

// naiveStop cuts text at the string that is complete first, of several at once
// the longest.
func naiveStop(text string, words []string) (string, bool) {
	for end := 1; end <= len(text); end++ {
		longest := 0
		for _, w := range words {
			if w != "" && strings.HasSuffix(text[:end], w) {
				longest = max(longest, len(w))
			}
		}
		if longest > 0 {
			return text[:end-longest], true
		}
	}
	return text, false
}

func TestStopStrings(t *testing.T) {
	for _, c := range []struct {
		text  string
		words []string
		want  string
	}{
		{"one\nUser: two", []string{"\nUser:"}, "one"},
		{"abcd", []string{"abcd", "c"}, "ab"},
		{"xabc", []string{"bc", "abc"}, "x"},
		{"aabaabaaac", []string{"aabaaac"}, "aab"},
		{"nothing to see", []string{"END", ""}, "nothing to see"},
		{"日本語です", []string{"語"}, "日本"},
		{"stop", []string{"stop"}, ""},
	} {
		for size := 1; size <= len(c.text); size++ {
			s := newStops(c.words)
			if got := inPieces(&s, c.text, func() int { return size }); got != c.want {
				t.Errorf("%q in pieces of %d, stops %q: %q, want %q", c.text, size, c.words, got, c.want)
			}
		}
	}
}

// inPieces is the text shown when it comes in pieces.
func inPieces(s *stops, text string, size func() int) (shown string) {
	for text != "" {
		n := min(size(), len(text))
		safe, stopped := s.push(text[:n])
		shown += safe
		if stopped {
			return shown
		}
		text = text[n:]
	}
	return shown + s.flush()
}

func TestStopStringsAtEverySplit(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	word := func(n int) string {
		b := make([]byte, r.IntN(n))
		for i := range b {
			b[i] = "ab"[r.IntN(2)]
		}
		return string(b)
	}
	for range 3000 {
		words := []string{"a" + word(6), "b" + word(4), word(3)}
		text := word(40)
		want, _ := naiveStop(text, words)
		s := newStops(words)
		if got := inPieces(&s, text, func() int { return 1 + r.IntN(5) }); got != want {
			t.Fatalf("%q with %q: %q, want %q", text, words, got, want)
		}
	}
}

// What could still become a stop string is not shown before it is clear.
func TestStopStringsAreHeldBack(t *testing.T) {
	s := newStops([]string{"</answer>"})
	if safe, _ := s.push("42</ans"); safe != "42" {
		t.Errorf("%q is shown too early", safe)
	}
	if safe, _ := s.push("umption"); safe != "</ansumption" {
		t.Errorf("%q is shown late", safe)
	}
}

func TestAStopStringEndsTheAnswer(t *testing.T) {
	tok := tekkentest.Version(t, "v11")
	p := New(tok, Options{Stop: []string{" sea"}})
	h := listen(t, p, ids(t, tok, "The sky, the sea and the land.</s>"), chat.FinishLength)
	if h.text != "The sky, the" || p.Reason() != chat.FinishStop {
		t.Errorf("%q, %s", h.text, p.Reason())
	}
	if p.StopSequence() != " sea" {
		t.Errorf("the answer was ended by %q", p.StopSequence())
	}
}
