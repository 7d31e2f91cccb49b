package vision

import (
	"sirocco/gpu"
	"sirocco/gpu/op"
	"sirocco/model/config"
)

// embed is the patch convolution, as a matrix product over flattened patches,
// and the norm before the first block.
func (e *Encoder) embed(r *gpu.Recorder, s *scratch) {
	s.chunks(func(first, n int) {
		op.Matmul(r, rows(s.normed, first, n), rows(s.pixels, first, n), e.weights.patches)
	})
	op.RMSNorm(r, s.x, s.normed, e.weights.norm, float32(e.config.NormEps))
}

// layer is one encoder block: norm, attention over the whole picture, add,
// norm, feed-forward, add. Wide intermediates exist for one chunk of patches at
// a time, so that memory stays linear in the patches and below one binding.
func (e *Encoder) layer(r *gpu.Recorder, w *layer, s *scratch) {
	eps := float32(e.config.NormEps)
	op.RMSNorm(r, s.normed, s.x, w.attentionNorm, eps)
	s.chunks(func(first, n int) {
		qkv := view(s.wide, n, w.qkv.N)
		op.Matmul(r, qkv, rows(s.normed, first, n), w.qkv)
		op.Rope2D(r, s.query, s.keys, s.values, op.Fused(qkv, e.heads), e.rope, s.columns, first, e.heads)
	})
	op.AttendFull(r, s.attended, s.query, s.keys, s.values, e.heads)
	op.MatmulAdd(r, s.x, s.attended, w.output)
	op.RMSNorm(r, s.normed, s.x, w.ffnNorm, eps)
	s.chunks(func(first, n int) {
		gateUp, hidden := view(s.wide, n, w.gateUp.N), view(s.hidden, n, w.down.K)
		op.Matmul(r, gateUp, rows(s.normed, first, n), w.gateUp)
		if e.config.Activation == config.GELU {
			op.GeGLUFused(r, hidden, gateUp)
		} else {
			op.SwiGLUFused(r, hidden, gateUp)
		}
		op.MatmulAdd(r, rows(s.x, first, n), hidden, w.down)
	})
}

// project norms every patch, merges neighbours, and brings them to the text
// width: norm → merge → w_in → GELU → w_out.
func (e *Encoder) project(r *gpu.Recorder, s *scratch, out gpu.Tensor) {
	w := e.weights
	op.RMSNorm(r, s.normed, s.x, w.projectorNorm, float32(e.config.ProjectorNormEps))
	op.PatchMerge(r, s.gathered, s.normed, s.columns, e.config.Merge)
	op.Matmul(r, s.merged, s.gathered, w.merge)
	op.Matmul(r, s.in, s.merged, w.in)
	if e.config.ProjectorBias {
		op.Add(r, s.in, w.inBias)
	}
	op.GELU(r, s.activated, s.in)
	op.Matmul(r, out, s.activated, w.out)
	if e.config.ProjectorBias {
		op.Add(r, out, w.outBias)
	}
}
