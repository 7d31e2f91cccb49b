package ref

// ScaleBy is y = x · g, element by element; g repeats.
func ScaleBy(y, x, g []float32) {
	for i := range y {
		y[i] = x[i] * g[i%len(g)]
	}
}
