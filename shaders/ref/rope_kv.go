package ref

// RopeKV: pairs (2j, 2j+1) of q and k turned by the angle of position pos0+t; k and v go to the cache.  y, q [T, query, dim];
// k, v [T, kv, dim]; keys, values [kv, context, dim]; table [positions, dim/2, 2]
func RopeKV(y, keys, values, q, k, v, table []float32, pos0, query, kv, dim, context int) {
	for t := range len(q) / (query * dim) {
		angles := Row(table, pos0+t, dim)
		for h := range query {
			rotateHead(Row(y, t*query+h, dim), Row(q, t*query+h, dim), angles)
		}
		for h := range kv {
			rotateHead(Row(keys, h*context+pos0+t, dim), Row(k, t*kv+h, dim), angles)
			copy(Row(values, h*context+pos0+t, dim), Row(v, t*kv+h, dim))
		}
	}
}

// rotateHead turns every pair of a head by its angle.  y, x [dim], angles [dim/2, 2]
func rotateHead(y, x, angles []float32) {
	for i := 0; i < len(x); i += 2 {
		y[i], y[i+1] = rotate(x[i:i+2], angles[i:i+2])
	}
}
