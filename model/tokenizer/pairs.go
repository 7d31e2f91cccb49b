package tokenizer

// pairs is a binary heap of neighbours that can be joined, as rank<<32 | offset: the smallest number is the lowest
// rank, and of equal ranks the leftmost. It is written out because container/heap would box every number.
type pairs []uint64

func (p *pairs) push(at, rank int32) {
	pair := uint64(rank)<<32 | uint64(uint32(at))
	*p = append(*p, pair)
	h, i := *p, len(*p)-1
	for i > 0 {
		parent := (i - 1) / 2
		if h[parent] <= pair {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = pair
}

// pop takes the smallest pair; there must be one.
func (p *pairs) pop() (at, rank int32) {
	h, n := *p, len(*p)-1
	top, pair := h[0], h[n]
	h = h[:n]
	*p = h
	for i := 0; n > 0; {
		child := 2*i + 1
		if child+1 < n && h[child+1] < h[child] {
			child++
		}
		if child >= n || pair <= h[child] {
			h[i] = pair
			break
		}
		h[i] = h[child]
		i = child
	}
	return int32(uint32(top)), int32(top >> 32)
}
