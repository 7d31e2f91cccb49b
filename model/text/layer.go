package text

import (
	"sirocco/gpu"
	"sirocco/gpu/op"
)

// ending is what a pass hands to the host.
type ending int

const (
	nothing    ending = iota
	logits            // of the last token
	choose            // what follows each token
	chooseNear        // what is near the best behind the only token
	near              // the same of a row of the last pass
	fetch             // the logits of a row of the last pass
)

// record writes down the whole pass for n tokens: embedding, pictures, layers
// and the ending; or, for the stage behind, the rows as they are. A layer reads
// all chunks of the pass before the next one begins. keys bounds the cache's
// length after the pass.
func (d *Decoder) record(r *gpu.Recorder, n, keys int, pictures []Rows, froms []gpu.Tensor, end ending) {
	x := first(d.scratch.x, n)
	if !d.follows {
		op.Embed(r, x, first(d.scratch.ids, n), d.weights.embedding)
	}
	for i, p := range pictures {
		op.Splice(r, x, p.Tensor, froms[i])
	}
	chunks := d.scratch.chunks(n)
	for i := range d.weights.layers {
		d.weights.bring(r, i)
		for _, s := range chunks {
			if s.n > op.Together {
				d.layer(r, i, s, keys)
				continue
			}
			if i == 0 || len(chunks) > 1 { // other chunks were normalised meanwhile
				op.Weigh(r, s.normed, s.x, d.weights.layers[i].attentionNorm)
			}
			d.folded(r, i, s, keys)
			d.look.layer(r, d, i, s)
		}
	}
	switch s := chunks[len(chunks)-1]; {
	case d.next != nil:
		r.ReadBack(x.Buffer, x.Offset, int64(4*n*d.config.Dim))
	case end == logits:
		d.head(r, s)
	case end == choose:
		d.choices(r, s)
		r.ReadBack(d.scratch.chosen.Buffer, d.scratch.chosen.Offset, int64(4*op.ChosenWords*s.n))
	case end == chooseNear:
		d.choices(r, s)
		d.nearest(r, 0)
	}
}

// layer is one decoder block: norm, attention, add, norm, feed-forward, add.
func (d *Decoder) layer(r *gpu.Recorder, i int, s rows, keys int) {
	w, c := &d.weights.layers[i], d.cache.layers[i]
	eps := float32(d.config.NormEps)
	op.RMSNorm(r, s.normed, s.x, w.attentionNorm, eps)
	op.Matmul(r, s.qkv, s.normed, w.qkv)
	op.RopeKV(r, s.query, c, op.Fused(s.qkv, d.heads), d.scratch.rope, s.state, d.heads)
	op.Attend(r, s.attended, s.query, c, s.state, d.scratch.partial, d.heads, keys)
	op.MatmulAdd(r, s.x, s.attended, w.output)
	op.RMSNorm(r, s.normed, s.x, w.ffnNorm, eps)
	op.Matmul(r, s.gateUp, s.normed, w.gateUp)
	op.SwiGLUFused(r, s.hidden, s.gateUp)
	op.MatmulAdd(r, s.x, s.hidden, w.down)
}

// folded is layer for a few tokens, when reading the weights is all that takes time: the norms, rotations, gates and sums around the
// products are part of them. s.normed holds s.x times the weights of the norm to come.
func (d *Decoder) folded(r *gpu.Recorder, i int, s rows, keys int) {
	w, c := &d.weights.layers[i], d.cache.layers[i]
	x := d.normed(s)
	op.Project(r, s.query, s.qkv, c, x, w.qkv, d.scratch.rope, s.state, d.heads)
	op.Attend(r, s.attended, s.query, c, s.state, d.scratch.partial, d.heads, keys)
	op.MatmulResidual(r, s.x, s.normed, s.attended, w.output, w.ffnNorm)
	op.GateUp(r, s.hidden, s.gateUp, x, w.gateUp)
	if next := d.normAfter(i); next.Buffer != nil {
		op.MatmulResidual(r, s.x, s.normed, s.hidden, w.down, next)
	} else {
		op.MatmulAdd(r, s.x, s.hidden, w.down)
	}
}

func (d *Decoder) normed(s rows) op.Normed {
	return op.Normed{Raw: s.x, Scaled: s.normed, Eps: float32(d.config.NormEps)}
}

// normAfter is the norm behind layer i; none where it is on another device.
func (d *Decoder) normAfter(i int) gpu.Tensor {
	if i+1 < len(d.weights.layers) {
		return d.weights.layers[i+1].attentionNorm
	}
	return d.weights.norm
}

// head turns the last of a chunk's rows into logits and asks for them back.
func (d *Decoder) head(r *gpu.Recorder, s rows) {
	dim := int64(d.config.Dim)
	one := first(d.scratch.logits, 1)
	if s.n == 1 {
		op.MatmulNormed(r, one, d.normed(s), d.weights.logits)
		r.ReadBack(one.Buffer, one.Offset, int64(4*d.config.Vocab))
		return
	}
	r.Copy(d.scratch.last.Buffer, 0, s.x.Buffer, s.x.Offset+int64(s.n-1)*dim*4, dim*4)
	op.RMSNorm(r, d.scratch.lastNormed, d.scratch.last, d.weights.norm, float32(d.config.NormEps))
	op.Matmul(r, one, d.scratch.lastNormed, d.weights.logits)
	r.ReadBack(one.Buffer, one.Offset, int64(4*d.config.Vocab))
}

// choices turns a chunk's rows into logits, which stay, and these into a token each.
func (d *Decoder) choices(r *gpu.Recorder, s rows) {
	all, chosen := first(d.scratch.logits, s.n), first(d.scratch.chosen, s.n)
	op.MatmulNormed(r, all, d.normed(s), d.weights.logits)
	op.Choose(r, chosen, all, d.scratch.mask, d.scratch.wish, d.scratch.slices)
}
