package sample

import (
	"math"
	"math/rand/v2"
	"testing"

	"sirocco/model/chat"
)

const fullVocab = 131072

// logitsLike draws logits as a language model gives them: a broad bell and a few
// favourites far above it.
func logitsLike(vocab int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]float32, vocab)
	for i := range out {
		out[i] = float32(r.NormFloat64() * 2.5)
	}
	for i := range 30 {
		out[r.IntN(vocab)] = 18 - float32(i)*0.4
	}
	return out
}

func BenchmarkNext(b *testing.B) {
	for name, s := range map[string]chat.Sampling{
		"greedy":      {},
		"card":        {Temperature: 0.15},
		"temperature": {Temperature: 1},
		"top-p":       {Temperature: 1, TopP: 0.95},
		"everything":  {Temperature: 0.8, TopP: 0.9, TopK: 50, MinP: 0.01, RepeatPenalty: 1.1, FrequencyPenalty: 0.1},
	} {
		b.Run(name, func(b *testing.B) {
			sampler, err := New(s, fullVocab)
			if err != nil {
				b.Fatal(err)
			}
			logits := logitsLike(fullVocab, 3)
			history := make([]int32, 2000, 4096)
			for b.Loop() {
				id, err := sampler.Next(logits, history, 100, nil)
				if err != nil || math.IsNaN(sampler.Logprob(id)) {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkExp(b *testing.B) {
	sum := 0.0
	for b.Loop() {
		for i := range fullVocab {
			sum += exp(-float64(i) * 1e-4)
		}
	}
	_ = sum
}

func BenchmarkMathExp(b *testing.B) {
	sum := 0.0
	for b.Loop() {
		for i := range fullVocab {
			sum += math.Exp(-float64(i) * 1e-4)
		}
	}
	_ = sum
}
