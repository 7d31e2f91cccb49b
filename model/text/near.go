package text

import (
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"slices"

	"sirocco/gpu"
	"sirocco/gpu/op"
	"sirocco/model/sample"
)

// askFor adds to a row's wish what the device is to tell of the row, for rules that
// the host applies.
func (s *scratch) askFor(row int, a *sample.Ask) error {
	le, words := binary.LittleEndian, s.wishBytes[4*op.WishWords*row:]
	if a.Raw {
		le.PutUint32(words[16:], le.Uint32(words[16:])|2)
	}
	le.PutUint32(words[20:], math.Float32bits(float32(1/a.Flatness)))
	le.PutUint32(words[24:], uint32(len(a.IDs)))
	if len(a.IDs) == 0 {
		return nil
	}
	for i, id := range a.IDs {
		le.PutUint32(s.askedBytes[4*i:], uint32(id))
	}
	return s.asked.Buffer.Write(s.asked.Offset+int64(4*op.MostAsked*row), s.askedBytes[:4*len(a.IDs)])
}

// nearest has the device tell of a row, behind its choice, and asks for it back.
func (d *Decoder) nearest(r *gpu.Recorder, row int) {
	s := d.scratch
	op.Near(r, s.near, s.chosen, s.logits, s.mask, s.wish, s.asked, s.counts, row)
	r.ReadBack(s.near.Buffer, s.near.Offset, int64(4*s.near.Len()))
}

// tell brings what a part asked for of its row to the host, unless it is there, and
// the whole row where that is not enough.
func (d *Decoder) tell(part *Part, row int, there bool) error {
	words := d.raw[:4*op.NearWords(d.config.Vocab)]
	if !there {
		program, err := d.program(pass{n: row, end: near})
		if err != nil {
			return err
		}
		if err := program.Run(context.Background(), words); err != nil {
			return err
		}
	}
	part.hearNear(words, d.config.Vocab)
	if part.Fetched = !part.Enough(&part.Near); part.Fetched {
		return d.fetch(row)
	}
	return nil
}

// hearNear reads what [op.Near] wrote.
func (p *Part) hearNear(raw []byte, vocab int) {
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(raw[4*i:]) }
	number := func(i int) float32 { return math.Float32frombits(word(i)) }
	n := &p.Near
	n.ID, n.Logit = int32(word(1)), number(2)
	n.Top, n.TopLogit, n.Sum = int32(word(4)), number(3), float64(number(5))
	best := n.Logit
	if p.Ask.Raw {
		best = n.TopLogit
	}
	n.Best, n.Floor = float64(best), sample.FloorOf(best, int(word(8)))
	at := 16
	n.Mass = 0
	for range op.NearSlices(vocab) {
		n.Mass += float64(number(at))
		at++
	}
	n.Listed = n.Listed[:0]
	for i := range int(word(9)) {
		n.Listed = append(n.Listed, sample.Listed{ID: int32(word(at + 2*i)), Logit: number(at + 2*i + 1)})
	}
	slices.SortFunc(n.Listed, func(a, b sample.Listed) int { return cmp.Compare(a.ID, b.ID) })
	at += 2 * op.MostNear
	n.Asked = n.Asked[:0]
	for i := range p.Ask.IDs {
		n.Asked = append(n.Asked, number(at+i))
	}
}
