package op

import (
	"sirocco/gpu"
	"sirocco/shaders"
)

type attendWeightsParams struct {
	Group, Context, Keys, First uint32
	Scale                       float32
}

// AttendWeights records how much one query attends to every key: it adds the softmax of q[h]·k/√Dim over positions 0 to pos0 to
// row h of dst. dst [Query, keys], where keys bounds pos0+1; q [1, Query·Dim], as [Attend] has it.
func AttendWeights(r *gpu.Recorder, dst, q gpu.Tensor, c Cache, state gpu.Tensor, h Heads) {
	rows, keys := rowsOf(dst)
	ok := h.ok() && rows == h.Query && q.Len() == h.Query*h.Dim && keys > 0 && keys <= c.Context && state.Len() >= 2
	if !fits(r, "attend_weights", ok, append(c.tensors(h), dst, q, state)...) {
		return
	}
	defines := shaders.Defines{"HEAD_DIM": define(h.Dim), "CACHE": c.define()}
	for _, part := range c.Parts {
		k, _ := c.bindings(part, h)
		query := part.Heads * h.group()
		params := &attendWeightsParams{
			Group: uint32(h.group()), Context: uint32(c.Context), Keys: uint32(keys), First: uint32(part.First * h.group()), Scale: scale(h),
		}
		r.Cost(4 * int64(query) * int64(h.Dim) * int64(keys))
		dispatch(r, "attend_weights", defines, params, [3]int{query, 1, 1}, dst.Binding(), q.Binding(), k, state.Binding())
	}
}
