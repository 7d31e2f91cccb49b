package op

import (
	"sirocco/gpu"
	"sirocco/shaders"
)

type attendCombineParams struct{ Query, Splits, Token uint32 }

// attendCombine adds up the splits of `count` tokens from `token` on.
func attendCombine(r *gpu.Recorder, dst gpu.Tensor, parts gpu.Binding, state gpu.Tensor, h Heads, splits, token, count int) {
	params := &attendCombineParams{Query: uint32(h.Query), Splits: uint32(splits), Token: uint32(token)}
	dispatch(r, "attend_combine", shaders.Defines{"HEAD_DIM": define(h.Dim)}, params, [3]int{h.Query, count, 1},
		dst.Binding(), parts, state.Binding())
}
