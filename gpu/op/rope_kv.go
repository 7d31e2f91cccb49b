package op

import (
	"sirocco/gpu"
	"sirocco/shaders"
)

type ropeKVParams struct {
	Count, Half, Query, KV, Context uint32
	QStride, KStride, VStride       uint32
	KFirst, VFirst                  uint32
}

// RopeKV turns the pairs (2j, 2j+1) of q and k by the angle of each token's position (docs/model.md, 3.3), writes q to dst and stores keys and
// values in the cache at that position. dst [T, Query·Dim]; table [positions, Dim/2, 2] holds cos and sin; state [T, 2] u32 has for each
// token its position and the first kv head of its conversation in the cache.
func RopeKV(r *gpu.Recorder, dst gpu.Tensor, c Cache, src QKV, table, state gpu.Tensor, h Heads) {
	rows := src.rows(h)
	ok := h.ok() && rows > 0 && dst.Len() == rows*h.Query*h.Dim && table.Len() >= h.Dim && placed(state, rows)
	if !fits(r, "rope_kv", ok, append(c.tensors(h), dst, src.q, src.k, src.v, table, state)...) {
		return
	}
	half := h.Dim / 2
	each := half // invocations of a head
	if c.Type == CacheQ8 {
		each = ceil(h.Dim, cacheBlock)
	}
	query := h.Query // they go with the first part
	for _, part := range c.Parts {
		params := &ropeKVParams{
			Count: uint32(rows * (query + 2*part.Heads) * each), Half: uint32(half),
			Query: uint32(query), KV: uint32(part.Heads), Context: uint32(c.Context),
			QStride: uint32(src.qStride / 2), KStride: uint32(src.kStride / 2), VStride: uint32(src.vStride / 2),
			KFirst: uint32(src.kFirst/2 + part.First*half), VFirst: uint32(src.vFirst/2 + part.First*half),
		}
		keys, values := c.bindings(part, h)
		dispatch(r, "rope_kv", shaders.Defines{"CACHE": c.define()}, params, elements(r, int(params.Count)),
			dst.Binding(), keys, values, src.q.Binding(), src.k.Binding(), src.v.Binding(), table.Binding(), state.Binding())
		query = 0
	}
}
