package text

import (
	"context"

	"sirocco/gpu/op"
)

// Score reads tokens and hands on the logits after each of them, valid until the
// next; those after the last are in Logits then.
func (d *Decoder) Score(ctx context.Context, ids []int32, each func(i int, logits []float32) error) error {
	for done := 0; done < len(ids); {
		n := min(op.MaxBatch, len(ids)-done)
		if _, err := d.Sample(ctx, ids[done:done+n], SamplingParams{}); err != nil {
			return err
		}
		for i := range n {
			if err := d.lastStage().readLogitsRow(i); err != nil {
				return err
			}
			if err := each(done+i, d.Logits()); err != nil {
				return err
			}
		}
		done += n
	}
	return nil
}
