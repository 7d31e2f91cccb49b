package ref

import "math"

// Attend: y[t,h] = mean of the values of head h/(query/kv), weighted by softmax(q[t,h]·k/√dim), over the first visible(t) keys.
// y, q [T, query, dim]; keys, values [kv, context, dim]
func Attend(y, q, keys, values []float32, query, kv, dim, context int, visible func(t int) int) {
	for t := range len(q) / (query * dim) {
		for h := range query {
			at := h / (query / kv) * context * dim
			n := visible(t) * dim
			attendOne(Row(y, t*query+h, dim), Row(q, t*query+h, dim), keys[at:at+n], values[at:at+n])
		}
	}
}

func attendOne(y, q, keys, values []float32) {
	_, weight, sum := weigh(q, keys, values)
	for c := range y {
		y[c] = float32(sum[c] / weight)
	}
}

// weigh is the greatest score m, the sum of e^(s_j - m) and that of e^(s_j - m) · v[j].
func weigh(q, keys, values []float32) (most, weight float64, sum []float64) {
	dim := len(q)
	scores := make([]float64, len(keys)/dim)
	most = math.Inf(-1)
	for j := range scores {
		scores[j] = dot(q, Row(keys, j, dim)) / math.Sqrt(float64(dim))
		most = max(most, scores[j])
	}
	sum = make([]float64, dim)
	for j, s := range scores {
		w := math.Exp(s - most)
		weight += w
		for c, v := range Row(values, j, dim) {
			sum[c] += w * float64(v)
		}
	}
	return most, weight, sum
}
