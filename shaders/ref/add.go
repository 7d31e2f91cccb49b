package ref

// Add: y += x, element by element.
func Add(y, x []float32) {
	for i, v := range x {
		y[i] += v
	}
}
