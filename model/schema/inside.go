package schema

// insideKey is a place inside a constrained string, whatever the string is inside of.
type insideKey struct {
	str  *stringLang
	q, n int32
	mode uint32
}

// maxInsideMasks bounds the masks kept for such places: 8 MB with the full vocabulary.
const maxInsideMasks = 512

// textRun is a walk's place inside a string, by depth: of its spelling, and the characters so far.
type textRun struct{ at, n int32 }

// insideOf gives the tokens that stay inside a constrained string.
func (e *engine) insideOf(f *frame) []uint32 {
	key := insideKey{f.str, f.q, f.n, f.mode}
	if f.mode == plain {
		key.n = f.str.distance(f.n, e.vocab.maxTokenBytes)
	}
	return e.insideAt(key)
}

// insideAt follows the string's own automaton, without making states, and its answer serves every string of the same kind.
func (e *engine) insideAt(key insideKey) []uint32 {
	if mask, ok := e.insideMasks[key]; ok {
		return mask
	}
	if len(e.insideMasks) >= maxInsideMasks {
		clear(e.insideMasks)
	}
	mask := make([]uint32, e.vocab.Words())
	e.insideMasks[key] = mask
	if key.mode != plain || !e.mostlyInside(key, mask) {
		e.walkInside(key, mask)
	}
	return mask
}

// walkInside tries the tokens of the whole vocabulary.
func (e *engine) walkInside(key insideKey, mask []uint32) {
	p := e.byteDFAOf(key.str)
	start := textRun{p.place(spelt{q: key.q, mode: key.mode}), key.n}
	switch s := key.str; {
	case key.mode == plain && s.far(key.n, e.vocab.maxTokenBytes):
		e.walkByteDFA(p, start, unlimited, mask)
	case s.min == 0 || s.endless:
		e.walkByteDFA(p, start, s.max, mask)
	default:
		e.walkCounted(p, start, mask)
	}
}

// walkByteDFA tries them where there is only a greatest length to keep to.
func (e *engine) walkByteDFA(p *byteDFA, start textRun, most int, mask []uint32) {
	t := &e.vocab.all
	depth, token, path := t.depth[:len(t.bytes)], t.token[:len(t.bytes)], &e.runs
	for i := 0; i < len(t.bytes); {
		from, d, b := start, depth[i], t.bytes[i]
		if d > 0 {
			from = path[d-1]
		}
		to := p.rows[from.at][b]
		if to == unknown {
			to = p.step(from.at, b, e.scratch)
		}
		ok := to != nowhereToGo
		if ok {
			owing := p.owing[to]
			from = textRun{to, from.n + owing.done}
			ok = int(from.n+owing.need) <= most && (owing.need >= 0 || most == unlimited || e.within(p.str, p.places[to], from.n))
		}
		if !ok {
			i = int(t.skip[i])
			continue
		}
		path[d] = from
		if id := token[i]; id >= 0 {
			t.set(mask, id)
		}
		i++
	}
}

// walkCounted tries them where every length counts.
func (e *engine) walkCounted(p *byteDFA, start textRun, mask []uint32) {
	t := &e.vocab.all
	for i := 0; i < len(t.bytes); {
		at, d := start, t.depth[i]
		if d > 0 {
			at = e.runs[d-1]
		}
		at, ok := e.textByte(p, at, t.bytes[i])
		if !ok {
			i = int(t.skip[i])
			continue
		}
		e.runs[d] = at
		if id := t.token[i]; id >= 0 {
			t.set(mask, id)
		}
		i++
	}
}

// far says whether no token comes near a bound on the length, so that the automaton alone decides.
func (s *stringLang) far(n int32, longest int) bool {
	return s.lang != nil && (s.min == 0 || s.endless) && (s.max == unlimited || int(n)+longest+s.lang.Farthest() <= s.max)
}

// distance is a count that gives the same tokens as n and that more places share: where no token comes near the greatest length, only
// what is missing to the least one can matter.
func (s *stringLang) distance(n int32, longest int) int32 {
	switch {
	case s.far(n, longest):
		return 0
	case s.max < unlimited && s.lang != nil && int(n)+longest+s.lang.Farthest() <= s.max:
		return int32(min(int(n), s.min))
	}
	return n
}

// textByte moves on by one byte of a string's content.
func (e *engine) textByte(p *byteDFA, at textRun, b byte) (textRun, bool) {
	to := p.step(at.at, b, e.scratch)
	if to == nowhereToGo {
		return at, false
	}
	n, s, x := int(at.n)+1, p.str, p.places[to]
	switch {
	case x.mode != plain:
		return textRun{to, at.n}, e.within(s, x, at.n)
	case x.left > 0:
		return textRun{to, at.n}, s.viable(x.q, n)
	}
	return textRun{to, int32(s.clip(n))}, s.viable(x.q, n)
}

// begun is an answer about a character begun. There is one place for each, and newer answers take the place of older ones: the same
// few are asked again and again, for every token that begins so.
type begun struct {
	insideKey
	ok bool
}

const maxBegun = 1 << 10

// within says whether the character begun behind n others can be one that keeps the string viable.
func (e *engine) within(s *stringLang, at spelt, n int32) bool {
	key := insideKey{s, at.q, n, at.mode}
	kept := &e.begun[(at.mode^at.mode>>16^uint32(at.q)*31^uint32(n)*7)%maxBegun]
	if kept.insideKey != key {
		*kept = begun{key, s.within(reach(at.mode), at.q, int(n)+1, e.scratch)}
	}
	return kept.ok
}

// fewestSafe is how many characters must be safe for mostlyInside to be quicker than a walk: few tokens are longer.
const fewestSafe = 16

// mostlyInside sets the tokens that are too short to leave a constrained string's language or outgrow it, and tries the others one
// by one. It answers false, and sets nothing, where too few characters are safe.
func (e *engine) mostlyInside(key insideKey, mask []uint32) bool {
	s, l := key.str, key.str.lang
	if s.live != nil {
		return false
	}
	safe := l.Doom(key.q) - 1
	if s.max < unlimited {
		safe = min(safe, s.max-int(key.n)-l.Farthest())
	}
	if safe < fewestSafe || s.min > 0 && l.Longest(key.q) < unlimited {
		return false
	}
	copy(mask, e.vocab.inside)
	p := e.byteDFAOf(s)
	start := textRun{p.place(spelt{q: key.q}), key.n}
	for _, t := range e.vocab.long {
		if int(t.n) <= safe {
			break
		}
		at, ok := start, true
		for _, b := range e.vocab.tokens.Bytes(t.id) {
			if at, ok = e.textByte(p, at, b); !ok {
				mask[t.id>>5] &^= 1 << (t.id & 31)
				break
			}
		}
	}
	return true
}
