package op

import "sirocco/gpu"

type sampleCombineParams struct{ Slices uint32 }

// sampleCombine finds the best of the slices of every row.
func sampleCombine(r *gpu.Recorder, dst, parts gpu.Tensor, rows, slices int) {
	dispatch(r, "sample_combine", nil, &sampleCombineParams{uint32(slices)}, [3]int{rows, 1, 1}, dst.Binding(), parts.Binding())
}
