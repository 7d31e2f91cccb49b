package ref

import "math"

// RMSNorm: y[t,c] = x[t,c] / sqrt(mean of x[t,·]² + eps) · w[c].  y, x [T, D]; w [D]
func RMSNorm(y, x, w []float32, eps float64) {
	d := len(w)
	for t := range len(x) / d {
		in, out := Row(x, t, d), Row(y, t, d)
		scale := 1 / math.Sqrt(dot(in, in)/float64(d)+eps)
		for c := range in {
			out[c] = float32(float64(in[c]) * scale * float64(w[c]))
		}
	}
}
