package text

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"sirocco/gpu"
	"sirocco/gpu/op"
)

// looking is what Look wants of a pass: what the layers of this stage from a certain
// one on attend to, added up.
type looking struct {
	from    int
	weights gpu.Tensor // [heads, positions]
}

// Look reads one token as Step does, without logits, and says how much it attended
// to every position up to its own: the softmax of the scores, averaged over all heads
// of the last third of the layers (rounded up). The weights add up to one.
func (d *Decoder) Look(ctx context.Context, id int32) ([]float32, error) {
	d.one[0] = id
	if err := d.check(d.one[:]); err != nil {
		return nil, err
	}
	defer d.lookAway()
	watched, err := d.watch()
	if err == nil {
		err = d.pass(ctx, d.one[:], nil, nothing)
	}
	if err != nil {
		return nil, fmt.Errorf("looking at what a token attends to: %w", err)
	}
	return d.seen(watched)
}

// watch sets aside where each stage's layers add up their weights, and returns how
// many layers will.
func (d *Decoder) watch() (watched int, err error) {
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
		stage.look = &looking{max(all-watched-before, 0), gpu.Tensor{Buffer: buffer, Shape: shape}}
		before += len(stage.weights.layers)
	}
	return watched, nil
}

func (d *Decoder) lookAway() {
	for ; d != nil; d = d.next {
		if d.look != nil {
			d.look.weights.Buffer.Release()
			d.look = nil
		}
	}
}

// layer records what layer i attends to, where somebody looks. s.query is still its
// own.
func (l *looking) layer(r *gpu.Recorder, d *Decoder, i int, s rows) {
	if l != nil && i >= l.from {
		op.AttendWeights(r, l.weights, s.query, d.cache.layers[i], d.scratch.state, d.heads)
	}
}

// seen averages over heads and layers.
func (d *Decoder) seen(layers int) ([]float32, error) {
	sum := make([]float64, d.length)
	for stage := d; stage != nil; stage = stage.next {
		raw := make([]byte, 4*stage.look.weights.Len())
		if err := stage.look.weights.Buffer.Read(raw, 0); err != nil {
			return nil, err
		}
		for i := range stage.look.weights.Len() {
			sum[i%len(sum)] += float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
		}
	}
	out := make([]float32, len(sum))
	for i, s := range sum {
		out[i] = float32(s / float64(layers*d.heads.Query))
	}
	return out, nil
}
