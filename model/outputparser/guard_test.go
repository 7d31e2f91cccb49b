package outputparser

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"sirocco/model/chat"
	"sirocco/model/tokenizer/tekkentest"
)

// fires is after how many tokens the guard ends an answer, or -1.
func fires(answer []int32) int {
	g := newGuard()
	for i, id := range answer {
		if g.push(id) {
			return i + 1
		}
	}
	return -1
}

func random(r *rand.Rand, n, vocab int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(1000 + r.IntN(vocab))
	}
	return out
}

func repeat(cycle []int32, n int) (out []int32) {
	for len(out) < n {
		out = append(out, cycle...)
	}
	return out[:n]
}

func TestCirclesOfAnyPeriodAreEnded(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, period := range []int{1, 2, 3, 7, 63, 64, 65, 100, 255, 256, 257, 400, 1000} {
		start := random(r, 150, 500)
		answer := append(start, repeat(random(r, period, 3), 3*period+1000)...)
		got := fires(answer) - len(start)
		if got < 256 {
			t.Errorf("period %d: ended after %d tokens of the circle, want 256 at least", period, got)
		}
		if latest := max(256+period, 3*period) + guardStride; got > latest {
			t.Errorf("period %d: ended after %d tokens of the circle, want %d at most", period, got, latest)
		}
	}
}

func TestWhatIsNoCircle(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	text := random(r, 900, 400)
	rows := []int32{}
	for i := range 60 { // a table: eleven equal cells, one that differs
		rows = append(append(rows, repeat([]int32{5, 6}, 11)...), int32(100+i))
	}
	for name, answer := range map[string][]int32{
		"random":                    random(r, 5000, 2),
		"255 times one token":       repeat([]int32{7}, 255),
		"a long text twice":         append(append([]int32{}, text...), text...),
		"a table":                   rows,
		"a long text twice, varied": append(append(append([]int32{}, text...), 1), text...),
	} {
		if n := fires(answer); n >= 0 {
			t.Errorf("%s: ended after %d tokens", name, n)
		}
	}
}

func TestTheGuardEndsAnAnswer(t *testing.T) {
	tok := tekkentest.Version(t, "v11")
	for _, off := range []bool{false, true} {
		p := New(tok, Options{NoGuard: off})
		loop := ids(t, tok, " again and again")
		for range 600 {
			for _, id := range loop {
				p.Push(id)
			}
		}
		want := map[bool]string{false: chat.FinishRepetition, true: ""}[off]
		if p.Reason() != want {
			t.Errorf("guard off %v: reason %q, want %q", off, p.Reason(), want)
		}
	}
}

func BenchmarkGuard(b *testing.B) {
	for _, vocab := range []int{2, 5000} {
		b.Run(fmt.Sprint("words ", vocab), func(b *testing.B) {
			answer := random(rand.New(rand.NewPCG(1, 1)), 1<<15, vocab)
			g := newGuard()
			for i := 0; b.Loop(); i++ {
				if i%(1<<15) == 0 {
					g = newGuard()
				}
				g.push(answer[i%(1<<15)])
			}
		})
	}
}
