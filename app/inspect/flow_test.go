package inspect

import (
	"testing"
	"unicode/utf8"
)

func ten(text string) float32 { return 10 * float32(utf8.RuneCountInString(text)) }

// Lines break where the width is full and behind line ends; a picture has a line
// of its own; every point finds its piece.
func TestFlow(t *testing.T) {
	pieces := []Piece{{Text: "ab"}, {Text: "cde"}, {Text: "f⏎", Break: true}, {BlockWidth: 30, BlockHeight: 40}, {Text: "gh"}, {Text: "much too long"}}
	lines := Flow(pieces, 60, 20, ten)
	want := []Line{{From: 0, To: 2, Y: 0, Height: 20}, {From: 2, To: 3, Y: 20, Height: 20}, {From: 3, To: 4, Y: 40, Height: 40}, {From: 4, To: 5, Y: 80, Height: 20}, {From: 5, To: 6, Y: 100, Height: 20}}
	if len(lines) != len(want) {
		t.Fatalf("%d lines: %+v", len(lines), lines)
	}
	for i, w := range want {
		if l := lines[i]; l.From != w.From || l.To != w.To || l.Y != w.Y || l.Height != w.Height {
			t.Errorf("line %d is %+v, want %+v", i, l, w)
		}
	}
	for _, c := range []struct {
		x, y float32
		want int
	}{{0, 0, 0}, {25, 19, 1}, {55, 5, -1}, {5, 25, 2}, {29, 79, 3}, {31, 79, -1}, {5, 110, 5}, {5, 999, -1}} {
		if got := At(lines, c.x, c.y); got != c.want {
			t.Errorf("at %v, %v is piece %d, want %d", c.x, c.y, got, c.want)
		}
	}
	if from, to := Seen(lines, 30, 85); from != 1 || to != 4 {
		t.Errorf("seen are lines %d to %d", from, to)
	}
	if from, to := Seen(nil, 0, 100); from != 0 || to != 0 {
		t.Error("nothing has lines in sight")
	}
}

// BenchmarkFlow lays out a prompt of 30,000 tokens, as opening a turn does.
func BenchmarkFlow(b *testing.B) {
	pieces := make([]Piece, 30_000)
	for i := range pieces {
		pieces[i].Text = "token"
	}
	for b.Loop() {
		Flow(pieces, 900, 20, ten)
	}
}
