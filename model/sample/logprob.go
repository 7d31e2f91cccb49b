package sample

import (
	"cmp"
	"math"
	"slices"
)

// Read takes logits for Logprob and Top, and chooses nothing.
func (s *Sampler) Read(logits []float32) error { return s.accept(logits) }

// Logprob is the natural log-probability of a token under the logits last given,
// before mask, penalties and temperature.
func (s *Sampler) Logprob(id int32) float64 {
	if s.topK != nil {
		return s.topK.logprob(s.topK.logit(id, s.extraIDs))
	}
	if math.IsNaN(s.logSum) {
		sum, largest := 0.0, float64(s.raw[s.best])
		for _, l := range s.raw {
			sum += exp(float64(l) - largest)
		}
		s.logSum = largest + math.Log(sum)
	}
	return float64(s.raw[id]) - s.logSum
}

// Top are the n most likely tokens under the logits last given, best first, lower
// ids first among equals. The slice is overwritten by the next call.
func (s *Sampler) Top(n int) []Candidate {
	n = min(n, s.vocab)
	if n < 1 {
		return nil
	}
	if s.topK != nil {
		return s.alternativesFromTopK(n)
	}
	s.top = s.top[:0]
	floor := float32(math.Inf(-1)) // of the n best so far
	for id, l := range s.raw {
		if len(s.top) == n && l <= floor {
			continue
		}
		s.restrict(Candidate{int32(id), float64(l)}, n)
		floor = float32(s.top[0].Logprob)
	}
	slices.SortFunc(s.top, better)
	for i := range s.top {
		s.top[i].Logprob = s.Logprob(s.top[i].ID)
	}
	return s.top
}

// better sorts by value, then by id.
func better(a, b Candidate) int {
	return cmp.Or(cmp.Compare(b.Logprob, a.Logprob), cmp.Compare(a.ID, b.ID))
}

// restrict puts c into a heap of the n best, the worst on top.
func (s *Sampler) restrict(c Candidate, n int) {
	if len(s.top) < n {
		s.top = append(s.top, c)
		for i := len(s.top) - 1; i > 0 && better(s.top[i], s.top[(i-1)/2]) > 0; i = (i - 1) / 2 {
			s.top[i], s.top[(i-1)/2] = s.top[(i-1)/2], s.top[i]
		}
		return
	}
	s.top[0] = c
	for i := 0; ; {
		worst := i
		for child := 2*i + 1; child <= 2*i+2 && child < n; child++ {
			if better(s.top[child], s.top[worst]) > 0 {
				worst = child
			}
		}
		if worst == i {
			return
		}
		s.top[i], s.top[worst] = s.top[worst], s.top[i]
		i = worst
	}
}
