package op

import "sirocco/gpu"

type addParams struct{ Count uint32 }

// Add records dst += x, element by element; both have the same shape.
func Add(r *gpu.Recorder, dst, x gpu.Tensor) {
	if fits(r, "add", dst.Len() == x.Len(), dst, x) {
		dispatch(r, "add", nil, &addParams{uint32(x.Len())}, elements(r, x.Len()), dst.Binding(), x.Binding())
	}
}
