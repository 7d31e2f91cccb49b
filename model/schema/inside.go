package schema

import "sirocco/model/schema/lang"

// insideKey is a place inside a constrained string, whatever the string is inside of.
type insideKey struct {
	str  *strand
	q, n int32
	mode uint32
}

// mostInsides bounds the masks kept for such places: 8 MB with the full vocabulary.
const mostInsides = 512

// textRun is a walk's place inside a string, by depth.
type textRun struct {
	q, n int32
	mode uint32
}

// insideOf gives the tokens that stay inside a constrained string. It follows the string's own automaton, without making states,
// and its answer serves every string of the same kind.
func (e *engine) insideOf(f *frame) []uint32 {
	start := textRun{f.q, f.n, f.mode}
	if f.mode == plain {
		start.n = f.str.told(f.n, e.vocab.longest)
	}
	key := insideKey{f.str, start.q, start.n, start.mode}
	if mask, ok := e.insides[key]; ok {
		return mask
	}
	if len(e.insides) >= mostInsides {
		clear(e.insides)
	}
	mask := make([]uint32, e.vocab.Words())
	e.insides[key] = mask
	e.walkInside(f.str, start, mask)
	return mask
}

// walkInside tries the tokens of the whole vocabulary.
func (e *engine) walkInside(s *strand, start textRun, mask []uint32) {
	t, rows := &e.vocab.all, e.asciiOf(s)
	far := start.mode == plain && s.far(start.n, e.vocab.longest)
	depth, token := t.depth[:len(t.bytes)], t.token[:len(t.bytes)]
	for i := 0; i < len(t.bytes); {
		at, d := start, depth[i]
		if d > 0 {
			at = e.runs[d-1]
		}
		ok, b := false, t.bytes[i]
		if far && at.mode == plain && b >= 0x20 && b < 0x80 && b != '\\' && b != '"' { // most bytes: the automaton alone decides
			at.q = e.asciiRow(s, rows, at.q)[b]
			ok = at.q != lang.Dead
		} else {
			at, ok = e.textByte(s, rows, at, b)
		}
		if !ok {
			i = int(t.skip[i])
			continue
		}
		e.runs[d] = at
		if id := token[i]; id >= 0 {
			t.set(mask, id)
		}
		i++
	}
}

// far says whether no token comes near a bound on the length, so that the automaton alone decides.
func (s *strand) far(n int32, longest int) bool {
	return s.lang != nil && (s.min == 0 || s.endless) && (s.max == unlimited || int(n)+longest+s.lang.Farthest() <= s.max)
}

// told is a count that gives the same tokens as n and that more places share: where no token comes near the greatest length, only
// what is missing to the least one can matter.
func (s *strand) told(n int32, longest int) int32 {
	switch {
	case s.far(n, longest):
		return 0
	case s.max < unlimited && s.lang != nil && int(n)+longest+s.lang.Farthest() <= s.max:
		return int32(min(int(n), s.min))
	}
	return n
}

// textByte moves on by one byte of a string's content; the closing quotation mark is none.
func (e *engine) textByte(s *strand, rows [][]int32, at textRun, b byte) (textRun, bool) {
	if at.mode == plain && b == '"' {
		return at, false
	}
	if at.mode == plain && b >= 0x20 && b < 0x80 && b != '\\' {
		q := e.asciiRow(s, rows, at.q)[b]
		if q == lang.Dead || !s.viable(q, int(at.n)+1) {
			return at, false
		}
		return textRun{q, int32(s.clip(int(at.n) + 1)), plain}, true
	}
	mode, r, done, ok := readChar(at.mode, b)
	switch {
	case !ok:
		return at, false
	case !done:
		return textRun{at.q, at.n, mode}, e.within(s, at, mode)
	}
	q := s.next(at.q, r)
	if q == lang.Dead || !s.viable(q, int(at.n)+1) {
		return at, false
	}
	return textRun{q, int32(s.clip(int(at.n) + 1)), plain}, true
}

// begun is an answer about a character begun. There is one place for each, and newer answers take the place of older ones: the same
// few are asked again and again, for every token that begins so.
type begun struct {
	insideKey
	ok bool
}

const mostBegun = 1 << 10

// within says whether the character begun can be one that keeps the string viable.
func (e *engine) within(s *strand, at textRun, mode uint32) bool {
	key := insideKey{s, at.q, at.n, mode}
	kept := &e.begun[(mode^mode>>16^uint32(at.q)*31^uint32(at.n)*7)%mostBegun]
	if kept.insideKey != key {
		*kept = begun{key, s.within(reach(mode), at.q, int(at.n)+1, e.scratch)}
	}
	return kept.ok
}

// asciiOf is the table of a string's automaton for the characters below 128, its rows filled when first needed.
func (e *engine) asciiOf(s *strand) [][]int32 {
	rows, ok := e.ascii[s]
	if !ok {
		n := 1
		if s.lang != nil {
			n = s.lang.Len()
		}
		rows = make([][]int32, n)
		e.ascii[s] = rows
	}
	return rows
}

func (e *engine) asciiRow(s *strand, rows [][]int32, q int32) []int32 {
	if rows[q] == nil {
		row := make([]int32, 128)
		for r := range row {
			row[r] = s.next(q, rune(r))
		}
		rows[q] = row
	}
	return rows[q]
}

// fewestSafe is how many characters must be safe for mostlyInside to be quicker than a walk: few tokens are longer.
const fewestSafe = 16

// mostlyInside sets the tokens that are too short to leave a constrained string's language or outgrow it, and tries the others one
// by one. It answers false, and sets nothing, where too few characters are safe.
func (e *engine) mostlyInside(f *frame, mask []uint32) bool {
	s, l := f.str, f.str.lang
	safe := l.Doom(f.q) - 1
	if s.max < unlimited {
		safe = min(safe, s.max-int(f.n)-l.Farthest())
	}
	if safe < fewestSafe || s.min > 0 && l.Longest(f.q) < unlimited {
		return false
	}
	copy(mask, e.vocab.inside)
	rows := e.asciiOf(s)
	for _, t := range e.vocab.long {
		if int(t.n) <= safe {
			break
		}
		at, ok := textRun{f.q, f.n, plain}, true
		for _, b := range e.vocab.tokens.Bytes(t.id) {
			if at, ok = e.textByte(s, rows, at, b); !ok {
				mask[t.id>>5] &^= 1 << (t.id & 31)
				break
			}
		}
	}
	return true
}
