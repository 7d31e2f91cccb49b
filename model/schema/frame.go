package schema

import (
	"slices"
	"unicode/utf8"
)

// kind is what a frame waits for.
type kind uint8

const (
	atEnd     kind = iota // nothing: the value is complete
	atValue               // the first byte of a value
	inWord                // the rest of true, false, null
	inNumber              // more of a number, or what follows it
	inString              // more of a string value
	inKey                 // more of a property name
	atFirst               // the first name of an object, or its end
	atName                // a name, after a comma
	atColon               // the colon after a name
	afterPair             // a comma or the end of the object
	atItem                // the first item of an array, or its end
	atNext                // an item, after a comma
	afterItem             // a comma or the end of the array
)

// frame is one open value and, above it, what it is inside of: one way to read the text so far. Frames are interned, so that two
// that say the same are the same pointer, and never change.
type frame struct {
	frameKey
	id   uint32
	left int // what needs answers, worked out when first asked; 0: not yet
}

// frameKey is all that tells frames apart. Which fields speak depends on the kind.
type frameKey struct {
	kind kind
	met  uint8 // existence demands served in this object
	up   *frame

	value *value // atValue, and atColon: the property's value
	word  string // inWord: what is to come
	num   *numeral
	text  *digits // inNumber with constraints
	str   *stringLang
	lst   *list
	rec   *record

	counters counters // arrays
	seen     *seen    // objects: the names so far
	n        int32    // characters of a string, properties of an object
	q        int32    // phase of a free number, automaton state of a string, state of keys of a name
	k        int32    // state of kinds of a name
	mode     uint32   // inside a string: see char.go
	taken    span32   // names under other names that begin like this one
}

// seen is the set of property names so far: those the schema speaks of by number, others by text.
type seen struct {
	named  bitset
	others []string // sorted
}

// span32 is a range of seen.others and how many of their bytes have been read.
type span32 struct{ lo, hi, depth int32 }

func (f *frame) progress() progress {
	return progress{f.seen.named, int(f.n), f.met, len(f.seen.others)}
}

// structural says whether white space may stand here.
func (k kind) structural() bool { return k != inWord && k != inNumber && k != inString && k != inKey }

// narrow keeps the names that go on with r.
func (s *seen) narrow(x span32, r rune) span32 {
	if x.lo == x.hi {
		return span32{}
	}
	var buf [4]byte
	piece := string(utf8.AppendRune(buf[:0], r))
	match := func(name string) bool {
		return len(name) >= int(x.depth)+len(piece) && name[x.depth:int(x.depth)+len(piece)] == piece
	}
	lo := int(x.lo)
	for lo < int(x.hi) && !match(s.others[lo]) {
		lo++
	}
	hi := lo
	for hi < int(x.hi) && match(s.others[hi]) {
		hi++
	}
	if lo == hi {
		return span32{}
	}
	return span32{int32(lo), int32(hi), x.depth + int32(len(piece))}
}

// full says whether one of the names ends exactly here.
func (s *seen) full(x span32) bool {
	for i := x.lo; i < x.hi; i++ {
		if len(s.others[i]) == int(x.depth) {
			return true
		}
	}
	return false
}

// forest holds all frames of an engine and the small sets that they share.
type forest struct {
	frames map[frameKey]*frame
	sets   map[string]*seen
	grown  map[grownKey]*seen
	count  uint32 // frames ever made
	texts  map[textKey]*digits
	empty  *seen
	key    []byte
}

// grownKey is a set and what it grows by: a name that the schema speaks of (its index plus one), or another.
type grownKey struct {
	s     *seen
	index int
	name  string
}

type textKey struct {
	up *digits
	b  byte
}

func newForest() *forest {
	return &forest{frames: map[frameKey]*frame{}, sets: map[string]*seen{}, texts: map[textKey]*digits{}, grown: map[grownKey]*seen{}, empty: &seen{}}
}

func (t *forest) frame(k frameKey) *frame {
	if f, ok := t.frames[k]; ok {
		return f
	}
	f := &frame{frameKey: k, id: t.count}
	t.count++
	t.frames[k] = f
	return f
}

// digits is the interned text with one more byte, nil when it is no number.
func (t *forest) digits(d *digits, b byte) *digits {
	k := textKey{d, b}
	out, ok := t.texts[k]
	if !ok {
		out = d.next(b)
		t.texts[k] = out
	}
	return out
}

// named is the set with one more of the names that the schema speaks of.
func (t *forest) named(s *seen, i int, of int) *seen {
	k := grownKey{s: s, index: i + 1}
	if out, ok := t.grown[k]; ok {
		return out
	}
	b := newBits(of)
	copy(b, s.named)
	b.set(i)
	t.grown[k] = t.set(b, s.others)
	return t.grown[k]
}

// other is the set with one more other name.
func (t *forest) other(s *seen, name []byte) *seen {
	if out, ok := t.grown[grownKey{s: s, name: string(name)}]; ok {
		return out
	}
	at, _ := slices.BinarySearch(s.others, string(name))
	out := t.set(s.named, slices.Insert(slices.Clone(s.others), at, string(name)))
	t.grown[grownKey{s: s, name: string(name)}] = out
	return out
}

func (t *forest) set(named bitset, others []string) *seen {
	t.key = t.key[:0]
	for _, w := range named {
		for i := range 8 {
			t.key = append(t.key, byte(w>>(8*i)))
		}
	}
	for _, s := range others {
		t.key = append(append(t.key, 0xFF), s...)
	}
	if s, ok := t.sets[string(t.key)]; ok {
		return s
	}
	s := &seen{named, others}
	t.sets[string(t.key)] = s
	return s
}

func (f *frame) phase() phase {
	if f.text != nil {
		return f.text.phase
	}
	return phase(f.q)
}
