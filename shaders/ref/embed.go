package ref

// Embed: y[t] = w[ids[t]]; ids beyond the table count as its last row.  y [T, K], w [N, K]
func Embed(y []float32, ids []uint32, w []float32, k int) {
	last := uint32(len(w)/k - 1)
	for t, id := range ids {
		copy(Row(y, t, k), Row(w, int(min(id, last)), k))
	}
}
