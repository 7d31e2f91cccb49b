package op

import (
	"sirocco/gpu"
	"sirocco/shaders"
)

type matvecParams struct{ N, K, Steps, Stride, First, Add uint32 }

// mostColumns is how many rows of activations the matvec kernel takes.
const mostColumns = 8

// share is the shape of a matvec workgroup. It depends on the matrix and the device only, never on the number of rows: the order
// of summation follows from it.
type share struct{ rows, lanes, slices int }

func shareFor(r *gpu.Recorder) share {
	if software(r) {
		return share{rows: 4, lanes: 32, slices: 1}
	}
	return share{rows: 1, lanes: 32, slices: 8}
}

func matvec(r *gpu.Recorder, s share, dst, x gpu.Tensor, w *gpu.Matrix, part gpu.Part, add uint32) {
	rows, _ := rowsOf(x)
	defines := shaders.Defines{
		"TYPE": string(part.Type), "X": rowForm(part.Type, w.K), "COLS": define(rows),
		"ROWS": define(s.rows), "LANES": define(s.lanes), "SLICES": define(s.slices),
	}
	params := &matvecParams{
		N: uint32(part.Rows), K: uint32(w.K), Steps: uint32(part.Type.Steps(w.K)),
		Stride: uint32(w.N), First: uint32(part.First), Add: add,
	}
	r.Cost(2 * int64(part.Rows) * int64(w.K) * int64(rows))
	dispatch(r, "matvec", defines, params, [3]int{ceil(part.Rows, s.lanes*s.rows), 1, 1},
		append([]gpu.Binding{dst.Binding(), x.Binding()}, partBindings(part)...)...)
}
