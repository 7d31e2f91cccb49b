package op

import "sirocco/gpu"

type geluParams struct{ Count uint32 }

// GELU records dst = x/2 · (1 + erf(x/√2)), the exact form (docs/model.md, 3.5); both have the same shape.
func GELU(r *gpu.Recorder, dst, x gpu.Tensor) {
	if fits(r, "gelu", dst.Len() == x.Len(), dst, x) {
		dispatch(r, "gelu", nil, &geluParams{uint32(x.Len())}, elements(r, x.Len()), dst.Binding(), x.Binding())
	}
}
