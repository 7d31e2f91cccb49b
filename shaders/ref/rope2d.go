package ref

// Rope2D: the first dim/4 pairs of q and k turned by the angles of the patch's row, the others by those of its column; k and v by
// head. Source row t is patch first+t.  y [P, heads, dim]; keys, values [heads, P, dim]; q, k, v [T, heads, dim];
// table [sides, dim/2, 2]
func Rope2D(y, keys, values, q, k, v, table []float32, columns, first, heads, dim int) {
	patches := len(y) / (heads * dim)
	angles := make([]float32, dim)
	for t := range len(q) / (heads * dim) {
		patch := first + t
		copy(angles, Row(table, patch/columns, dim)[:dim/2])
		copy(angles[dim/2:], Row(table, patch%columns, dim)[dim/2:])
		for h := range heads {
			rotateHead(Row(y, patch*heads+h, dim), Row(q, t*heads+h, dim), angles)
			rotateHead(Row(keys, h*patches+patch, dim), Row(k, t*heads+h, dim), angles)
			copy(Row(values, h*patches+patch, dim), Row(v, t*heads+h, dim))
		}
	}
}
