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
	key := insideKey{f.str, f.q, f.n, f.mode}
	if mask, ok := e.insides[key]; ok {
		return mask
	}
	if len(e.insides) >= mostInsides {
		clear(e.insides)
	}
	mask := make([]uint32, e.vocab.Words())
	t := &e.vocab.all
	rows := e.asciiOf(f.str)
	for i, n := int32(0), int32(len(t.bytes)); i < n; {
		d := t.depth[i]
		at := textRun{f.q, f.n, f.mode}
		if d > 0 {
			at = e.runs[d-1]
		}
		next, ok := e.textByte(f.str, rows, at, t.bytes[i])
		if !ok {
			i = t.skip[i]
			continue
		}
		e.runs[d] = next
		if id := t.token[i]; id >= 0 {
			mask[id>>5] |= 1 << (id & 31)
			for _, id := range t.twin[id] {
				mask[id>>5] |= 1 << (id & 31)
			}
		}
		i++
	}
	e.insides[key] = mask
	return mask
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
		return textRun{at.q, at.n, mode}, s.within(reach(mode), at.q, int(at.n)+1, e.scratch)
	}
	q := s.next(at.q, r)
	if q == lang.Dead || !s.viable(q, int(at.n)+1) {
		return at, false
	}
	return textRun{q, int32(s.clip(int(at.n) + 1)), plain}, true
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
