package op

import "sirocco/gpu"

type argmaxParams struct{ Cols uint32 }

// Argmax records the column of the greatest value of each row, the first of equals. dst [T] u32, x [T, N].
func Argmax(r *gpu.Recorder, dst, x gpu.Tensor) {
	rows, cols := rowsOf(x)
	if fits(r, "argmax", dst.Len() == rows, dst, x) {
		dispatch(r, "argmax", nil, &argmaxParams{uint32(cols)}, [3]int{rows, 1, 1}, dst.Binding(), x.Binding())
	}
}
