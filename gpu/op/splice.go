package op

import (
	"math"

	"sirocco/gpu"
)

// Keep in the list of [Splice] leaves a row as it is.
const Keep uint32 = math.MaxUint32

type spliceParams struct{ Count, Cols, Sources uint32 }

// Splice puts picture rows into a sequence (docs/model.md, 3.6): dst[t] = src[from[t]] wherever from[t] is a row of src. dst [T, D],
// src [R, D], from [T] u32.
func Splice(r *gpu.Recorder, dst, src, from gpu.Tensor) {
	rows, cols := rowsOf(dst)
	sources, width := rowsOf(src)
	if fits(r, "splice", cols == width && from.Len() == rows, dst, src, from) {
		params := &spliceParams{uint32(dst.Len()), uint32(cols), uint32(sources)}
		dispatch(r, "splice", nil, params, elements(r, dst.Len()), dst.Binding(), src.Binding(), from.Binding())
	}
}
