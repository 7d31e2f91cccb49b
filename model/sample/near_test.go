package sample

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"sirocco/model/chat"
	"sirocco/shaders/ref"
)

// told is what a device would tell, by the kernels' twins, with sums as wrong as its own may be.
func told(s *Sampler, a TopKRequest, logits []float32, position int, rng *rand.Rand) *TopKResult {
	c := ref.Sample(logits, a.Mask, s.Seed, uint32(position), float32(a.Temperature))
	best, mask := c.Logit, a.Mask
	if a.IgnoreMask {
		best, mask = c.Top, nil
	}
	ids, eighths, mass := ref.TopK(logits, mask, best, float32(a.MassTemperature), 150)
	wrong := func() float64 { return 1 + 1e-5*(2*rng.Float64()-1) }
	n := &TopKResult{ID: int32(c.ID), Logit: c.Logit, Top: int32(c.TopID), TopLogit: c.Top, Sum: c.Sum * wrong(),
		Best: float64(best), Floor: FloorOf(best, eighths), Mass: mass * wrong()}
	slices.Sort(ids)
	for _, id := range ids {
		n.TopK = append(n.TopK, TokenLogit{int32(id), logits[id]})
	}
	for _, id := range a.ExtraIDs {
		n.Extra = append(n.Extra, logits[id])
	}
	return n
}

// something is a setting, a row, a history and perhaps a mask.
func something(rng *rand.Rand, vocab int) (s chat.Sampling, logits []float32, history []int32, mask []uint32) {
	sometimes := func(n int) bool { return rng.IntN(n) == 0 }
	s = chat.Sampling{Seed: rng.Uint64(), Temperature: []float64{0, 0.15, 0.7, 1, 2.5}[rng.IntN(5)]}
	if sometimes(2) {
		s.TopP = []float64{0.1, 0.5, 0.9, 0.95, 0.99}[rng.IntN(5)]
	}
	if sometimes(3) {
		s.TopK = 1 + rng.IntN(100)
	}
	if sometimes(4) {
		s.MinP = []float64{0.01, 0.1, 0.5}[rng.IntN(3)]
	}
	if sometimes(4) {
		s.RepeatPenalty, s.FrequencyPenalty = 1+rng.Float64(), rng.Float64()
	}
	if sometimes(4) {
		s.LogitBias = map[int32]float64{int32(rng.IntN(vocab)): 20*rng.Float64() - 10, int32(rng.IntN(vocab)): 100, int32(rng.IntN(vocab)): -100}
	}
	for range rng.IntN(60) {
		history = append(history, int32(rng.IntN(vocab)))
	}
	spread := []float64{0.1, 2, 4}[rng.IntN(3)]
	for range vocab {
		logits = append(logits, float32(spread*rng.NormFloat64()+3))
	}
	for range 5 {
		logits[rng.IntN(vocab)] += float32(10 * rng.Float64())
	}
	logits[rng.IntN(vocab)] = slices.Max(logits) // sometimes two are equal
	if sometimes(3) {
		mask = make([]uint32, (vocab+31)/32)
		for i := range mask {
			mask[i] = rng.Uint32() & rng.Uint32()
		}
		mask[rng.IntN(len(mask))] |= 1
	}
	return s, logits, history, mask
}

// What is chosen by what is near is what is chosen from the row: 10,000 settings, rows, histories and masks. Where it says that it cannot
// know, which is rare unless a row is flat, there is nothing to compare.
func TestNearIsTheWholeRow(t *testing.T) {
	const vocab, cases = 1000, 10000
	rng := rand.New(rand.NewPCG(1, 2))
	near, filtered := 0, 0
	for i := range cases {
		settings, logits, history, mask := something(rng, vocab)
		alternatives, prompt := rng.IntN(2)*rng.IntN(21), len(history)/2
		s, whole := sampler(t, settings, vocab), sampler(t, settings, vocab)
		want := next(t, whole, logits, history, prompt, mask)
		a, ok := s.TopKRequest(history, prompt, mask, alternatives, 4096)
		if !ok {
			continue
		}
		id, ok := s.NextFromTopK(told(s, a, logits, len(history), rng), len(history), mask, alternatives)
		if !ok {
			continue
		}
		if near++; s.filters() {
			filtered++
		}
		if id != want {
			t.Fatalf("case %d, %+v: chose %d, the whole row says %d", i, settings, id, want)
		}
		if got, want := s.Logprob(id), whole.Logprob(want); math.Abs(got-want) > 1e-4 {
			t.Errorf("case %d: log-probability %g, want %g", i, got, want)
		}
		checkTop(t, s.Top(alternatives), whole.Top(alternatives))
	}
	t.Logf("%d of %d cases did without the row, %d of them with filters", near, cases, filtered)
	if near < cases*7/10 || filtered < cases/4 {
		t.Errorf("only %d of %d cases, %d with filters, did without the row", near, cases, filtered)
	}
}

func checkTop(t *testing.T, got, want []Candidate) {
	t.Helper()
	if !slices.EqualFunc(got, want, func(a, b Candidate) bool { return a.ID == b.ID && math.Abs(a.Logprob-b.Logprob) < 1e-4 }) {
		t.Errorf("alternatives %v, want %v", got, want)
	}
}

// Rules that reach beyond what is listed ask for the row.
func TestNearKnowsWhatItDoesNotKnow(t *testing.T) {
	flat := make([]float32, 3000)
	for i := range flat {
		flat[i] = float32(i%7) / 100
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for _, settings := range []chat.Sampling{{Temperature: 1, TopP: 0.9}, {Temperature: 1, TopK: 600}, {Temperature: 1, MinP: 0.1}} {
		s := sampler(t, settings, len(flat))
		a, _ := s.TopKRequest(nil, 0, nil, 0, 4096)
		if id, ok := s.NextFromTopK(told(s, a, flat, 0, rng), 0, nil, 0); ok {
			t.Errorf("%+v: chose %d of a flat row", settings, id)
		}
	}
	s := sampler(t, chat.Sampling{RepeatPenalty: 2}, len(flat))
	if _, ok := s.TopKRequest([]int32{1, 2, 3}, 0, nil, 0, 2); ok {
		t.Error("more ids are changed than can be asked for")
	}
}

func TestNearAllocatesNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	logits := logitsLike(5000, 7)
	s := sampler(t, chat.Sampling{Temperature: 0.7, TopP: 0.9, TopK: 40, RepeatPenalty: 1.1, LogitBias: map[int32]float64{5: 1}}, 5000)
	history := []int32{1, 2, 3, 4}
	a, _ := s.TopKRequest(history, 2, nil, 5, 4096)
	n := told(s, a, logits, 4, rng)
	if allocations := testing.AllocsPerRun(20, func() {
		s.TopKRequest(history, 2, nil, 5, 4096)
		if _, ok := s.NextFromTopK(n, 4, nil, 5); !ok {
			t.Fatal("the row was asked for")
		}
		s.Top(5)
	}); allocations > 0 {
		t.Errorf("%g allocations for a token", allocations)
	}
}
