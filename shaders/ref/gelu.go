package ref

import "math"

// GELU: y = x/2 · (1 + erf(x/√2)), element by element.
func GELU(y, x []float32) {
	for i, v := range x {
		// erfc keeps the left tail, where 1 + erf cancels
		y[i] = float32(float64(v) / 2 * math.Erfc(-float64(v)/math.Sqrt2))
	}
}
