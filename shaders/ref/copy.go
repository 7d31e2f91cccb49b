package ref

// Copy: y = x.
func Copy(y, x []float32) { copy(y, x) }
