package op

import "sirocco/gpu"

// Heads is the shape of an attention layer. Query heads are shared out evenly: head h uses key and value head h / (Query/KV).
type Heads struct {
	Query, KV int
	Dim       int // of each head, a multiple of 8
}

func (h Heads) ok() bool {
	return h.Query > 0 && h.KV > 0 && h.Query%h.KV == 0 && h.Dim > 0 && h.Dim%8 == 0
}

// group is how many query heads share a key and value head.
func (h Heads) group() int { return h.Query / h.KV }

// QKV says where the projections of a layer lie.
type QKV struct {
	q, k, v gpu.Tensor
	// in elements: the length of a row, and where q, k and v begin in it
	qStride, kStride, vStride int
	kFirst, vFirst            int
}

// Separate is three tensors: q [T, Query·Dim], k and v [T, KV·Dim].
func Separate(q, k, v gpu.Tensor) QKV {
	_, qStride := rowsOf(q)
	_, kStride := rowsOf(k)
	_, vStride := rowsOf(v)
	return QKV{q: q, k: k, v: v, qStride: qStride, kStride: kStride, vStride: vStride}
}

// Fused is one tensor [T, (Query+2·KV)·Dim]: the heads of q, then those of k, then those of v.
func Fused(x gpu.Tensor, h Heads) QKV {
	_, stride := rowsOf(x)
	return QKV{
		q: x, k: x, v: x, qStride: stride, kStride: stride, vStride: stride,
		kFirst: h.Query * h.Dim, vFirst: (h.Query + h.KV) * h.Dim,
	}
}

// rows is the number of tokens, 0 where the shapes are not those of the heads.
func (s QKV) rows(h Heads) int {
	rows, _ := rowsOf(s.q)
	kRows, _ := rowsOf(s.k)
	vRows, _ := rowsOf(s.v)
	width := h.KV * h.Dim
	if kRows != rows || vRows != rows || s.qStride < h.Query*h.Dim || s.kStride < s.kFirst+width || s.vStride < s.vFirst+width {
		return 0
	}
	return rows
}

// placed tells whether state says of every token where it stands: its position, and which kv head of the cache is the first of its
// conversation (the conversation's number times KV). Tokens of one pass may belong to several conversations.
func placed(state gpu.Tensor, tokens int) bool { return state.Len() >= 2*tokens }
