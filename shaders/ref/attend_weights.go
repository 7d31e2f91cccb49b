package ref

import "math"

// AttendWeights adds to y the softmax of q·k/√dim of every query head over the first visible keys. y [query, stride]; q [query, dim];
// keys [kv, context, dim]
func AttendWeights(y, q, keys []float32, query, kv, dim, context, visible int) {
	stride := len(y) / query
	for h := range query {
		at := h / (query / kv) * context * dim
		row := Row(q, h, dim)
		most, total, _ := weigh(row, keys[at:at+visible*dim], keys[at:at+visible*dim])
		for j := range visible {
			s := dot(row, Row(keys, at/dim+j, dim)) / math.Sqrt(float64(dim))
			y[h*stride+j] += float32(math.Exp(s-most) / total)
		}
	}
}
