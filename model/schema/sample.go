package schema

import (
	"errors"
	"math/bits"
	"math/rand/v2"
)

// MaxTokens bounds the length of a random text.
const MaxTokens = 2000

// errLost is a random walk that found no way to an end: the schema's shortest text is longer than MaxTokens.
var errLost = errors.New("no text of this schema ends within 2000 tokens")

// Random draws a text by a random walk over the masks: any allowed token, equally likely, but for white space, which is mostly
// passed over. After `free` tokens it turns towards the nearest end. The matcher must be new; it ends where the text does.
func (m *Matcher) Random(r *rand.Rand, free int) ([]int32, error) {
	mask := make([]uint32, m.e.vocab.Words())
	var out []int32
	for len(out) < MaxTokens {
		if m.CanEnd() && (len(out) >= free || r.IntN(2) == 0) {
			return out, nil
		}
		id := int32(-1)
		if len(out) < free {
			m.Mask(mask)
			for range 8 {
				id = pick(mask, r)
				if id < 0 || !m.e.blank(id) {
					break
				}
			}
			if id == m.e.vocab.end && id >= 0 {
				return out, nil
			}
		} else {
			id = m.shortestPath(r)
		}
		if id < 0 {
			return out, errLost
		}
		if err := m.Accept(id); err != nil {
			return out, err
		}
		out = append(out, id)
	}
	return out, errLost
}

// blank says whether a token is nothing but white space.
func (e *engine) blank(id int32) bool {
	for _, b := range e.vocab.tokens.Bytes(id) {
		if !isSpace(b) {
			return false
		}
	}
	return true
}

// pick is a token of the mask, each equally likely, -1 when there is none.
func pick(mask []uint32, r *rand.Rand) int32 {
	n := 0
	for _, w := range mask {
		n += bits.OnesCount32(w)
	}
	if n == 0 {
		return -1
	}
	k := r.IntN(n)
	for i, w := range mask {
		if c := bits.OnesCount32(w); k >= c {
			k -= c
			continue
		}
		for ; k > 0; k-- {
			w &= w - 1
		}
		return int32(32*i + bits.TrailingZeros32(w))
	}
	return -1
}

// shortestPath is a token that leads towards the nearest end: the longest one along the bytes that leave the least to write; -1 when
// no byte leads on.
func (m *Matcher) shortestPath(r *rand.Rand) int32 {
	var path []byte
	for s := m.now.state; len(path) < 12; {
		b, next := m.e.nearest(s, r)
		if next == dead || len(path) > 0 && next.needs() >= s.needs() {
			break
		}
		path, s = append(path, b), next
	}
	for n := len(path); n > 0; n-- {
		if id := m.e.vocab.all.find(path[:n]); id >= 0 && m.Allowed(id) {
			return id
		}
	}
	return -1
}

// nearest is the byte after which the least is to be written, any of the best.
func (e *engine) nearest(s *state, r *rand.Rand) (best byte, to *state) {
	to, left, ties := dead, impossible, 0
	for b := range 256 {
		if isSpace(byte(b)) && !s.text || e.vocab.single[b] < 0 {
			continue
		}
		next := e.after(s, byte(b))
		if next == dead {
			continue
		}
		needs := next.needs()
		if needs < left {
			left, ties = needs, 0
		}
		if needs > left {
			continue
		}
		if ties++; r.IntN(ties) == 0 {
			best, to = byte(b), next
		}
	}
	return best, to
}

// find is the token of exactly these bytes, -1 when there is none.
func (t *trie) find(b []byte) int32 {
	i, end := int32(0), int32(len(t.bytes))
	for d := range b {
		for i < end && t.bytes[i] != b[d] {
			i = t.skip[i]
		}
		if i >= end {
			return -1
		}
		if d == len(b)-1 {
			return t.token[i]
		}
		end = t.skip[i]
		i++
	}
	return -1
}

// needs is the least that any way of reading needs.
func (s *state) needs() int {
	least := impossible
	for _, f := range s.frames {
		least = min(least, f.needs())
	}
	return least
}
