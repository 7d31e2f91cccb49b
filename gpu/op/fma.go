package op

import "sirocco/gpu"

type fmaParams struct {
	Count, Rounds uint32
	A, B          float32
}

// fmaFlops is what an element of [FMA] computes in a round: 8 times 16 numbers, a product and a sum each.
const fmaFlops = 8 * 32

// FMA records dst[i] = the sum of 16 numbers that go 8·rounds times through v = a·v + b, all in registers: it measures how fast a
// device computes. It returns the number of operations. rounds is at most 65,535.
func FMA(r *gpu.Recorder, dst gpu.Tensor, rounds int, a, b float32) (flops int64) {
	if !fits(r, "fma", rounds > 0 && rounds < 1<<16, dst) {
		return 0
	}
	flops = fmaFlops * int64(rounds) * int64(dst.Len())
	r.Cost(flops)
	dispatch(r, "fma", nil, &fmaParams{uint32(dst.Len()), uint32(rounds), a, b}, elements(r, dst.Len()), dst.Binding())
	return flops
}
