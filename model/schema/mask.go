package schema

import "slices"

// maxSpace bounds the white space in one place, so that a text of nothing but white space comes to an end.
const maxSpace = 100

// state is a set of ways to read the text so far, with what has been found out about it.
type state struct {
	frames []*frame
	text   bool         // inside a string or a name
	loose  bool         // white space may follow
	end    bool         // the text may end here
	next   *[256]*state // nil: not known yet
	mask   []uint32     // for no white space so far; nil: not known yet
}

// dead is the state without a way.
var dead = &state{}

// engine finds the states of one schema over one vocabulary as they are needed, and keeps them. It serves one goroutine.
type engine struct {
	*forest
	vocab  *Vocabulary
	root   *value
	states map[string]*state
	masks  int // how many states keep a mask

	keyText     []byte // the property name being closed; nil while walking the vocabulary
	out         []*frame
	id          []byte
	scratch     []int32
	memos       map[*list]map[counters]bool
	left        map[leftKey]*value     // see unique.go
	insideMasks map[insideKey][]uint32 // see inside.go
	contents    map[*record]contents   // see names.go
	begun       []begun
	byteDFAs    map[*stringLang]*byteDFA
	runs        [256]textRun
	path        [256]*state // of the walk, by depth
	spaces      [256]int32
	name        []byte
	users       int
}

// Limits on what an engine keeps: about 100 MB.
const (
	maxStates = 20000
	maxMasks  = 2000
)

func newEngine(root *value, v *Vocabulary) *engine {
	return &engine{forest: newForest(), vocab: v, root: root, states: map[string]*state{}, memos: map[*list]map[counters]bool{}, left: map[leftKey]*value{},
		insideMasks: map[insideKey][]uint32{}, contents: map[*record]contents{}, begun: make([]begun, maxBegun), byteDFAs: map[*stringLang]*byteDFA{}, scratch: make([]int32, 0, 256)}
}

func (e *engine) memo(l *list) map[counters]bool {
	if len(l.counts) == 0 {
		return nil
	}
	m, ok := e.memos[l]
	if !ok {
		m = map[counters]bool{}
		e.memos[l] = m
	}
	return m
}

// start is the state before the first byte.
func (e *engine) start() *state {
	end := e.frame(frameKey{kind: atEnd})
	e.out = append(e.out[:0], e.frame(frameKey{kind: atValue, value: e.root, up: end}))
	return e.gather()
}

// gather interns the ways in e.out as a state.
func (e *engine) gather() *state {
	if len(e.out) == 0 {
		return dead
	}
	if len(e.out) > 1 {
		slices.SortFunc(e.out, func(a, b *frame) int { return int(a.id) - int(b.id) })
		e.out = slices.Compact(e.out)
	}
	e.id = e.id[:0]
	for _, f := range e.out {
		e.id = append(e.id, byte(f.id), byte(f.id>>8), byte(f.id>>16), byte(f.id>>24))
	}
	if s, ok := e.states[string(e.id)]; ok {
		return s
	}
	s := newState(slices.Clone(e.out))
	e.states[string(e.id)] = s
	return s
}

func newState(frames []*frame) *state {
	s := &state{frames: frames}
	for _, f := range frames {
		s.end = s.end || f.kind == atEnd || f.kind == inNumber && f.up.kind == atEnd && f.ended()
	}
	k := frames[0].kind // the kinds of all ways agree on this: JSON's grammar is the same for all
	s.text, s.loose = k == inString || k == inKey, k.structural()
	return s
}

// after is the state one byte on, dead when there is none.
func (e *engine) after(s *state, b byte) *state {
	if s.next == nil {
		s.next = new([256]*state)
	}
	if t := s.next[b]; t != nil {
		return t
	}
	t := e.find(s, b)
	s.next[b] = t
	return t
}

func (e *engine) find(s *state, b byte) *state {
	e.out = e.out[:0]
	for _, f := range s.frames {
		e.step(f, b, &e.out)
	}
	return e.gather()
}

