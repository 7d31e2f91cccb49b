package op

import "sirocco/gpu"

type scaleByParams struct{ Count, Period uint32 }

// ScaleBy records dst = x · g, g [D] for every row of x [T, D]: what a [DeferredNorm] has as Scaled, where no product has made it.
func ScaleBy(r *gpu.Recorder, dst, x, g gpu.Tensor) {
	_, cols := rowsOf(x)
	if fits(r, "scale_by", dst.Len() == x.Len() && g.Len() == cols, dst, x, g) {
		params := &scaleByParams{uint32(x.Len()), uint32(cols)}
		dispatch(r, "scale_by", nil, params, elements(r, x.Len()), dst.Binding(), x.Binding(), g.Binding())
	}
}
