package ref

// AttendSplit is what one split of keys contributes for one query: the sum of e^(s_j - m) · v[j], then m and the sum of
// e^(s_j - m).  q [dim]; keys, values [n, dim]; the result [dim+2]
func AttendSplit(q, keys, values []float32) []float32 {
	most, weight, sum := weigh(q, keys, values)
	part := make([]float32, 0, len(q)+2)
	for _, v := range sum {
		part = append(part, float32(v))
	}
	return append(part, float32(most), float32(weight))
}
