package schema

import "sirocco/model/schema/lang"

// byteDFA is a constrained string's automaton over bytes instead of characters, made as it is walked: what the vocabulary, which is bytes,
// is held against. Lengths are not its business.
type byteDFA struct {
	str    *stringLang
	ids    map[spelt]int32
	places []spelt
	rows   [][]int32 // by place and byte: the next place, unknown, or nowhereToGo
	owing  []owing   // by place
}

// spelt is a place in it: a state of the automaton and what has been read of a character. Where all that the character can still become leads
// to one state, that state is noted instead, with the bytes to come: so most of the world's characters share a few places.
type spelt struct {
	q    int32
	mode uint32
	left int8
}

// owing is what a place says about the length: the characters ended by coming here, and at least how many more the string needs; need is
// negative where that takes a closer look.
type owing struct{ done, need int32 }

const (
	unknown     int32 = 0
	nowhereToGo int32 = -1

	// maxByteDFAStates bounds what is kept for one string: 4 MB.
	maxByteDFAStates = 4096
)

func newByteDFA(s *stringLang) *byteDFA {
	return &byteDFA{str: s, ids: map[spelt]int32{}, places: make([]spelt, 1), rows: make([][]int32, 1), owing: make([]owing, 1)}
}

// byteDFAOf is kept with the engine.
func (e *engine) byteDFAOf(s *stringLang) *byteDFA {
	p := e.byteDFAs[s]
	if p == nil || len(p.places) > maxByteDFAStates {
		p = newByteDFA(s)
		e.byteDFAs[s] = p
	}
	return p
}

func (p *byteDFA) place(at spelt) int32 {
	id, ok := p.ids[at]
	if !ok {
		id = int32(len(p.places))
		p.ids[at] = id
		p.places, p.rows, p.owing = append(p.places, at), append(p.rows, make([]int32, 256)), append(p.owing, p.owed(at))
	}
	return id
}

func (p *byteDFA) owed(at spelt) owing {
	need := int32(p.str.short(at.q, unlimited))
	switch {
	case at.mode != plain:
		return owing{0, -1}
	case at.left > 0:
		return owing{0, need + 1}
	}
	return owing{1, need}
}

// step moves on by one byte of the string's content; the closing quotation mark is none.
func (p *byteDFA) step(at int32, b byte, scratch []int32) int32 {
	to := p.rows[at][b]
	if to == unknown {
		to = nowhereToGo
		if next, ok := p.find(p.places[at], b, scratch); ok {
			to = p.place(next)
		}
		p.rows[at][b] = to
	}
	return to
}

func (p *byteDFA) find(at spelt, b byte, scratch []int32) (spelt, bool) {
	if at.left > 0 {
		return spelt{at.q, at.mode, at.left - 1}, b&0xC0 == 0x80
	}
	if at.mode == plain && b == '"' {
		return at, false
	}
	mode, r, done, ok := readChar(at.mode, b)
	switch {
	case !ok:
		return at, false
	case done:
		q := p.str.next(at.q, r)
		return spelt{q: q}, q != lang.Dead
	}
	spans := reach(mode)
	if q, left, ok := p.settled(at.q, mode, spans[0]); ok {
		return spelt{q: q, left: left}, q != lang.Dead
	}
	return spelt{q: at.q, mode: mode}, p.str.opens(spans, at.q, scratch)
}

// settled says whether a character begun in UTF-8 leads to one state whatever bytes end it, to which, and how many are to come.
func (p *byteDFA) settled(q int32, mode uint32, all span) (to int32, left int8, ok bool) {
	bytes := mode >> 24 & 15
	if mode&kindBits != partial || all.hi-all.lo+1 != 1<<(6*bytes) {
		return 0, 0, false
	}
	if l := p.str.lang; l != nil && l.Until(q, all.lo) < all.hi {
		return 0, 0, false
	}
	return p.str.next(q, all.lo), int8(bytes), true
}

// opens says whether some character of the spans leads on.
func (s *stringLang) opens(spans [3]span, q int32, scratch []int32) bool {
	for _, x := range spans {
		if x.lo <= x.hi && s.lang == nil {
			return true
		}
		if x.lo > x.hi {
			continue
		}
		for _, to := range s.lang.Targets(scratch[:0], q, x.lo, x.hi) {
			if s.live == nil || s.live[to] {
				return true
			}
		}
	}
	return false
}
