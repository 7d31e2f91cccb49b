package model

import "math"

// fitted is the polynomial of a degree whose relative distances from the values
// have the least sum of squares.
func fitted(x, y []float64, degree int) []float64 {
	n := degree + 1
	rows := make([][]float64, n) // the normal equations
	for i := range rows {
		rows[i] = make([]float64, n+1)
		for k := range x {
			w := math.Pow(x[k], float64(i)) / (y[k] * y[k])
			for j := range n {
				rows[i][j] += w * math.Pow(x[k], float64(j))
			}
			rows[i][n] += w * y[k]
		}
	}
	return solved(rows)
}

// solved solves linear equations whose last column is the right side.
func solved(rows [][]float64) []float64 {
	n := len(rows)
	for i := range n {
		for j := i + 1; j < n; j++ {
			f := rows[j][i] / rows[i][i]
			for k := i; k <= n; k++ {
				rows[j][k] -= f * rows[i][k]
			}
		}
	}
	out := make([]float64, n)
	for i := n - 1; i >= 0; i-- {
		out[i] = rows[i][n]
		for k := i + 1; k < n; k++ {
			out[i] -= rows[i][k] * out[k]
		}
		out[i] /= rows[i][i]
	}
	return out
}

func polynomial(c []float64, x float64) (y float64) {
	for i := len(c) - 1; i >= 0; i-- {
		y = y*x + c[i]
	}
	return y
}
