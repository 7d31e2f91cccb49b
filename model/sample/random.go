package sample

// uniform is the random number in [0, 1) of a position under a seed. It is a
// hash and keeps no state, so an answer that is resumed, or checked several
// tokens at a time, draws the same numbers.
func uniform(seed uint64, position int) float64 {
	h := mix(mix(seed) ^ uint64(position))
	return float64(h>>11) / (1 << 53)
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014) after one step
// of its sequence: every bit of x changes half of the result's.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
