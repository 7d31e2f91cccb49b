// Package sample turns logits into the next token: [vocabulary] numbers in, one
// id out, with the log-probabilities that are reported beside it. The order is
// vLLM's: mask, logit bias, repetition, frequency and presence penalty,
// temperature, min-p, top-k, top-p, draw. Open this file first, then draw.go.
// Nothing is sorted whole, and after the first token nothing is allocated.
package sample

import (
	"fmt"
	"math"

	"sirocco/model/chat"
)

// greedy is the temperature below which nothing is drawn (vLLM's bound).
const greedy = 1e-5

// Sampler chooses the tokens of one answer. It is for one goroutine.
type Sampler struct {
	chat.Sampling
	vocab int
	bias  []bias

	raw    []float32 // the logits last given, of the caller
	best   int32     // the first of the largest of them
	logSum float64   // log of the sum of their exponentials; NaN until asked for

	logits  []float32 // [vocab] after mask, bias and penalties
	counts  counts
	buckets buckets
	top     []Candidate

	topK     *TopKResult // instead of raw, where the row stayed on the device
	extraIDs []int32     // the ids whose logits bias and penalties change, ascending
	others   []uint32    // [vocab/32] the mask less these
	ids      []int32     // what is near and allowed, ascending, its logits in logits
}

// Candidate is an id with its natural log-probability before any change.
type Candidate struct {
	ID      int32
	Logprob float64
}

// New prepares for a vocabulary of that many tokens. An error is a
// *chat.RequestError that names the setting and its range.
func New(s chat.Sampling, vocab int) (*Sampler, error) {
	if err := check(s, vocab); err != nil {
		return nil, err
	}
	return &Sampler{
		Sampling: s,
		vocab:    vocab,
		bias:     sortedBias(s.LogitBias),
		logits:   make([]float32, vocab),
		counts:   newCounts(s, vocab),
		buckets:  newBuckets(vocab),
	}, nil
}

// Next chooses the token that follows history, of which the first prompt ids
// were given and the rest generated. The random number depends on the seed and
// len(history) alone. mask, when not nil, has a bit set for every allowed id
// (bit id%32 of word id/32). logits are read, also by Logprob and Top until the
// next call, and never changed. A temperature of 0, or so small that it makes no
// difference, takes the largest logit, of equals the lowest id.
func (s *Sampler) Next(logits []float32, history []int32, prompt int, mask []uint32) (int32, error) {
	if err := s.accept(logits); err != nil {
		return 0, err
	}
	if mask != nil && len(mask) < (s.vocab+31)/32 {
		return 0, fmt.Errorf("the mask of allowed tokens has %d words of 32, but %d tokens need %d", len(mask), s.vocab, (s.vocab+31)/32)
	}
	edited, best := s.raw, s.best
	if s.edit(history, prompt, mask) {
		edited, best = s.logits, largest(s.logits)
	}
	if math.IsInf(float64(edited[best]), -1) {
		return 0, fmt.Errorf("no token is allowed here: the mask forbids all %d", s.vocab)
	}
	if s.Temperature < greedy {
		return best, nil
	}
	if s.plain() {
		return s.gumbelArgmax(edited, edited[best], len(history)), nil
	}
	return s.draw(edited, edited[best], uniform(s.Seed, len(history))), nil
}

// accept checks the logits and remembers them.
func (s *Sampler) accept(logits []float32) error {
	if len(logits) != s.vocab {
		return fmt.Errorf("there are %d logits for a vocabulary of %d tokens", len(logits), s.vocab)
	}
	s.raw, s.best, s.logSum, s.topK = logits, 0, math.NaN(), nil
	largest := float32(math.Inf(-1))
	for id, l := range logits {
		const infinite = 0x7f8 << 20 // the exponent of Inf and NaN
		if math.Float32bits(l)&infinite == infinite {
			return fmt.Errorf("the model's value for token %d is %v, not a number; the weights are damaged or the device miscalculates: verify the model's files, then try another device", id, l)
		}
		if l > largest {
			largest, s.best = l, int32(id)
		}
	}
	return nil
}

// largest is the first index of the largest value.
func largest(values []float32) (index int32) {
	largest := float32(math.Inf(-1))
	for i, v := range values {
		if v > largest {
			largest, index = v, int32(i)
		}
	}
	return index
}
