package op

import "sirocco/gpu"

type chooseCombineParams struct{ Slices uint32 }

// chooseCombine finds the best of the slices of every row.
func chooseCombine(r *gpu.Recorder, dst, parts gpu.Tensor, rows, slices int) {
	dispatch(r, "choose_combine", nil, &chooseCombineParams{uint32(slices)}, [3]int{rows, 1, 1}, dst.Binding(), parts.Binding())
}
