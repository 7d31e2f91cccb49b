package model

import (
	"fmt"

	"sirocco/model/text"
)

// batchSizes decodes for several conversations in one pass, at the first depth, as
// many as there is room for.
func (b *bench) batchSizes() error {
	for _, n := range b.plan.AtOnce {
		if n > len(b.slots.idle) || b.plan.Generate == 0 {
			continue
		}
		b.plan.Progress(fmt.Sprintf("generating for %d at once", n))
		depth := append(b.plan.Depths, 0)[0]
		parts := b.parts(n)
		run := func() error { return b.decodeBatch(parts) }
		prepare := func() error { return b.begin(parts, max(depth, 1)) }
		if err := prepare(); err != nil {
			return err
		}
		if err := text.DecodeBatch(b.ctx, parts); err != nil { // kernels are compiled
			return err
		}
		seconds, err := b.repeat(prepare, run)
		if err != nil {
			return err
		}
		m := Measurement{Name: "together", Conversations: n, Generate: b.plan.Generate, Depth: &depth, Unit: "tokens/s", CPU: b.worked}
		b.add(m, rates(n*b.plan.Generate, seconds))
	}
	return nil
}

func (b *bench) parts(n int) (parts []*text.Sequence) {
	for _, slot := range b.slots.idle[:n] {
		parts = append(parts, &text.Sequence{Decoder: slot.text, IDs: []int32{1}})
	}
	return parts
}

// begin makes every conversation hold so many tokens.
func (b *bench) begin(parts []*text.Sequence, depth int) error {
	for _, part := range parts {
		part.Decoder.Truncate(depth)
		if missing := depth - part.Decoder.Len(); missing > 0 {
			if err := part.Decoder.Prefill(b.ctx, b.ids(missing), nil, func(int) error { return nil }); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bench) decodeBatch(parts []*text.Sequence) error {
	for range b.plan.Generate {
		if err := text.DecodeBatch(b.ctx, parts); err != nil {
			return err
		}
	}
	return nil
}
