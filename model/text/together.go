package text

import (
	"context"
	"encoding/binary"
	"fmt"

	"sirocco/gpu/op"
	"sirocco/model/sample"
)

// Part is what one conversation wants of a pass that reads the weights once for
// several.
type Part struct {
	Decoder *Decoder
	IDs     []int32 // to be read: the last one chosen, and guesses
	Wish    Wish
	Full    bool // the logits after the last of IDs are wanted too, in Logits

	// Where the host chooses by rules of its own, what it asks of the logits after the
	// last of IDs, whose Wish it completes, and whether what it is told is enough: else
	// they are fetched into Logits.
	Ask     *sample.Ask
	Enough  func(*sample.Near) bool
	Near    sample.Near
	Fetched bool

	Chosen []Chosen // what follows each of IDs, if not Full; valid until the part's next pass
	Err    error    // why there is none, though the pass went well
	chosen [op.Together]Chosen
}

// Joins reports whether two conversations can be parts of one pass: their keys lie
// in one buffer.
func (d *Decoder) Joins(other *Decoder) bool { return d.cache == other.cache }

// Together reads the tokens of all parts, at most [op.Together], and chooses after
// each of them. Every part gets, to the bit, what it would get alone: a row of a
// product and the attention of a token do not depend on what goes with them. Nothing
// is allocated.
func Together(ctx context.Context, parts []*Part) error {
	if one := parts[0]; len(parts) == 1 && one.Full && len(one.IDs) == 1 { // that takes one way to the device less
		one.Chosen, one.Err = one.chosen[:0], nil
		return one.Decoder.Step(ctx, one.IDs[0])
	}
	p, err := lineUp(parts)
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
	return handOut(parts, p.end == chooseNear)
}

// lineUp gives every part its rows of the pass.
func lineUp(parts []*Part) (pass, error) {
	first := parts[0].Decoder
	p := pass{cache: first.cache, end: choose}
	if one := parts[0]; len(parts) == 1 && one.Ask != nil && len(one.IDs) == 1 { // that takes one way to the device less
		p.end = chooseNear
	}
	for _, part := range parts {
		d := part.Decoder
		if len(part.IDs) == 0 || p.n+len(part.IDs) > op.Together || !d.Joins(first) {
			return p, fmt.Errorf("choosing tokens: %d of one conversation behind %d of others do not fit in a pass of up to %d", len(part.IDs), p.n, op.Together)
		}
		if err := d.check(part.IDs); err != nil {
			return p, err
		}
		d.putIDs(p.n, part.IDs)
		d.stand(p.n, len(part.IDs))
		scratch, wish := d.last().scratch, part.Wish
		if part.Ask != nil {
			wish.Mask, wish.Temperature = part.Ask.Mask, part.Ask.Temperature
		}
		for range part.IDs {
			if err := scratch.wishFor(p.n, wish); err != nil {
				return p, err
			}
			wish.Position++
			p.n++
		}
		if part.Ask != nil {
			if err := scratch.askFor(p.n-1, part.Ask); err != nil {
				return p, err
			}
		}
		p.bound = max(p.bound, d.bound(d.length+len(part.IDs)))
	}
	return p, first.last().scratch.writeWishes(p.n)
}

// handOut tells every part what was chosen, and fetches what else is wanted, if it is
// not told already.
func handOut(parts []*Part, told bool) error {
	row := 0
	for _, part := range parts {
		part.Chosen, part.Err = part.chosen[:len(part.IDs)], nil
		for i := range part.Chosen {
			var err error
			if part.Chosen[i], err = chosenFrom(part.Decoder.last().raw[4*op.ChosenWords*row:]); err != nil && part.Err == nil && (part.Ask == nil || err != errNoneAllowed) {
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
		if part.Ask != nil && part.Err == nil {
			err = part.Decoder.last().tell(part, row-1, told)
		} else if part.Full {
			err = part.Decoder.last().fetch(row - 1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fetch brings one row of logits of the pass that ended to the host.
func (d *Decoder) fetch(row int) error {
	program, err := d.program(pass{n: row, end: fetch})
	if err != nil {
		return err
	}
	if err := program.Run(context.Background(), d.raw[:4*d.config.Vocab]); err != nil {
		return err
	}
	d.readLogits()
	return nil
}

// stand says where the next n tokens of this conversation stand, which are the rows
// from a first one on of a pass.
func (d *Decoder) stand(row, n int) {
	for i := range n {
		at := d.places[8*(row+i):]
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
