package tokenizer

import (
	"math"
	"slices"
)

// none is the rank of a byte string that is not in the vocabulary: later than every real one.
const none int32 = math.MaxInt32

// rank looks a byte string up in the vocabulary.
func (t *Tokenizer) rank(s string) int32 {
	if len(s) > t.maxTokenBytes {
		return none
	}
	if rank, ok := t.ranks[s]; ok {
		return rank
	}
	return none
}

// chain merges the bytes of one piece into tokens: parts[i] is the token-to-be that starts at byte i, linked to its
// neighbours by offset, and heap holds the pairs that can be joined, lowest rank first, leftmost among equals.
// Every merge adds at most two pairs, so n bytes take O(n log n) whatever they are, and on the few bytes of a word
// it is as fast as scanning them all. Offsets are 32 bits: a piece of more than 2 GB is out of reach.
//
// A chain is used for one piece after the other to keep its room. The zero value is ready.
type chain struct {
	parts []link
	heap  pairs
}

// link is one part; rank is that of joining it with the next one.
type link struct{ prev, next, rank int32 }

// appendPiece appends the ids of one piece of the split. A piece that is an entry of the vocabulary is that entry;
// any other starts from single bytes, and the neighbours of lowest rank, the leftmost of equals, are joined until no
// two neighbours are in the vocabulary together.
func (t *Tokenizer) appendPiece(dst []int32, piece string, c *chain) []int32 {
	if rank := t.rank(piece); rank != none {
		return append(dst, rank+t.specials())
	}
	c.begin(len(piece))
	for i := range len(piece) - 1 {
		c.offer(int32(i), t.rank(piece[i:i+2]))
	}
	end := int32(len(piece))
	for len(c.heap) > 0 {
		at, rank := c.heap.pop()
		if c.parts[at].rank != rank {
			continue // a neighbour has been joined with another part since
		}
		c.join(at)
		prev, next := c.parts[at].prev, c.parts[at].next
		if next < end {
			c.offer(at, t.rank(piece[at:c.parts[next].next]))
		}
		if prev >= 0 {
			c.offer(prev, t.rank(piece[prev:next]))
		}
	}
	for i := int32(0); i < end; i = c.parts[i].next {
		dst = append(dst, t.rank(piece[i:c.parts[i].next])+t.specials())
	}
	return dst
}

// begin makes a part of every byte, and one more for the end.
func (c *chain) begin(n int) {
	c.parts = slices.Grow(c.parts[:0], n+1)[:n+1]
	for i := range c.parts {
		c.parts[i] = link{int32(i) - 1, int32(i) + 1, none}
	}
	c.heap = slices.Grow(c.heap[:0], n)
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
		c.heap.push(at, rank)
	}
}
