package op

import "sirocco/gpu"

type weighParams struct{ Count, Period uint32 }

// Weigh records dst = x · g, g [D] for every row of x [T, D]: what a [Normed] has as Scaled, where no product has made it.
func Weigh(r *gpu.Recorder, dst, x, g gpu.Tensor) {
	_, cols := rowsOf(x)
	if fits(r, "weigh", dst.Len() == x.Len() && g.Len() == cols, dst, x, g) {
		params := &weighParams{uint32(x.Len()), uint32(cols)}
		dispatch(r, "weigh", nil, params, elements(r, x.Len()), dst.Binding(), x.Binding(), g.Binding())
	}
}
