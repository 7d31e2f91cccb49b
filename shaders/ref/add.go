package ref

// Add: y += x, element by element; an x shorter than y is repeated.
func Add(y, x []float32) {
	for i := range y {
		y[i] += x[i%len(x)]
	}
}
