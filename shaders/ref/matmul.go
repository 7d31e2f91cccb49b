package ref

// Matmul: y[t,n] += sum over k of x[t,k] · w[n,k].  y [T, N], x [T, K], w [N, K]
func Matmul(y, x, w []float32, k int) {
	n := len(w) / k
	for t := range len(x) / k {
		for row := range n {
			y[t*n+row] += float32(dot(Row(x, t, k), Row(w, row, k)))
		}
	}
}
