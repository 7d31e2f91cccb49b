package text

import (
	"context"
	"encoding/binary"
	"fmt"

	"sirocco/gpu/op"
	"sirocco/model/sample"
)

// Sequence is what one conversation wants of a pass that reads the weights once for
// several.
type Sequence struct {
	Decoder     *Decoder
	IDs         []int32 // to be read: the last one chosen, and guesses
	Sampling    SamplingParams
	WantsLogits bool // the logits after the last of IDs are wanted too, in Logits

	// Where the host chooses by rules of its own, what it asks of the logits after the
	// last of IDs, whose Sampling it completes, and whether what it is told is enough: else
	// they are fetched into Logits.
	TopK       *sample.TopKRequest
	AcceptTopK func(*sample.TopKResult) bool
	TopKResult sample.TopKResult
	Fetched    bool

	Sampled []SampledToken // what follows each of IDs, if not Full; valid until the part's next pass
	Err     error          // why there is none, though the pass went well
	sampled [op.MaxBatch]SampledToken
}

// SharesPool reports whether two conversations can be parts of one pass: their keys lie
// in one buffer.
func (d *Decoder) SharesPool(other *Decoder) bool { return d.cache == other.cache }

// DecodeBatch reads the tokens of all parts, at most [op.DecodeBatch], and chooses after
// each of them. Every part gets, to the bit, what it would get alone: a row of a
// product and the attention of a token do not depend on what goes with them. Nothing
// is allocated.
func DecodeBatch(ctx context.Context, parts []*Sequence) error {
	if one := parts[0]; len(parts) == 1 && one.WantsLogits && len(one.IDs) == 1 { // that takes one way to the device less
		one.Sampled, one.Err = one.sampled[:0], nil
		return one.Decoder.Step(ctx, one.IDs[0])
	}
	p, err := buildBatch(parts)
	if err != nil {
		return err
	}
	d := parts[0].Decoder
	program, err := d.program(p)
	if err != nil {
		return err
	}
	if err := d.sendIDs(p.n); err != nil {
		return err
	}
	if err := d.run(ctx, program, p); err != nil {
		return err
	}
	return scatterResults(parts, p.end == outputSampleAndTopK)
}

// buildBatch gives every part its rows of the pass.
func buildBatch(parts []*Sequence) (pass, error) {
	first := parts[0].Decoder
	p := pass{cache: first.cache, end: outputSample}
	if one := parts[0]; len(parts) == 1 && one.TopK != nil && len(one.IDs) == 1 { // that takes one way to the device less
		p.end = outputSampleAndTopK
	}
	for _, part := range parts {
		d := part.Decoder
		if len(part.IDs) == 0 || p.n+len(part.IDs) > op.MaxBatch || !d.SharesPool(first) {
			return p, fmt.Errorf("choosing tokens: %d of one conversation behind %d of others do not fit in a pass of up to %d", len(part.IDs), p.n, op.MaxBatch)
		}
		if err := d.check(part.IDs); err != nil {
			return p, err
		}
		d.putIDs(p.n, part.IDs)
		d.setPositions(p.n, len(part.IDs))
		scratch, sampling := d.lastStage().scratch, part.Sampling
		if part.TopK != nil {
			sampling.Mask, sampling.Temperature = part.TopK.Mask, part.TopK.Temperature
		}
		for range part.IDs {
			if err := scratch.setSampling(p.n, sampling); err != nil {
				return p, err
			}
			sampling.Position++
			p.n++
		}
		if part.TopK != nil {
			if err := scratch.setTopK(p.n-1, part.TopK); err != nil {
				return p, err
			}
		}
		p.bound = max(p.bound, d.bound(d.length+len(part.IDs)))
	}
	return p, first.lastStage().scratch.writeSampling(p.n)
}

// scatterResults tells every part what was chosen, and fetches what else is wanted, if it is
// not told already.
func scatterResults(parts []*Sequence, told bool) error {
	row := 0
	for _, part := range parts {
		part.Sampled, part.Err = part.sampled[:len(part.IDs)], nil
		for i := range part.Sampled {
			var err error
			if part.Sampled[i], err = sampledFrom(part.Decoder.lastStage().raw[4*op.SampledWords*row:]); err != nil && part.Err == nil && (part.TopK == nil || err != errNoneAllowed) {
				part.Err = err
			}
			row++
		}
		part.Decoder.advance(len(part.IDs))
	}
	row = 0
	for _, part := range parts {
		row += len(part.IDs)
		var err error
		if part.TopK != nil && part.Err == nil {
			err = part.Decoder.lastStage().readTopK(part, row-1, told)
		} else if part.WantsLogits {
			err = part.Decoder.lastStage().readLogitsRow(row - 1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readLogitsRow brings one row of logits of the pass that ended to the host.
func (d *Decoder) readLogitsRow(row int) error {
	program, err := d.program(pass{n: row, end: outputReadback})
	if err != nil {
		return err
	}
	if err := program.Run(context.Background(), d.raw[:4*d.config.Vocab]); err != nil {
		return err
	}
	d.readLogits()
	return nil
}

// setPositions says where the next n tokens of this conversation stand, which are the rows
// from a first one on of a pass.
func (d *Decoder) setPositions(row, n int) {
	for i := range n {
		at := d.positions[8*(row+i):]
		binary.LittleEndian.PutUint32(at, uint32(d.length+i))
		binary.LittleEndian.PutUint32(at[4:], uint32(d.slot*d.heads.KV))
	}
}

// advance moves the end of the conversation, on all devices.
func (d *Decoder) advance(n int) {
	for ; d != nil; d = d.next {
		d.length += n
	}
}
