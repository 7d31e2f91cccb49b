package op

import (
	"math"

	"sirocco/gpu"
	"sirocco/shaders"
)

type attendParams struct {
	Tokens, Query, Group, Context, Row, Keys, First uint32
	Scale                                           float32
}

// Attend records causal attention (docs/model.md, 3.2): dst[t, h] is the mean of the values at positions 0 to that of token t, weighted by the
// softmax of q[t, h]·k/√Dim. dst, q [T, Query·Dim]; state as in [RopeKV], where more than eight tokens follow each other in one
// conversation. keys is an upper bound of the positions plus one, at most the context, for which the recording is valid; results do not
// depend on it. Up to eight tokens take the split kernel, which gives the same bits for each token
// however many go together, and needs scratch of [AttendScratch] bytes; more take tiles.
func Attend(r *gpu.Recorder, dst, q gpu.Tensor, c Cache, state, scratch gpu.Tensor, h Heads, keys int) {
	tokens, width := rowsOf(q)
	ok := h.ok() && width == h.Query*h.Dim && dst.Len() == q.Len() && keys > 0 && keys <= c.Context && placed(state, tokens)
	if !fits(r, "attend", ok, append(c.tensors(h), dst, q, state)...) {
		return
	}
	if tokens <= MaxBatch {
		attendSplit(r, splitGroup(r, h), dst, q, c, state, scratch, h, keys)
		return
	}
	for _, part := range c.Parts {
		k, v := c.bindings(part, h)
		a := attention{heads: h, first: part.First, count: part.Heads, tokens: tokens, context: c.Context, keys: keys, causal: true, cache: c.define()}
		a.record(r, a.spread(r), dst.Binding(), q.Binding(), k, v, state.Binding())
	}
}

// AttendFull records attention of every patch to every patch of a picture (docs/model.md, 3.4). dst, q [P, Query·Dim]; k, v [Query, P, Dim].
func AttendFull(r *gpu.Recorder, dst, q, k, v gpu.Tensor, h Heads) {
	patches, width := rowsOf(q)
	ok := h.ok() && h.KV == h.Query && width == h.Query*h.Dim && dst.Len() == q.Len() && k.Len() == q.Len() && v.Len() == q.Len()
	if !fits(r, "attend full", ok, dst, q, k, v) {
		return
	}
	a := attention{heads: h, count: h.KV, tokens: patches, context: patches, keys: patches, cache: "f32"}
	a.record(r, a.spread(r), dst.Binding(), q.Binding(), k.Binding(), v.Binding())
}

// attention is one use of the attend kernel: for count kv heads from the first on, which its keys and values are.
type attention struct {
	heads                 Heads
	first, count          int
	tokens, context, keys int
	causal                bool
	cache                 string
}

// spread is how an attention is divided among workgroups and their invocations (see the kernel).
type spread struct{ rows, keys, group, quads, sharers int }

// spread is the device's knob, made to fit the heads.
func (a attention) spread(r *gpu.Recorder) spread {
	k := r.Device().Tuning().Attend
	return spread{rows: k.Rows, keys: k.Keys, group: k.Group, quads: k.Quads}.fit(a.heads.Dim)
}

// fit makes the workgroup wide enough for a head, and shares out what it is wider.
func (s spread) fit(dim int) spread {
	for s.group < dim/4 {
		s.group *= 2
	}
	for s.sharers = 1; 2*s.sharers <= s.group*s.quads/(dim/4); {
		s.sharers *= 2
	}
	return s
}

// record cuts the rows (token, head of a group) into dispatches that are short enough.
func (a attention) record(r *gpu.Recorder, s spread, b ...gpu.Binding) {
	h := a.heads
	defines := shaders.Defines{
		"HEAD_DIM": define(h.Dim), "CACHE": a.cache, "CAUSAL": "0",
		"ROWS": define(s.rows), "KEYS": define(s.keys), "GROUP": define(s.group),
		"QUADS": define(s.quads), "SHARERS": define(s.sharers),
	}
	if a.causal {
		defines["CAUSAL"] = "1"
	}
	perRow := 4 * a.count * h.Dim * a.keys // operations
	groups := max(1, maxRows(r)/(perRow*s.rows))
	all := a.tokens * h.group()
	for row := 0; row < all; row += groups * s.rows {
		rows := min(groups*s.rows, all-row)
		params := &attendParams{
			Tokens: uint32(a.tokens), Query: uint32(h.Query), Group: uint32(h.group()), Context: uint32(a.context),
			Row: uint32(row), Keys: uint32(a.keys), First: uint32(a.first), Scale: scale(h),
		}
		r.Cost(int64(perRow) * int64(rows))
		dispatch(r, "attend", defines, params, [3]int{ceil(rows, s.rows), a.count, 1}, b...)
	}
}

func scale(h Heads) float32 { return float32(1 / math.Sqrt(float64(h.Dim))) }
