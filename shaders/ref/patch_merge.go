package ref

// PatchMerge: y[(r,c), ch·m² + dy·m + dx] = x[(r·m+dy)·columns + c·m+dx, ch].  y [P/m², D·m²], x [P, D]
func PatchMerge(y, x []float32, columns, m, d int) {
	i := 0
	for r := range len(x) / d / columns / m {
		for c := range columns / m {
			for ch := range d {
				for dy := range m {
					for dx := range m {
						y[i] = x[((r*m+dy)*columns+c*m+dx)*d+ch]
						i++
					}
				}
			}
		}
	}
}
