package vision

import "math"

// ropeTable holds cos and sin for both directions, [sides, headDim/2, 2]: entry
// (i, j) with j < headDim/4 turns a patch in row i, the others one in column i.
// The row takes the even-numbered frequencies, the column the odd ones (fact
// sheet 3.4).
func ropeTable(sides, headDim int, theta float64) []float32 {
	half := headDim / 2
	table := make([]float32, sides*half*2)
	for j := range half {
		k := 2 * j // even-numbered for the row
		if j >= half/2 {
			k = 2*(j-half/2) + 1 // odd-numbered for the column
		}
		frequency := float32(1 / math.Pow(theta, float64(2*k)/float64(headDim)))
		for i := range sides {
			angle := float64(float32(i) * frequency)
			at := (i*half + j) * 2
			table[at] = float32(math.Cos(angle))
			table[at+1] = float32(math.Sin(angle))
		}
	}
	return table
}
