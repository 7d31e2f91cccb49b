package op

import (
	"sirocco/gpu"
	"sirocco/shaders"
)

type swigluParams struct{ Count, Cols, Stride, Up uint32 }

// SwiGLU records dst = silu(gate) · up, element by element (docs/model.md, 3.2). dst, gate, up [T, F].
func SwiGLU(r *gpu.Recorder, dst, gate, up gpu.Tensor) {
	_, cols := rowsOf(dst)
	if fits(r, "swiglu", dst.Len() == gate.Len() && dst.Len() == up.Len(), dst, gate, up) {
		params := &swigluParams{uint32(dst.Len()), uint32(cols), uint32(cols), 0}
		dispatch(r, "swiglu", nil, params, elements(r, dst.Len()), dst.Binding(), gate.Binding(), up.Binding())
	}
}

// SwiGLUFused is SwiGLU of a product that made both: x [T, 2F] has the gate in columns 0 to F-1, up behind it. dst [T, F].
func SwiGLUFused(r *gpu.Recorder, dst, x gpu.Tensor) { gatedFused(r, dst, x, nil) }

// GeGLUFused is SwiGLUFused with the exact GELU in place of silu.
func GeGLUFused(r *gpu.Recorder, dst, x gpu.Tensor) {
	gatedFused(r, dst, x, shaders.Defines{"ACT": "gelu"})
}

func gatedFused(r *gpu.Recorder, dst, x gpu.Tensor, defines shaders.Defines) {
	rows, cols := rowsOf(dst)
	xRows, xCols := rowsOf(x)
	if fits(r, "swiglu", rows == xRows && 2*cols == xCols, dst, x) {
		params := &swigluParams{uint32(dst.Len()), uint32(cols), uint32(xCols), uint32(cols)}
		dispatch(r, "swiglu", defines, params, elements(r, dst.Len()), dst.Binding(), x.Binding(), x.Binding())
	}
}
