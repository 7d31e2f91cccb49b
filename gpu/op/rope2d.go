package op

import "sirocco/gpu"

type rope2dParams struct {
	Count, Half, Heads, Patches, First, Columns uint32
	QStride, KStride, VStride                   uint32
	KFirst, VFirst                              uint32
}

// Rope2D turns the pairs (2j, 2j+1) of q and k of a picture's patches (docs/model.md, 3.4): for j < Dim/4 by the angle of the patch's row,
// for the others by that of its column. Row t of src is patch first+t of P = the rows of q. q [P, Query·Dim] keeps its order, k
// and v [Query, P, Dim] are stored head by head. table [sides, Dim/2, 2] holds cos and sin of i·f_2j (j < Dim/4) and
// i·f_2(j-Dim/4)+1.
func Rope2D(r *gpu.Recorder, q, k, v gpu.Tensor, src QKV, table gpu.Tensor, columns, first int, h Heads) {
	patches, width := rowsOf(q)
	rows := src.rows(h)
	ok := h.ok() && h.KV == h.Query && rows > 0 && first >= 0 && first+rows <= patches && columns > 0 &&
		width == h.Query*h.Dim && k.Len() == q.Len() && v.Len() == q.Len() && table.Len()%h.Dim == 0
	ok = ok && table.Len()/h.Dim >= max(columns, ceil(patches, columns))
	if !fits(r, "rope2d", ok, q, k, v, src.q, src.k, src.v, table) {
		return
	}
	half := h.Dim / 2
	params := &rope2dParams{
		Count: uint32(rows * h.Query * half), Half: uint32(half), Heads: uint32(h.Query),
		Patches: uint32(patches), First: uint32(first), Columns: uint32(columns),
		QStride: uint32(src.qStride / 2), KStride: uint32(src.kStride / 2), VStride: uint32(src.vStride / 2),
		KFirst: uint32(src.kFirst / 2), VFirst: uint32(src.vFirst / 2),
	}
	dispatch(r, "rope2d", nil, params, elements(r, int(params.Count)),
		q.Binding(), k.Binding(), v.Binding(), src.q.Binding(), src.k.Binding(), src.v.Binding(), table.Binding())
}
