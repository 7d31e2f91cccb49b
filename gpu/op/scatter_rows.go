package op

import (
	"math"

	"sirocco/gpu"
)

// NoRow in the list of [ScatterRows] leaves a row as it is.
const NoRow uint32 = math.MaxUint32

type scatterRowsParams struct{ Count, Cols, Sources uint32 }

// ScatterRows puts picture rows into a sequence (docs/model.md, 3.6): dst[t] = src[from[t]] wherever from[t] is a row of src. dst [T, D],
// src [R, D], from [T] u32.
func ScatterRows(r *gpu.Recorder, dst, src, from gpu.Tensor) {
	rows, cols := rowsOf(dst)
	sources, width := rowsOf(src)
	if fits(r, "scatter_rows", cols == width && from.Len() == rows, dst, src, from) {
		params := &scatterRowsParams{uint32(dst.Len()), uint32(cols), uint32(sources)}
		dispatch(r, "scatter_rows", nil, params, elements(r, dst.Len()), dst.Binding(), src.Binding(), from.Binding())
	}
}
