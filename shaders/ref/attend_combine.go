package ref

import "math"

// AttendCombine makes the answer of one query from the parts of its splits.  y [dim]; parts: as AttendSplit gives them
func AttendCombine(y []float32, parts [][]float32) {
	dim := len(y)
	most := math.Inf(-1)
	for _, p := range parts {
		most = max(most, float64(p[dim]))
	}
	weight, sum := 0.0, make([]float64, dim)
	for _, p := range parts {
		scale := math.Exp(float64(p[dim]) - most)
		weight += scale * float64(p[dim+1])
		for c := range sum {
			sum[c] += scale * float64(p[c])
		}
	}
	for c := range y {
		y[c] = float32(sum[c] / weight)
	}
}
