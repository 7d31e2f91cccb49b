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

// setTopK adds to a row's sampling parameters what the device is to tell of the row, for rules that
// the host applies.
func (s *scratch) setTopK(row int, a *sample.TopKRequest) error {
	le, words := binary.LittleEndian, s.samplingBytes[4*op.SamplingWords*row:]
	if a.IgnoreMask {
		le.PutUint32(words[16:], le.Uint32(words[16:])|2)
	}
	le.PutUint32(words[20:], math.Float32bits(float32(1/a.MassTemperature)))
	le.PutUint32(words[24:], uint32(len(a.ExtraIDs)))
	if len(a.ExtraIDs) == 0 {
		return nil
	}
	for i, id := range a.ExtraIDs {
		le.PutUint32(s.extraIDBytes[4*i:], uint32(id))
	}
	return s.extraIDs.Buffer.Write(s.extraIDs.Offset+int64(4*op.MaxExtraIDs*row), s.extraIDBytes[:4*len(a.ExtraIDs)])
}

// recordTopK has the device tell of a row, behind its choice, and asks for it back.
func (d *Decoder) recordTopK(r *gpu.Recorder, row int) {
	s := d.scratch
	op.TopK(r, s.topK, s.sampled, s.logits, s.mask, s.sampling, s.extraIDs, s.counts, row)
	r.ReadBack(s.topK.Buffer, s.topK.Offset, int64(4*s.topK.Len()))
}

// readTopK brings what a part asked for of its row to the host, unless it is there, and
// the whole row where that is not enough.
func (d *Decoder) readTopK(part *Sequence, row int, there bool) error {
	words := d.raw[:4*op.TopKWords(d.config.Vocab)]
	if !there {
		program, err := d.program(pass{n: row, end: outputTopK})
		if err != nil {
			return err
		}
		if err := program.Run(context.Background(), words); err != nil {
			return err
		}
	}
	part.decodeTopK(words, d.config.Vocab)
	if part.Fetched = !part.AcceptTopK(&part.TopKResult); part.Fetched {
		return d.readLogitsRow(row)
	}
	return nil
}

// decodeTopK reads what [op.Near] wrote.
func (p *Sequence) decodeTopK(raw []byte, vocab int) {
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(raw[4*i:]) }
	number := func(i int) float32 { return math.Float32frombits(word(i)) }
	n := &p.TopKResult
	n.ID, n.Logit = int32(word(1)), number(2)
	n.Top, n.TopLogit, n.Sum = int32(word(4)), number(3), float64(number(5))
	best := n.Logit
	if p.TopK.IgnoreMask {
		best = n.TopLogit
	}
	n.Best, n.Floor = float64(best), sample.FloorOf(best, int(word(8)))
	at := 16
	n.Mass = 0
	for range op.TopKSlices(vocab) {
		n.Mass += float64(number(at))
		at++
	}
	n.TopK = n.TopK[:0]
	for i := range int(word(9)) {
		n.TopK = append(n.TopK, sample.TokenLogit{ID: int32(word(at + 2*i)), Logit: number(at + 2*i + 1)})
	}
	slices.SortFunc(n.TopK, func(a, b sample.TokenLogit) int { return cmp.Compare(a.ID, b.ID) })
	at += 2 * op.MaxTopK
	n.Extra = n.Extra[:0]
	for i := range p.TopK.ExtraIDs {
		n.Extra = append(n.Extra, number(at+i))
	}
}
