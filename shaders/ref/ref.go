// Package ref holds the Go twin of every kernel: the same formula as plain loops over slices, summed in float64, slow and easy to
// check by eye. Tests compare kernels with them; nothing else imports the package.
//
// Open rmsnorm.go first. Names and arguments follow package op, with slices in place of tensors; shapes are in the comments.
package ref

import "math"

// Row is row t of a matrix of rows of n elements.
func Row(x []float32, t, n int) []float32 { return x[t*n : (t+1)*n] }

func dot(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// rotate is a pair of x turned by an angle given as its cos and sin.
func rotate(x, angle []float32) (float32, float32) {
	c, s := float64(angle[0]), float64(angle[1])
	a, b := float64(x[0]), float64(x[1])
	return float32(a*c - b*s), float32(a*s + b*c)
}

func silu(x float64) float64 { return x / (1 + math.Exp(-x)) }