// maskOf gives the mask of s when no white space has been read: one bit per token that can go on. It is kept for the next time.
func (e *engine) maskOf(s *state) []uint32 {
	if s.mask != nil {
		return s.mask
	}
	if e.masks++; e.masks > maxMasks {
		for _, old := range e.states {
			old.mask = nil
		}
		e.masks = 1
	}
	mask := make([]uint32, e.vocab.Words())
	if e.inside(s, mask) {
		e.walk(&e.vocab.quotes, s, mask)
	} else {
		e.walk(&e.vocab.all, s, mask)
	}
	if s.end && e.vocab.end >= 0 {
		mask[e.vocab.end>>5] |= 1 << (e.vocab.end & 31)
	}
	s.mask = mask
	return mask
}

// inside sets the tokens that stay inside the string, for every way to read it by itself: what is allowed is allowed in one of them.
// Then only quotation marks remain to be looked at. It answers false, and sets nothing, inside a name of which there are not many.
func (e *engine) inside(s *state, mask []uint32) bool {
	if !s.text {
		return false
	}
	room := int32(-1)
	for _, f := range s.frames {
		if r, free := f.roomInside(e.vocab.maxTokenBytes); free {
			room = max(room, r)
		}
	}
	for _, f := range s.frames {
		if room < unlimited && f.kind == inKey && !f.apart() {
			return false
		}
	}
	if room >= 0 {
		copy(mask, e.vocab.inside)
		for _, t := range e.vocab.long {
			if t.n <= room {
				break
			}
			mask[t.id>>5] &^= 1 << (t.id & 31)
		}
	}
	for _, f := range s.frames {
		if room == unlimited {
			break
		}
		if f.kind == inKey {
			e.insideName(f, mask)
		} else if _, free := f.roomInside(e.vocab.maxTokenBytes); !free {
			unite(mask, e.insideOf(f))
		}
	}
	return true
}

// unite allows what more allows too.
func unite(mask, more []uint32) {
	for i, word := range more {
		mask[i] |= word
	}
}

// roomInside says whether any characters may follow, and how many, for tokens of at most `longest` characters.
func (f *frame) roomInside(longest int) (room int32, free bool) {
	switch {
	case f.mode != plain:
		return 0, false
	case f.kind == inString && f.str.lang == nil:
		if f.str.max == unlimited {
			return unlimited, true
		}
		return int32(f.str.max) - f.n, true
	case f.kind == inString: // no token is long enough to die, to run out of room, or to leave too little to go
		l := f.str.lang
		return unlimited, l.Doom(f.q) > longest && (f.str.max == unlimited || int(f.n)+longest+l.Farthest() <= f.str.max) &&
			(f.str.min == 0 || l.Longest(f.q) >= unlimited)
	}
	r := f.rec
	return unlimited, r.plenty >= unlimited && r.openTo(f.progress()) && (r.kinds == nil || f.k >= 0 && r.smooth[f.k])
}

// walk tries the tokens of a trie from s and sets the bits of those that can be read.
func (e *engine) walk(t *trie, s *state, mask []uint32) {
	n := int32(len(t.bytes))
	for i := int32(0); i < n; {
		d := t.depth[i]
		from, run := s, int32(0)
		if d > 0 {
			from, run = e.path[d-1], e.spaces[d-1]
		}
		b := t.bytes[i]
		var to *state
		if from.next != nil {
			to = from.next[b]
		}
		if to == nil {
			to = e.after(from, b)
		}
		if to == dead {
			i = t.skip[i]
			continue
		}
		if to.loose && isSpace(b) {
			run++
			if run > maxSpace {
				i = t.skip[i]
				continue
			}
		} else {
			run = 0
		}
		e.path[d], e.spaces[d] = to, run
		if id := t.token[i]; id >= 0 {
			t.set(mask, id)
		}
		i++
	}
}

// evict forgets what the engine has found out, but for the given states, when it has grown too large.
func (e *engine) evict(keep []*state) []*state {
	count := e.forest.count
	empty := e.forest.empty
	e.forest = newForest()
	e.forest.count, e.forest.empty = count, empty
	e.states, e.masks, e.left = map[string]*state{}, 0, map[leftKey]*value{}
	clear(e.insideMasks)
	clear(e.begun)
	clear(e.byteDFAs)
	out := make([]*state, len(keep))
	for i, s := range keep {
		for _, f := range s.frames {
			for ; f != nil; f = f.up {
				e.forest.frames[f.frameKey] = f
			}
		}
		e.out = append(e.out[:0], s.frames...)
		out[i] = e.gather()
	}
	return out
}
