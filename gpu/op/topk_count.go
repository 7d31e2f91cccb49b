package op

import "sirocco/gpu"

type topKCountParams struct{ Cols, Row uint32 }

// topKCount counts the logits of a row by how far they lie below the best, slice by slice, for [Near].
func topKCount(r *gpu.Recorder, scratch, x, mask, sampling, chosen gpu.Tensor, row int, groups [3]int) {
	_, cols := rowsOf(x)
	dispatch(r, "topk_count", nil, &topKCountParams{uint32(cols), uint32(row)}, groups,
		scratch.Binding(), x.Binding(), mask.Binding(), sampling.Binding(), chosen.Binding())
}
