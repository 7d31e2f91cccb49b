// Package vision is the Pixtral tower and its projector: the normalised patches
// of one picture in, one row in the text width per merged patch out. Open this
// file first; layer.go is the network.
package vision

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"sirocco/gpu"
	"sirocco/gpu/op"
	"sirocco/model/config"
	"sirocco/model/imageproc"
	"sirocco/model/upload"
)

// Encoder holds the tower's weights. It is driven by one goroutine.
type Encoder struct {
	config  config.Vision
	dim     int // text width
	device  *gpu.Device
	heads   op.Heads
	weights *tables
	rope    gpu.Tensor // [sides, headDim/2, 2]
}

// Rows are a picture's rows in the text width, [Grid.Rows·Grid.Columns, dim].
// The caller releases them.
type Rows struct {
	Tensor gpu.Tensor
}

// Release gives the rows' memory back.
func (r *Rows) Release() { r.Tensor.Buffer.Release() }

// Bytes is the size of the rows on the device.
func (r *Rows) Bytes() int64 { return r.Tensor.Buffer.Size() }

// New loads the tower and the projector, which writes rows of width dim.
func New(device *gpu.Device, c config.Vision, dim int, l *upload.Loader) (*Encoder, error) {
	if err := supported(c); err != nil {
		return nil, err
	}
	w, err := loadTables(c, l)
	if err != nil {
		return nil, err
	}
	e := &Encoder{
		config: c, dim: dim, device: device, weights: w,
		heads: op.Heads{Query: c.Heads, KV: c.Heads, Dim: c.HeadDim},
	}
	n := sides(c)
	e.rope, err = upload.Floats(device, "rotary table of the tower", ropeTable(n, c.HeadDim, c.RopeTheta), n, c.HeadDim/2, 2)
	if err != nil {
		w.release()
		return nil, err
	}
	return e, nil
}

// supported refuses activations that no checkpoint of the architecture uses.
func supported(c config.Vision) error {
	if c.Activation != config.SiLU && c.Activation != config.GELU {
		return fmt.Errorf("loading the vision tower: its feed-forward uses %q, and Sirocco's kernels know silu and gelu", c.Activation)
	}
	if c.ProjectorAct != config.GELU {
		return fmt.Errorf("loading the projector: it uses %q, and Sirocco's kernels know gelu", c.ProjectorAct)
	}
	return nil
}

// Encode runs one picture through tower and projector.
func (e *Encoder) Encode(ctx context.Context, p *imageproc.Patches) (*Rows, error) {
	s, err := newScratch(e, p.Grid)
	if err != nil {
		return nil, fmt.Errorf("making room for a picture of %d × %d pixels: %w", p.Grid.Width, p.Grid.Height, err)
	}
	defer s.release()
	if err := writeFloats(s.pixels.Buffer, p.Data); err != nil {
		return nil, err
	}
	out, err := e.device.NewBuffer("picture rows", int64(4*p.Grid.Rows*p.Grid.Columns*e.dim))
	if err != nil {
		return nil, err
	}
	rows := &Rows{Tensor: gpu.Tensor{Buffer: out, Shape: []int{p.Grid.Rows * p.Grid.Columns, e.dim}}}
	if err := e.run(ctx, s, rows.Tensor); err != nil {
		rows.Release()
		return nil, err
	}
	return rows, nil
}

// run records and runs the tower, one program per block, so that a cancel is
// felt between blocks of a large picture.
func (e *Encoder) run(ctx context.Context, s *scratch, out gpu.Tensor) error {
	parts := []func(*gpu.Recorder){func(r *gpu.Recorder) { e.embed(r, s) }}
	for i := range e.weights.layers {
		parts = append(parts, func(r *gpu.Recorder) { e.layer(r, &e.weights.layers[i], s) })
	}
	parts = append(parts, func(r *gpu.Recorder) { e.project(r, s, out) })
	for _, part := range parts {
		recorder := e.device.Record("vision")
		part(recorder)
		program, err := recorder.Finish()
		if err != nil {
			return fmt.Errorf("preparing to read a picture: %w", err)
		}
		err = program.Run(ctx, nil)
		program.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

// Close gives the weights back.
func (e *Encoder) Close() {
	e.weights.release()
	releaseAll([]gpu.Tensor{e.rope})
}

// writeFloats uploads values in pieces, so that no second copy of a large
// picture is made at once.
func writeFloats(b *gpu.Buffer, values []float32) error {
	const piece = 1 << 18
	data := make([]byte, 4*min(piece, len(values)))
	for start := 0; start < len(values); start += piece {
		part := values[start:min(start+piece, len(values))]
		for i, v := range part {
			binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(v))
		}
		if err := b.Write(int64(4*start), data[:4*len(part)]); err != nil {
			return err
		}
	}
	return nil
}
