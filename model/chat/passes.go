package chat

import (
	"context"
	"math/bits"
)

// Counter is an engine that counts its passes over the weights. Only one that
// computes itself can.
type Counter interface {
	// Passes are those since the engine began; ok is false where it does not tell just
	// now, while it starts, say.
	Passes(ctx context.Context) (passes Passes, ok bool)
}

// Passes says how well the reading of the weights, which takes most of the time, is
// shared.
type Passes struct {
	// Served counts the passes that chose next tokens, by how many answers they did it
	// for: the first number is of passes for one.
	Served []int64 `json:"served"`
	// Sizes counts all passes, those that read prompts too, by how many tokens they
	// read: number k is of up to 2^k tokens, and more than half as many.
	Sizes []int64 `json:"sizes"`
	// Tokens is how many all of them read.
	Tokens int64 `json:"tokens"`
}

// Decoded counts a pass that read some tokens for so many answers.
func (p *Passes) Decoded(answers, tokens int) {
	add(&p.Served, answers-1)
	p.Read(tokens)
}

// Read counts a pass that read some tokens.
func (p *Passes) Read(tokens int) {
	add(&p.Sizes, bits.Len(uint(max(tokens, 1)-1)))
	p.Tokens += int64(tokens)
}

func add(counts *[]int64, i int) {
	for len(*counts) <= i {
		*counts = append(*counts, 0)
	}
	(*counts)[i]++
}
