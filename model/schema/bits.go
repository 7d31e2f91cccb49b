package schema

import "math/bits"

// bitset is a fixed-size set of small integers.
type bitset []uint64

func newBits(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) has(i int) bool { return i>>6 < len(b) && b[i>>6]>>(i&63)&1 == 1 }
func (b bitset) set(i int)      { b[i>>6] |= 1 << (i & 63) }

// add takes in all of o and says whether that was news.
func (b bitset) add(o bitset) bool {
	changed := false
	for i := range o {
		changed = changed || o[i]&^b[i] != 0
		b[i] |= o[i]
	}
	return changed
}

// lacking is how many of b are not in seen.
func (b bitset) lacking(seen bitset) int {
	n := 0
	for i := range b {
		x := b[i]
		if i < len(seen) {
			x &^= seen[i]
		}
		n += bits.OnesCount64(x)
	}
	return n
}
