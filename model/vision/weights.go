package vision

import (
	"fmt"

	"sirocco/gpu"
	"sirocco/model/config"
	"sirocco/model/upload"
)

// layer is one encoder block on the device.
type layer struct {
	attentionNorm gpu.Tensor  // [hidden]
	qkv           *gpu.Matrix // [3·heads·headDim, hidden]
	output        *gpu.Matrix // [hidden, heads·headDim]
	ffnNorm       gpu.Tensor  // [hidden]
	gateUp        *gpu.Matrix // [2·ffn, hidden]: gate above up
	down          *gpu.Matrix // [hidden, ffn]
}

// tables are all weights of the tower and the projector.
type tables struct {
	patches *gpu.Matrix // [hidden, channels·patch·patch]
	norm    gpu.Tensor  // [hidden]
	layers  []layer

	projectorNorm gpu.Tensor  // [hidden]
	merge         *gpu.Matrix // [hidden, hidden·merge²]
	in            *gpu.Matrix // [dim, hidden]
	out           *gpu.Matrix // [dim, dim]

	inBias, outBias gpu.Tensor // [dim], where the config says so
}

// loadTables brings the tower's weights to the device. Names are Mistral's
// (docs/model.md, 2.2).
func loadTables(c config.Vision, l *upload.Loader) (*tables, error) {
	t := &tables{}
	steps := []func() error{
		t.matrix(&t.patches, l, "vision_encoder.patch_conv.weight"),
		t.vector(&t.norm, l, "vision_encoder.ln_pre.weight"),
		t.vector(&t.projectorNorm, l, "pre_mm_projector_norm.weight"),
		t.matrix(&t.merge, l, "patch_merger.merging_layer.weight"),
		t.matrix(&t.in, l, "vision_language_adapter.w_in.weight"),
		t.matrix(&t.out, l, "vision_language_adapter.w_out.weight"),
	}
	if c.ProjectorBias {
		steps = append(steps,
			t.vector(&t.inBias, l, "vision_language_adapter.w_in.bias"),
			t.vector(&t.outBias, l, "vision_language_adapter.w_out.bias"),
		)
	}
	t.layers = make([]layer, c.Layers)
	for i := range t.layers {
		b := &t.layers[i]
		prefix := fmt.Sprintf("vision_encoder.transformer.layers.%d.", i)
		a, f := prefix+"attention.", prefix+"feed_forward."
		steps = append(steps,
			t.vector(&b.attentionNorm, l, prefix+"attention_norm.weight"),
			t.matrix(&b.qkv, l, a+"wq.weight", a+"wk.weight", a+"wv.weight"),
			t.matrix(&b.output, l, a+"wo.weight"),
			t.vector(&b.ffnNorm, l, prefix+"ffn_norm.weight"),
			t.matrix(&b.gateUp, l, f+"w1.weight", f+"w3.weight"),
			t.matrix(&b.down, l, f+"w2.weight"),
		)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			t.release()
			return nil, err
		}
	}
	return t, nil
}

func (t *tables) matrix(into **gpu.Matrix, l *upload.Loader, names ...string) func() error {
	return func() (err error) {
		*into, err = l.Matrix(names...)
		return err
	}
}

func (t *tables) vector(into *gpu.Tensor, l *upload.Loader, name string) func() error {
	return func() (err error) {
		*into, err = l.Vector(name)
		return err
	}
}

// release gives all weights back; half-loaded tables are fine.
func (t *tables) release() {
	matrices := []*gpu.Matrix{t.patches, t.merge, t.in, t.out}
	tensors := []gpu.Tensor{t.norm, t.projectorNorm, t.inBias, t.outBias}
	for _, b := range t.layers {
		matrices = append(matrices, b.qkv, b.output, b.gateUp, b.down)
		tensors = append(tensors, b.attentionNorm, b.ffnNorm)
	}
	for _, m := range matrices {
		if m != nil {
			m.Release()
		}
	}
	releaseAll(tensors)
}

func releaseAll(tensors []gpu.Tensor) {
	for _, t := range tensors {
		if t.Buffer != nil {
			t.Buffer.Release()
		}
	}
}
