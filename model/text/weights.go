package text

import (
	"fmt"

	"sirocco/gpu"
	"sirocco/model/config"
	"sirocco/model/upload"
)

// layer is one decoder block on the device.
type layer struct {
	attentionNorm gpu.Tensor  // [dim]
	qkv           *gpu.Matrix // [(heads + 2·kvHeads)·headDim, dim]
	output        *gpu.Matrix // [dim, heads·headDim]
	ffnNorm       gpu.Tensor  // [dim]
	gateUp        *gpu.Matrix // [2·ffn, dim]: gate above up
	down          *gpu.Matrix // [dim, ffn]

	// Where the four matrices lie when they are not on the device for good: those
	// above are slots then (offload.go).
	offloaded []*gpu.Matrix
}

// tables are all weights of the decoder.
type tables struct {
	embedding *gpu.Matrix // [vocab, dim]
	layers    []layer
	norm      gpu.Tensor  // [dim]
	logits    *gpu.Matrix // [vocab, dim]; the embedding itself when tied
}

// loadTables brings the decoder's weights to the device, or those of the stage
// that stands at a place of it. Names are Mistral's (docs/model.md, 2.2).
func loadTables(c config.Text, at stagePart, l *upload.Loader) (*tables, error) {
	t := &tables{}
	var err error
	if at.embeds {
		err = matrix(&t.embedding, l, "tok_embeddings.weight")
	}
	for i := 0; i < c.Layers && err == nil; i++ {
		t.layers = append(t.layers, layer{})
		matrices := l
		if i >= c.Layers-at.offloaded {
			matrices = l.Offloaded()
		}
		err = t.layers[i].load(at.first+i, l, matrices)
	}
	if err == nil {
		err = t.shareBuffers(l.Device(), c.Layers-at.offloaded)
	}
	if at.ends && err == nil {
		err = t.loadEnd(l)
	}
	if err != nil {
		t.release()
		return nil, err
	}
	return t, nil
}

// loadEnd brings the last norm and the output matrix, which may be the embedding
// table.
func (t *tables) loadEnd(l *upload.Loader) error {
	err := vector(&t.norm, l, "norm.weight")
	switch {
	case err != nil:
		return err
	case l.Has("output.weight"):
		return matrix(&t.logits, l, "output.weight")
	case t.embedding != nil:
		t.logits = t.embedding
		return nil
	}
	return matrix(&t.logits, l, "tok_embeddings.weight")
}

// Stacks names the tensors that are stacked in each of a layer's four matrices.
func Stacks(layer int) [4][]string {
	a, f := fmt.Sprintf("layers.%d.attention.", layer), fmt.Sprintf("layers.%d.feed_forward.", layer)
	return [4][]string{
		{a + "wq.weight", a + "wk.weight", a + "wv.weight"},
		{a + "wo.weight"},
		{f + "w1.weight", f + "w3.weight"},
		{f + "w2.weight"},
	}
}

// matrices are the four, in the order of Stacks.
func (b *layer) matrices() [4]**gpu.Matrix {
	return [4]**gpu.Matrix{&b.qkv, &b.output, &b.gateUp, &b.down}
}

// load brings the norms by one loader and the matrices by another.
func (b *layer) load(i int, norms, matrices *upload.Loader) error {
	prefix := fmt.Sprintf("layers.%d.", i)
	if err := vector(&b.attentionNorm, norms, prefix+"attention_norm.weight"); err != nil {
		return err
	}
	if err := vector(&b.ffnNorm, norms, prefix+"ffn_norm.weight"); err != nil {
		return err
	}
	into := b.matrices()
	for j, names := range Stacks(i) {
		if err := matrix(into[j], matrices, names...); err != nil {
			return err
		}
	}
	return nil
}

func matrix(into **gpu.Matrix, l *upload.Loader, names ...string) (err error) {
	*into, err = l.Matrix(names...)
	return err
}

func vector(into *gpu.Tensor, l *upload.Loader, name string) (err error) {
	*into, err = l.Vector(name)
	return err
}

// release gives all weights back; half-loaded tables are fine.
func (t *tables) release() {
	if t.logits != t.embedding {
		releaseMatrix(t.logits)
	}
	releaseMatrix(t.embedding)
	releaseTensor(t.norm)
	for _, b := range t.layers {
		releaseTensor(b.attentionNorm)
		releaseTensor(b.ffnNorm)
		for _, m := range append([]*gpu.Matrix{b.qkv, b.output, b.gateUp, b.down}, b.offloaded...) {
			releaseMatrix(m)
		}
	}
}

func releaseMatrix(m *gpu.Matrix) {
	if m != nil {
		m.Release()
	}
}

func releaseTensor(t gpu.Tensor) {
	if t.Buffer != nil {
		t.Buffer.Release()
	}
}
