package text

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"sirocco/gpu"
	"sirocco/gpu/op"
)

// attentionProbe is what Look wants of a pass: what the layers of this stage from a certain
// one on attend to, added up.
type attentionProbe struct {
	from    int
	weights gpu.Tensor // [heads, positions]
}

// Attention reads one token as Step does, without logits, and says how much it attended
// to every position up to its own: the softmax of the scores, averaged over all heads
// of the last third of the layers (rounded up). The weights add up to one.
func (d *Decoder) Attention(ctx context.Context, id int32) ([]float32, error) {
	d.one[0] = id
	if err := d.check(d.one[:]); err != nil {
		return nil, err
	}
	defer d.endAttention()
	watched, err := d.beginAttention()
	if err == nil {
		err = d.pass(ctx, d.one[:], nil, outputNone)
	}
	if err != nil {
		return nil, fmt.Errorf("looking at what a token attends to: %w", err)
	}
	return d.attentionWeights(watched)
}

// beginAttention sets aside where each stage's layers add up their weights, and returns how
// many layers will.
func (d *Decoder) beginAttention() (watched int, err error) {
	all := 0
	for stage := d; stage != nil; stage = stage.next {
		all += len(stage.weights.layers)
	}
	watched = (all + 2) / 3
	before := 0
	for stage := d; stage != nil; stage = stage.next {
		shape := []int{stage.heads.Query, d.length + 1}
		buffer, err := stage.device.NewBuffer("attention weights", 4*int64(shape[0])*int64(shape[1]))
		if err != nil {
			return 0, err
		}
		stage.attention = &attentionProbe{max(all-watched-before, 0), gpu.Tensor{Buffer: buffer, Shape: shape}}
		before += len(stage.weights.layers)
	}
	return watched, nil
}

func (d *Decoder) endAttention() {
	for ; d != nil; d = d.next {
		if d.attention != nil {
			d.attention.weights.Buffer.Release()
			d.attention = nil
		}
	}
}

// layer records what layer i attends to, where somebody looks. s.query is still its
// own.
func (l *attentionProbe) layer(r *gpu.Recorder, d *Decoder, i int, s rows) {
	if l != nil && i >= l.from {
		op.AttendWeights(r, l.weights, s.query, d.cache.layers[i], d.scratch.state, d.heads)
	}
}

// attentionWeights averages over heads and layers.
func (d *Decoder) attentionWeights(layers int) ([]float32, error) {
	sum := make([]float64, d.length)
	for stage := d; stage != nil; stage = stage.next {
		raw := make([]byte, 4*stage.attention.weights.Len())
		if err := stage.attention.weights.Buffer.Read(raw, 0); err != nil {
			return nil, err
		}
		for i := range stage.attention.weights.Len() {
			sum[i%len(sum)] += float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
		}
	}
	out := make([]float32, len(sum))
	for i, s := range sum {
		out[i] = float32(s / float64(layers*d.heads.Query))
	}
	return out, nil
}
