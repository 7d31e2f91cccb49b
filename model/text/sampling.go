package text

import (
	"context"
	"encoding/binary"
	"errors"
	"math"

	"sirocco/gpu/op"
)

// SamplingParams says how the device is to choose tokens: the greatest logit, or with a
// temperature a draw that is a function of seed and position.
type SamplingParams struct {
	Seed        uint64
	Temperature float64
	Position    int      // of the first token to be chosen
	Mask        []uint32 // bit id%32 of word id/32: ids that may be chosen; nil: all
}

// SampledToken is a token and its log-probability before temperature and mask, and the
// most likely one, which a mask may have forbidden.
type SampledToken struct {
	ID         int32
	Logprob    float64
	Top        int32
	TopLogprob float64
}

// Sample reads up to [op.DecodeBatch] tokens and chooses, after each of them, the
// next. What it chooses after a token does not depend on the tokens behind, to the
// bit, so that guesses can be checked in one pass: Truncate forgets the wrong
// ones. Only the choices leave the device. The slice is valid until the next call;
// nothing is allocated.
func (d *Decoder) Sample(ctx context.Context, ids []int32, w SamplingParams) ([]SampledToken, error) {
	d.single.IDs, d.single.Sampling = ids, w
	if d.single.Decoder != d { // those of all begin as the first one's
		d.single.Decoder, d.singleBatch = d, []*Sequence{&d.single}
	}
	if err := DecodeBatch(ctx, d.singleBatch); err != nil {
		return nil, err
	}
	return d.single.Sampled, d.single.Err
}

// setSampling says what to choose by in a row. Its mask goes to the device at once, the
// rest with writeSampling.
func (s *scratch) setSampling(row int, w SamplingParams) error {
	le, words := binary.LittleEndian, s.samplingBytes[4*op.SamplingWords*row:]
	le.PutUint64(words[0:], w.Seed)
	le.PutUint32(words[8:], uint32(w.Position))
	le.PutUint32(words[12:], math.Float32bits(float32(w.Temperature)))
	le.PutUint32(words[16:], 0)
	if w.Mask == nil {
		return nil
	}
	le.PutUint32(words[16:], 1)
	for i, word := range w.Mask[:len(s.maskBytes)/4] {
		le.PutUint32(s.maskBytes[4*i:], word)
	}
	return s.mask.Buffer.Write(s.mask.Offset+int64(row*len(s.maskBytes)), s.maskBytes)
}

// writeSampling tells the device what to choose by in the first n rows.
func (s *scratch) writeSampling(n int) error {
	return s.sampling.Buffer.Write(s.sampling.Offset, s.samplingBytes[:4*op.SamplingWords*n])
}

var errNoneAllowed = errors.New("no token is allowed here: the mask forbids all")

// sampledFrom reads the words of one choice (see [op.ChosenWords]).
func sampledFrom(raw []byte) (SampledToken, error) {
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(raw[4*i:]) }
	number := func(i int) float64 { return float64(math.Float32frombits(word(i))) }
	logit, top, sum := number(2), number(3), number(5)
	if !(sum >= 0.5 && sum < math.MaxFloat32) { // the greatest alone makes it 1
		return SampledToken{}, errors.New("the model's values for the next token are not numbers; the weights are damaged or the device miscalculates: verify the model's files, then try another device")
	}
	if word(1) == math.MaxUint32 {
		return SampledToken{}, errNoneAllowed
	}
	return SampledToken{
		ID: int32(word(1)), Logprob: logit - top - math.Log(sum),
		Top: int32(word(4)), TopLogprob: -math.Log(sum),
	}, nil
}
