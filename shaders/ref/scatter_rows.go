package ref

// ScatterRows: y[t] = src[from[t]] where src has such a row.  y [T, D], src [R, D], from [T]
func ScatterRows(y, src []float32, from []uint32) {
	d := len(y) / len(from)
	for t, row := range from {
		if int(row) < len(src)/d {
			copy(Row(y, t, d), Row(src, int(row), d))
		}
	}
}
