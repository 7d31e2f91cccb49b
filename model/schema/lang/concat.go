package lang

import "slices"

// concat is the language of the strings that are one of a and then one of b: the subset construction over the state in a and
// the states in b that a string may have led to.
func concat(a, b *Language) (*Language, error) {
	if a.Empty() || b.Empty() {
		return newLanguage(nil, nil), nil
	}
	c := &concatenation{a: a, b: b, number: map[string]int32{}}
	c.state(0, nil)
	for q := 0; q < len(c.places); q++ {
		if len(c.places) > maxStates {
			return nil, ErrTooComplex
		}
		c.rows = append(c.rows, c.row(c.places[q]))
	}
	return newLanguage(c.rows, c.label), nil
}

// place is where a string may have led to.
type place struct {
	inA int32   // Dead when no string of a goes on so
	inB []int32 // ascending
}

// concatenation is the automaton under construction.
type concatenation struct {
	a, b   *Language
	number map[string]int32
	places []place
	label  []int32
	rows   [][]edge
	key    []byte
}

// state numbers a place. Where a accepts, b may begin.
func (c *concatenation) state(inA int32, inB []int32) int32 {
	if inA != Dead && c.a.Accepts(inA) {
		inB = append(inB, 0)
	}
	slices.Sort(inB)
	inB = slices.Compact(inB)
	if inA == Dead && len(inB) == 0 {
		return Dead
	}
	c.key = appendState(c.key[:0], inA)
	accepts := false
	for _, q := range inB {
		c.key = appendState(c.key, q)
		accepts = accepts || c.b.Accepts(q)
	}
	if n, ok := c.number[string(c.key)]; ok {
		return n
	}
	n := int32(len(c.places))
	c.number[string(c.key)] = n
	c.places = append(c.places, place{inA, slices.Clone(inB)})
	c.label = append(c.label, yes(accepts))
	return n
}

func appendState(key []byte, q int32) []byte {
	return append(key, byte(q), byte(q>>8), byte(q>>16), byte(q>>24))
}

// row cuts the characters where any edge changes and joins the targets.
func (c *concatenation) row(p place) []edge {
	cuts := []rune{0}
	if p.inA != Dead {
		cuts = appendLows(cuts, c.a.rows[p.inA])
	}
	for _, q := range p.inB {
		cuts = appendLows(cuts, c.b.rows[q])
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var out []edge
	for _, r := range cuts {
		inA := Dead
		if p.inA != Dead {
			inA = c.a.Next(p.inA, r)
		}
		var inB []int32
		for _, q := range p.inB {
			if to := c.b.Next(q, r); to != Dead {
				inB = append(inB, to)
			}
		}
		to := c.state(inA, inB)
		if n := len(out); n == 0 || out[n-1].to != to {
			out = append(out, edge{r, to})
		}
	}
	return out
}

func appendLows(cuts []rune, row []edge) []rune {
	for _, e := range row {
		cuts = append(cuts, e.lo)
	}
	return cuts
}
