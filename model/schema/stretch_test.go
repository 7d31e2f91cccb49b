package schema

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// Lengths beside a pattern hold exactly, whether they become part of the automaton (the even lengths) or are counted beside it (the others):
// every text up to a length is accepted or refused as its length and its characters say.
func TestLengthsBesidePatterns(t *testing.T) {
	for _, c := range []struct {
		pattern string
		even    bool
	}{{"^a*$", false}, {"^[^b]*$", false}, {"^(aa)*$", true}, {"^a+$", false}, {"a", false}} {
		for _, bounds := range [][2]int{{0, 7}, {3, 3}, {2, 9}, {5, 40}} {
			raw := fmt.Sprintf(`{"type":"string","pattern":%q,"minLength":%d,"maxLength":%d}`, c.pattern, bounds[0], bounds[1])
			s, err := Compile(json.RawMessage(raw), Options{})
			if c.even && bounds == [2]int{3, 3} {
				if err == nil {
					t.Errorf("%s has no value and compiles", raw)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			for n := range 45 {
				want := n >= bounds[0] && n <= bounds[1] && !(c.even && n%2 == 1) && (n > 0 || c.pattern != "^a+$" && c.pattern != "a")
				if got := accepts(s, `"`+strings.Repeat("a", n)+`"`); got != want {
					t.Errorf("%d letters under %s: %v", n, raw, got)
				}
			}
			if accepts(s, `"aab"`) != (c.pattern == "a" && bounds[0] <= 3) {
				t.Errorf("a wrong letter under %s", raw)
			}
		}
	}
}

// A long text with a pattern has few places that differ: its masks are found once and kept.
func TestLongTextsShareMasks(t *testing.T) {
	v, err := fullVocabulary()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Compile(json.RawMessage(`{"type":"string","pattern":"^[^<>]*$","minLength":10,"maxLength":5000}`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	m := s.Start(v)
	mask := make([]uint32, v.Words())
	if err := m.AcceptText([]byte(`"`)); err != nil {
		t.Fatal(err)
	}
	for range 300 {
		m.Mask(mask)
		if err := m.AcceptText([]byte("some words, ")); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(m.e.insideMasks); n > 2 {
		t.Errorf("%d masks were worked out for 300 places", n)
	}
}
