package text

import (
	"sirocco/gpu"
	"sirocco/gpu/op"
)

// passOutput is what a pass hands to the host.
type passOutput int

const (
	outputNone          passOutput = iota
	outputLogits                   // of the last token
	outputSample                   // what follows each token
	outputSampleAndTopK            // what is near the best behind the only token
	outputTopK                     // the same of a row of the last pass
	outputReadback                 // the logits of a row of the last pass
)

// record writes down the whole pass for n tokens: embedding, pictures, layers
// and the ending; or, for the stage behind, the rows as they are. A layer reads
// all chunks of the pass before the next one begins. keys bounds the cache's
// length after the pass.
func (d *Decoder) record(r *gpu.Recorder, n, keys int, pictures []Rows, froms []gpu.Tensor, end passOutput) {
	x := first(d.scratch.x, n)
	if !d.isLaterStage {
		op.Embed(r, x, first(d.scratch.ids, n), d.weights.embedding)
	}
	for i, p := range pictures {
		op.ScatterRows(r, x, p.Tensor, froms[i])
	}
	chunks := d.scratch.chunks(n)
	for i := range d.weights.layers {
		d.weights.upload(r, i)
		for _, s := range chunks {
			if s.n > op.MaxBatch {
				d.layer(r, i, s, keys)
				continue
			}
			if i == 0 || len(chunks) > 1 { // other chunks were normalised meanwhile
				op.ScaleBy(r, s.isNormed, s.x, d.weights.layers[i].attentionNorm)
			}
			d.fusedLayer(r, i, s, keys)
			d.attention.layer(r, d, i, s)
		}
	}
	switch s := chunks[len(chunks)-1]; {
	case d.next != nil:
		r.ReadBack(x.Buffer, x.Offset, int64(4*n*d.config.Dim))
	case end == outputLogits:
		d.head(r, s)
	case end == outputSample:
		d.recordSampling(r, s)
		r.ReadBack(d.scratch.sampled.Buffer, d.scratch.sampled.Offset, int64(4*op.SampledWords*s.n))
	case end == outputSampleAndTopK:
		d.recordSampling(r, s)
		d.recordTopK(r, 0)
	}
}

// layer is one decoder block: norm, attention, add, norm, feed-forward, add.
func (d *Decoder) layer(r *gpu.Recorder, i int, s rows, keys int) {
	w, c := &d.weights.layers[i], d.cache.layers[i]
	eps := float32(d.config.NormEps)
	op.RMSNorm(r, s.isNormed, s.x, w.attentionNorm, eps)
	op.Matmul(r, s.qkv, s.isNormed, w.qkv)
	op.RopeKV(r, s.query, c, op.Fused(s.qkv, d.heads), d.scratch.rope, s.state, d.heads)
	op.Attend(r, s.attended, s.query, c, s.state, d.scratch.partial, d.heads, keys)
	op.MatmulAdd(r, s.x, s.attended, w.output)
	op.RMSNorm(r, s.isNormed, s.x, w.ffnNorm, eps)
	op.Matmul(r, s.gateUp, s.isNormed, w.gateUp)
	op.SwiGLUFused(r, s.hidden, s.gateUp)
	op.MatmulAdd(r, s.x, s.hidden, w.down)
}

// fusedLayer is layer for a few tokens, when reading the weights is all that takes time: the norms, rotations, gates and sums around the
// products are part of them. s.normed holds s.x times the weights of the norm to come.
func (d *Decoder) fusedLayer(r *gpu.Recorder, i int, s rows, keys int) {
	w, c := &d.weights.layers[i], d.cache.layers[i]
	x := d.deferredNorm(s)
	op.Project(r, s.query, s.qkv, c, x, w.qkv, d.scratch.rope, s.state, d.heads)
	op.Attend(r, s.attended, s.query, c, s.state, d.scratch.partial, d.heads, keys)
	op.MatmulResidual(r, s.x, s.isNormed, s.attended, w.output, w.ffnNorm)
	op.GateUp(r, s.hidden, s.gateUp, x, w.gateUp)
	if next := d.normAfter(i); next.Buffer != nil {
		op.MatmulResidual(r, s.x, s.isNormed, s.hidden, w.down, next)
	} else {
		op.MatmulAdd(r, s.x, s.hidden, w.down)
	}
}

func (d *Decoder) deferredNorm(s rows) op.DeferredNorm {
	return op.DeferredNorm{Raw: s.x, Scaled: s.isNormed, Eps: float32(d.config.NormEps)}
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
		op.MatmulNormed(r, one, d.deferredNorm(s), d.weights.logits)
		r.ReadBack(one.Buffer, one.Offset, int64(4*d.config.Vocab))
		return
	}
	r.Copy(d.scratch.last.Buffer, 0, s.x.Buffer, s.x.Offset+int64(s.n-1)*dim*4, dim*4)
	op.RMSNorm(r, d.scratch.lastNormed, d.scratch.last, d.weights.norm, float32(d.config.NormEps))
	op.Matmul(r, one, d.scratch.lastNormed, d.weights.logits)
	r.ReadBack(one.Buffer, one.Offset, int64(4*d.config.Vocab))
}

// recordSampling turns a chunk's rows into logits, which stay, and these into a token each.
func (d *Decoder) recordSampling(r *gpu.Recorder, s rows) {
	all, chosen := first(d.scratch.logits, s.n), first(d.scratch.sampled, s.n)
	op.MatmulNormed(r, all, d.deferredNorm(s), d.weights.logits)
	op.Sample(r, chosen, all, d.scratch.mask, d.scratch.sampling, d.scratch.slices)
}
