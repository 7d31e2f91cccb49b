package op

import (
	"sirocco/gpu"
	"sirocco/shaders"
)

type embedParams struct{ K, Steps, Last, First, Rows uint32 }

// Embed records dst[t] = row ids[t] of the matrix. dst [T, K] f32, ids [T] u32. An id beyond the matrix counts as its last row: the
// host checks ids before.
func Embed(r *gpu.Recorder, dst, ids gpu.Tensor, w *gpu.Matrix) {
	rows, cols := rowsOf(dst)
	if !fits(r, "embed "+w.Label, cols == w.K && ids.Len() == rows, dst, ids) {
		return
	}
	for _, part := range w.Parts {
		steps := part.Type.Steps(w.K)
		params := &embedParams{uint32(w.K), uint32(steps), uint32(w.N - 1), uint32(part.First), uint32(part.Rows)}
		grid := [3]int{ceil(steps*part.Type.Pieces(), 64), rows, 1}
		bindings := append([]gpu.Binding{dst.Binding(), ids.Binding()}, partBindings(part)...)
		dispatch(r, "embed", shaders.Defines{"TYPE": string(part.Type)}, params, grid, bindings...)
	}
}

// partBindings are the weights and, where there is one, the second plane.
func partBindings(p gpu.Part) []gpu.Binding {
	if p.Words == nil {
		return []gpu.Binding{{Buffer: p.Weights}}
	}
	return []gpu.Binding{{Buffer: p.Weights}, {Buffer: p.Words}}
}
