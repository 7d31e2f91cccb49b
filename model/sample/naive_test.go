package sample

import (
	"cmp"
	"math"
	"slices"

	"sirocco/model/chat"
)

// naive gives the probability of every token by the book: everything in float64,
// everything sorted, filters one after another as vLLM's documentation has them.
// It takes logits that mask, bias and penalties have been applied to.
func naive(s chat.Sampling, logits []float32) []float64 {
	n := len(logits)
	p := make([]float64, n)
	order := make([]int, n)
	for i, l := range logits {
		order[i] = i
		p[i] = math.Exp((float64(l) - float64(slices.Max(logits))) / s.Temperature)
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(logits[b], logits[a]), cmp.Compare(a, b))
	})
	for i := range p {
		if p[i] < s.MinP {
			p[i] = 0
		}
	}
	if s.TopK > 0 && s.TopK < n {
		for _, id := range order[s.TopK:] {
			if logits[id] != logits[order[s.TopK-1]] {
				p[id] = 0
			}
		}
	}
	if s.TopP > 0 && s.TopP < 1 {
		total, before := sum(p), 0.0
		for _, id := range order {
			kept := before < s.TopP*total
			before += p[id]
			if !kept {
				p[id] = 0
			}
		}
	}
	total := sum(p)
	for i := range p {
		p[i] /= total
	}
	return p
}

func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}

// naiveEdit applies bias and penalties by their formulas.
func naiveEdit(s chat.Sampling, logits []float32, history []int32, prompt int) []float32 {
	out := slices.Clone(logits)
	for id, b := range s.LogitBias {
		out[id] += float32(b)
	}
	for id := range out {
		in := slices.Contains(history, int32(id))
		uses := 0
		for _, h := range history[prompt:] {
			if h == int32(id) {
				uses++
			}
		}
		if in && s.RepeatPenalty != 0 {
			if out[id] > 0 {
				out[id] /= float32(s.RepeatPenalty)
			} else {
				out[id] *= float32(s.RepeatPenalty)
			}
		}
		if uses > 0 {
			out[id] -= float32(s.FrequencyPenalty)*float32(uses) + float32(s.PresencePenalty)
		}
	}
	return out
}
