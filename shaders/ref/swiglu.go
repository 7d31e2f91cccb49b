package ref

// SwiGLU: y = silu(gate) · up, element by element, silu(x) = x / (1 + e^-x).
func SwiGLU(y, gate, up []float32) {
	for i := range y {
		y[i] = float32(silu(float64(gate[i])) * float64(up[i]))
	}
}

// GeGLU: y = gelu(gate) · up, element by element, with the exact GELU.
func GeGLU(y, gate, up []float32) {
	GELU(y, gate)
	for i := range y {
		y[i] *= up[i]
	}
}
