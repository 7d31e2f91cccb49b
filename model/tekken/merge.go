package tekken

import "math"

// none is the rank of a byte string that is not in the vocabulary: later than every real one.
const none int32 = math.MaxInt32

// shortPiece is the longest piece, in bytes, merged by scanning for the lowest pair again after every merge.
// That is quadratic, but on the few bytes of a real word it is faster than keeping a heap.
const shortPiece = 64

// appendPiece appends the ids of one piece of the split.
func (t *Tokenizer) appendPiece(dst []int32, piece string) []int32 {
	if rank := t.rank(piece); rank != none {
		return append(dst, rank+t.specials())
	}
	if len(piece) <= shortPiece {
		return t.mergeShort(dst, piece)
	}
	return t.mergeLong(dst, piece)
}

// rank looks a byte string up in the vocabulary.
func (t *Tokenizer) rank(s string) int32 {
	if len(s) > t.longest {
		return none
	}
	if rank, ok := t.ranks[s]; ok {
		return rank
	}
	return none
}

// part is the start of one token-to-be inside a piece and the rank that joining it with the next one would have.
type part struct{ start, rank int32 }

// mergeShort starts from single bytes and joins the neighbours of lowest rank, the leftmost of equals, until no two
// neighbours are in the vocabulary together.
func (t *Tokenizer) mergeShort(dst []int32, piece string) []int32 {
	var room [shortPiece + 1]part
	parts := room[:len(piece)+1]
	for i := range parts {
		parts[i] = part{int32(i), none}
	}
	for i := range len(piece) - 1 {
		parts[i].rank = t.rank(piece[i : i+2])
	}
	// joined is the rank of parts i and i+1 together.
	joined := func(i int) int32 {
		if i < 0 || i+2 >= len(parts) {
			return none
		}
		return t.rank(piece[parts[i].start:parts[i+2].start])
	}
	for i := lowest(parts); i >= 0; i = lowest(parts) {
		parts = append(parts[:i+1], parts[i+2:]...)
		parts[i].rank = joined(i)
		if i > 0 {
			parts[i-1].rank = joined(i - 1)
		}
	}
	for i := range len(parts) - 1 {
		dst = append(dst, t.rank(piece[parts[i].start:parts[i+1].start])+t.specials())
	}
	return dst
}

// lowest finds the leftmost part of lowest rank, or -1 when nothing can be joined.
func lowest(parts []part) int {
	best, at := none, -1
	for i, p := range parts {
		if p.rank < best {
			best, at = p.rank, i
		}
	}
	return at
}
