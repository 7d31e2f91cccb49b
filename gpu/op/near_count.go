package op

import "sirocco/gpu"

type nearCountParams struct{ Cols, Row uint32 }

// nearCount counts the logits of a row by how far they lie below the best, slice by slice, for [Near].
func nearCount(r *gpu.Recorder, scratch, x, mask, wish, chosen gpu.Tensor, row int, groups [3]int) {
	_, cols := rowsOf(x)
	dispatch(r, "near_count", nil, &nearCountParams{uint32(cols), uint32(row)}, groups,
		scratch.Binding(), x.Binding(), mask.Binding(), wish.Binding(), chosen.Binding())
}
