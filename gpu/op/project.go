package op

import (
	"slices"

	"sirocco/gpu"
	"sirocco/shaders"
)

// Project records queries, keys and values of norm(x): of T tokens, turned by the angles of their positions, queries to dst
// [T, Query·Dim], the others to the cache. table and state are as in [RopeKV]. The product goes through wide [T, N] where the cache
// has several parts, or keeps dims under one scale that the matrix has in several parts, or a head does not end with them.
func Project(r *gpu.Recorder, dst, wide gpu.Tensor, c Cache, x DeferredNorm, w *gpu.Matrix, table, state gpu.Tensor, h Heads) {
	rows := x.rows(w.K)
	ok := h.ok() && dst.Len() == rows*h.Query*h.Dim && w.N == (h.Query+2*h.KV)*h.Dim && table.Len() >= h.Dim && placed(state, rows)
	if !fits(r, "queries, keys and values with "+w.Label, ok, append(c.tensors(h), dst, x.Raw, x.Scaled, table, state)...) {
		return
	}
	v := projection(c, x, w, table, state, h)
	if len(c.Parts) > 1 || !inBlocks(w, h, v.whole) {
		MatmulNormed(r, wide, x, w)
		RopeKV(r, dst, c, Fused(wide, h), table, state, h)
		return
	}
	v.all(r, dst)
}

func projection(c Cache, x DeferredNorm, w *gpu.Matrix, table, state gpu.Tensor, h Heads) vectors {
	half := uint32(h.Dim / 2)
	keys, values := c.bindings(c.Parts[0], h)
	v := vectors{
		x: x.Scaled, from: &x, w: w, end: "rope", form: shaders.Defines{"CACHE": c.define()},
		rope: &ropeParams{Half: half, Query: uint32(h.Query) * half, KV: uint32(h.KV) * half, Context: uint32(c.Context)},
		ends: []gpu.Binding{keys, values, table.Binding(), state.Binding()},
	}
	if c.Type == CacheQ8 {
		v.whole = cacheBlock
	}
	return v
}

// inBlocks tells whether heads and parts of the matrix are whole blocks of rows.
func inBlocks(w *gpu.Matrix, h Heads, block int) bool {
	return block == 0 || h.Dim%block == 0 && !slices.ContainsFunc(w.Parts, func(p gpu.Part) bool { return p.First%block != 0 || p.Rows%block != 0 })
}
