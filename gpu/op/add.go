package op

import "sirocco/gpu"

type addParams struct{ Count, Period uint32 }

// Add records dst += x, element by element. dst [T, N], x [T, N], or [N]: one row, such as a bias, added to every row.
func Add(r *gpu.Recorder, dst, x gpu.Tensor) {
	_, cols := rowsOf(dst)
	if fits(r, "add", x.Len() == dst.Len() || x.Len() == cols, dst, x) {
		params := &addParams{uint32(dst.Len()), uint32(x.Len())}
		dispatch(r, "add", nil, params, elements(r, dst.Len()), dst.Binding(), x.Binding())
	}
}
