package view

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// What an answer looks like does not depend on where the pieces were cut, and a
// finished block is never looked at again.
func TestStreamEqualsWhole(t *testing.T) {
	text, err := os.ReadFile("../../tools/window/answers/every-block.md")
	if err != nil {
		t.Fatal(err)
	}
	whole := Parse(string(text))
	for _, size := range []int{1, 3, 7, 64, len(text)} {
		var s Stream
		before := 0
		for rest := string(text); rest != ""; {
			n := min(size, len(rest))
			finished := s.Append(rest[:n])
			if finished < before {
				t.Fatalf("pieces of %d: %d finished blocks became %d", size, before, finished)
			}
			before, rest = finished, rest[n:]
		}
		s.End()
		if got := s.Finished(); !reflect.DeepEqual(got, whole) {
			t.Fatalf("pieces of %d give\n%+v\nand the whole\n%+v", size, got, whole)
		}
	}
	kinds := map[BlockKind]int{}
	for _, b := range whole {
		kinds[b.Kind]++
	}
	want := map[BlockKind]int{Paragraph: 5, Heading: 1, ListItem: 7, Code: 1, Table: 1, Rule: 1}
	if !reflect.DeepEqual(kinds, want) {
		t.Errorf("the blocks are %v, want %v", kinds, want)
	}
}

// The work for a piece does not grow with the answer: what is parsed again is
// the last block, however long the answer is.
func TestStreamKeepsTailShort(t *testing.T) {
	var s Stream
	for range 10_000 {
		s.Append("A short paragraph.\n\n")
		if len(s.tail) > 100 {
			t.Fatalf("%d bytes wait to be parsed again", len(s.tail))
		}
	}
}

func TestBlocks(t *testing.T) {
	for _, c := range []struct {
		markdown string
		want     []Block
	}{
		{"plain", []Block{{Spans: []Span{{Text: "plain"}}}}},
		{"**a** *b* `c` ~~d~~", []Block{{Spans: []Span{{Text: "a", Bold: true}, {Text: " "}, {Text: "b", Italic: true}, {Text: " "},
			{Text: "c", Code: true}, {Text: " "}, {Text: "d", Strike: true}}}}},
		{"3. x\n4. y", []Block{{Kind: ListItem, Marker: "3.", Spans: []Span{{Text: "x"}}}, {Kind: ListItem, Marker: "4.", Spans: []Span{{Text: "y"}}}}},
		{"- [x] **b** c", []Block{{Kind: ListItem, Marker: "✓", Spans: []Span{{Text: "b", Bold: true}, {Text: " c"}}}}},
		{"> q", []Block{{Quote: 1, Spans: []Span{{Text: "q"}}}}},
		{"```go\nx := 1\n```", []Block{{Kind: Code, Language: "go", Text: "x := 1"}}},
		{"![seen](https://x.org/a.png)", []Block{{Spans: []Span{{Text: "seen", Link: "https://x.org/a.png"}}}}},
		{"a<br>b &amp; <b>c</b>", []Block{{Spans: []Span{{Text: "a\nb & <b>c</b>"}}}}},
		{"שלום", []Block{{RTL: true, Spans: []Span{{Text: "שלום"}}}}},
	} {
		if got := Parse(c.markdown); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q gives\n%+v, want\n%+v", c.markdown, got, c.want)
		}
	}
}

func TestFormulas(t *testing.T) {
	for tex, want := range map[string]string{
		`\frac{a+b}{2}`:                 "(a+b)/2",
		`x^2 + y_1`:                     "x² + y₁",
		`\sqrt{2} \approx 1.41`:         "√(2) ≈ 1.41",
		`E = mc^{2}`:                    "E = mc²",
		`\text{speed} = \Delta s`:       "speed = Δ s",
		`\alpha \leq \beta \to \infty`:  "α ≤ β → ∞",
		`a^{k+1}`:                       "aˆ(k+1)",
		`\frac{\sqrt{x}}{\mathrm{max}}`: "√(x)/max",
	} {
		if got := Formula(tex); got != want {
			t.Errorf("%s reads %q, want %q", tex, got, want)
		}
	}
	for markdown, want := range map[string]string{
		"costs $5 and $7":      "costs $5 and $7",
		"in code `$x^2$` stay": "in code `$x^2$` stay",
		"so $x^2$ is":          "so x² is",
		`so \(x_i\) is`:        "so xᵢ is",
	} {
		if got := readableFormulas(markdown); got != want {
			t.Errorf("%q reads %q, want %q", markdown, got, want)
		}
	}
}

// No text panics, and what was appended is all there is at the end.
func FuzzStream(f *testing.F) {
	for _, seed := range []string{"# a\n\n- b\n  - c\n\n```\nd", "|a|b|\n|-|-|\n|c|d|", "- [ ] **x**", "$$\\frac{1}{2}$$ $", "> > a\n\n~~~\n``", "\\(", "[a](b \"c\") <d>"} {
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, text string, cut int) {
		if cut < 1 || len(text) > 4096 {
			return
		}
		var s Stream
		for rest := text; rest != ""; {
			n := min(cut, len(rest))
			s.Append(rest[:n])
			s.Growing()
			rest = rest[n:]
		}
		s.End()
		if s.tail != "" || strings.TrimSpace(text) != "" && s.Growing() != nil {
			t.Errorf("%q is left over", s.tail)
		}
	})
}

// What looks like Markdown without content is an answer all the same.
func TestNothingIsLost(t *testing.T) {
	for text, want := range map[string]string{"3.": "3.", "3)": "3)", "-": "-", "[a]: http://b.test": "[a]: http://b.test", "1. one\n2.\n": "one|2.", " \n": ""} {
		var got []string
		for _, b := range Parse(text) {
			got = append(got, Plain(b.Spans))
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}
