package tekken

// chain is a long piece being merged: parts[i] describes the token-to-be that starts at byte i, linked to its
// neighbours by offset, and heap holds the pairs that can be joined, lowest rank first, leftmost among equals.
// Every merge adds at most two pairs, so n bytes take O(n log n) whatever they are. Offsets are 32 bits: a piece of
// more than 2 GB is out of reach.
type chain struct {
	parts []link
	heap  []uint64 // rank<<32 | offset; entries whose rank is no longer that of the part are stale
}

type link struct{ prev, next, rank int32 }

// mergeLong gives the same ids as mergeShort, for pieces of any length.
func (t *Tokenizer) mergeLong(dst []int32, piece string) []int32 {
	c := chain{parts: make([]link, len(piece)+1), heap: make([]uint64, 0, len(piece))}
	for i := range c.parts {
		c.parts[i] = link{int32(i) - 1, int32(i) + 1, none}
	}
	for i := range len(piece) - 1 {
		c.offer(int32(i), t.rank(piece[i:i+2]))
	}
	end := int32(len(piece))
	for len(c.heap) > 0 {
		top := c.pop()
		at, rank := int32(uint32(top)), int32(top>>32)
		if c.parts[at].rank != rank {
			continue
		}
		c.join(at)
		if next := c.parts[at].next; next < end {
			c.offer(at, t.rank(piece[at:c.parts[next].next]))
		}
		if prev := c.parts[at].prev; prev >= 0 {
			c.offer(prev, t.rank(piece[prev:c.parts[at].next]))
		}
	}
	for i := int32(0); i < end; i = c.parts[i].next {
		dst = append(dst, t.rank(piece[i:c.parts[i].next])+t.specials())
	}
	return dst
}

// join makes one part of the parts at offset at and the next one.
func (c *chain) join(at int32) {
	gone := c.parts[at].next
	next := c.parts[gone].next
	c.parts[at].next, c.parts[at].rank = next, none
	c.parts[next].prev = at
	c.parts[gone].rank = none
}

// offer sets the rank of joining the part at offset at with its neighbour, and queues the pair if it has one.
func (c *chain) offer(at, rank int32) {
	c.parts[at].rank = rank
	if rank != none {
		c.push(uint64(rank)<<32 | uint64(uint32(at)))
	}
}

func (c *chain) push(pair uint64) {
	c.heap = append(c.heap, pair)
	i := len(c.heap) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if c.heap[parent] <= pair {
			break
		}
		c.heap[i] = c.heap[parent]
		i = parent
	}
	c.heap[i] = pair
}

func (c *chain) pop() uint64 {
	top, n := c.heap[0], len(c.heap)-1
	pair := c.heap[n]
	c.heap = c.heap[:n]
	i := 0
	for {
		child := 2*i + 1
		if child >= n {
			break
		}
		if child+1 < n && c.heap[child+1] < c.heap[child] {
			child++
		}
		if pair <= c.heap[child] {
			break
		}
		c.heap[i] = c.heap[child]
		i = child
	}
	if n > 0 {
		c.heap[i] = pair
	}
	return top
}
