package ref

// Argmax: the column of the greatest value of each row, the first of equals.  y [T], x [T, N]
func Argmax(y []uint32, x []float32) {
	n := len(x) / len(y)
	for t := range y {
		row := Row(x, t, n)
		best := 0
		for c, v := range row {
			if v > row[best] {
				best = c
			}
		}
		y[t] = uint32(best)
	}
}
