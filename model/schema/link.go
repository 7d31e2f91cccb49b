package schema

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"sirocco/model/schema/lang"
)

// value is a linked node: what the matcher asks when a JSON value begins. Its alternatives are tried side by side.
type value struct {
	null, yes, no bool
	nums          []*numeral
	strs          []*stringLang
	lsts          []*list
	recs          []*record
	cost          int // least number of bytes of a value, impossible when there is none
}

// stringLang is a set of strings ready to be walked.
type stringLang struct {
	min, max int // characters; both beside a language only if it stretches, so that shortest and longest ways decide exactly
	lang     *lang.Language
	live     []bool // per state of lang: some string that counts goes on from it; nil: from all
	endless  bool   // whatever was read, it can go on for as long as one likes
}

// list is a set of arrays ready to be walked. Position i stands for item min(i, len(items)-1).
type list struct {
	min, max int
	items    [][]option
	counts   []counter
	unique   bool
	void     bool // it asks for more different items than there are
}

// option is one way to read an item or a property: its value, and which counters or existence demands it then serves.
type option struct {
	value *value
	serve uint8
}

// record is a set of objects ready to be walked.
type record struct {
	names    []string // every property name that the schema speaks of, sorted
	keys     *lang.Language
	under    [][3]int32 // per state of keys: the names below it, as a range, and the characters before it
	choices  [][]option // per name; none when the property is forbidden
	required bitset
	needs    []bitset // per name: what it makes required; nil when nothing

	kinds     *lang.Language     // labels any other name by the patterns it matches; nil when there are no patterns
	classes   map[int32][]option // by that label (0 without patterns)
	free      []bool             // per state of kinds: an allowed name can still be reached
	smooth    []bool             // per state of kinds: every name whatsoever is allowed
	open      bool               // other names are allowed at all
	plenty    int                // how many other names there are
	otherCost int                // the cheapest value under one

	min, max int
	exists   int // how many existence demands
}

// maxServed bounds counters on one array and existence demands on one object.
const maxServed = 4

// maxCounted bounds minContains and maxContains.
const maxCounted = 30000

// linker makes values of nodes, each once, so that recursion in the schema becomes a cycle.
type linker struct {
	c        *compiler
	values   map[*node]*value
	work     []*node
	all      []*value
	numerals []*numeral
}

func (c *compiler) link(root *node) (*value, error) {
	l := &linker{c: c, values: map[*node]*value{}}
	out := l.value(root)
	for len(l.work) > 0 {
		n := l.work[len(l.work)-1]
		l.work = l.work[:len(l.work)-1]
		if err := l.fill(n, l.values[n]); err != nil {
			return nil, c.blame(err, n.where)
		}
	}
	pruneEmpty(l.all)
	if err := l.uniques(); err != nil {
		return nil, err
	}
	if out.cost >= impossible {
		return nil, ErrEmpty
	}
	return out, nil
}

// value is the linked form of a node, to be filled later; nil is everything.
func (l *linker) value(n *node) *value {
	if n == nil {
		n = l.c.of()
	}
	v, ok := l.values[n]
	if !ok {
		v = &value{cost: impossible}
		l.values[n] = v
		l.work = append(l.work, n)
		l.all = append(l.all, v)
	}
	return v
}

// maxNumerals bounds the search for a set of numbers that is there already.
const maxNumerals = 100

// numeral is a set of numbers, the same for equal ones as far as that is seen: what is found out about a text then serves them all.
func (l *linker) numeral(x number) *numeral {
	for _, known := range l.numerals[:min(len(l.numerals), maxNumerals)] {
		if x.within(known.set) && known.set.within(x) {
			return known
		}
	}
	n := newNumeral(x)
	l.numerals = append(l.numerals, n)
	return n
}

func (l *linker) fill(n *node, v *value) error {
	if err := l.c.fill(n); err != nil {
		return err
	}
	s := n.shapes
	v.null, v.yes, v.no = s.null, s.yes, s.no
	for _, x := range s.nums {
		x.plain = x.plain || l.c.plain && x.isWhole()
		v.nums = append(v.nums, l.numeral(x))
	}
	for _, t := range s.strs {
		x, err := newStringLang(t)
		if err != nil {
			return err
		}
		if x != nil {
			v.strs = append(v.strs, x)
		}
	}
	for _, a := range s.arrs {
		x, err := l.list(a)
		if err != nil {
			return err
		}
		v.lsts = append(v.lsts, x)
	}
	for _, o := range s.objs {
		x, err := l.record(o)
		if err != nil {
			return err
		}
		v.recs = append(v.recs, x)
	}
	if len(l.all) > combinations/2 {
		return errTooMany
	}
	return nil
}

// newStringLang folds length bounds into the automaton where both matter; nil when no string is left.
func newStringLang(t text) (*stringLang, error) {
	s := &stringLang{min: t.min, max: t.max, lang: t.lang}
	if t.lang != nil && t.min > 0 && t.max < unlimited && !stretches(t.lang) {
		lengths, err := lang.Lengths(t.min, t.max)
		if err == nil {
			if s.lang, err = lang.And(t.lang, lengths); err == nil {
				s.min, s.max = 0, unlimited
			}
		}
		if err != nil {
			if lengths, err = lang.Lengths(t.min, unlimited); err == nil {
				s.min = 0
				s.lang, err = lang.And(t.lang, lengths)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("has a pattern and lengths that together need too large an automaton")
		}
	}
	if !s.viable(s.start(), 0) {
		return nil, nil
	}
	s.endless = s.lang != nil && endless(s.lang)
	return s, nil
}

// endless says whether from every state there are words of any length.
func endless(l *lang.Language) bool {
	for q := range int32(l.Len()) {
		if l.Longest(q) < lang.Unbounded {
			return false
		}
	}
	return true
}

// maxStretched bounds the automata that are looked at for that.
const maxStretched = 4000

// stretches says whether every way to go on can be one character longer: then a length between two bounds is reached whenever the
// shortest way is short enough, and the bounds need not become part of the automaton, thousands of states for a text of thousands.
func stretches(l *lang.Language) bool {
	if l.Len() > maxStretched {
		return false
	}
	var scratch []int32
	for q := range int32(l.Len()) {
		scratch = l.Targets(scratch[:0], q, 0, utf8.MaxRune)
		if !slices.ContainsFunc(scratch, func(to int32) bool { return to != lang.Dead && l.Shortest(to) == l.Shortest(q) }) {
			return false
		}
	}
	return true
}

func (l *linker) list(a array) (*list, error) {
	if len(a.counts) > maxServed {
		return nil, fmt.Errorf("asks for more than %d different contained items", maxServed)
	}
	out := &list{min: a.min, max: a.max, counts: a.counts, unique: a.unique}
	positions := len(a.prefix) + 1
	for _, x := range a.counts {
		if x.min > maxCounted || x.max > maxCounted && x.max < unlimited {
			return nil, fmt.Errorf("counts more than %d contained items", maxCounted)
		}
		positions = max(positions, x.from+1)
	}
	for i := range positions {
		options, err := l.options(a.item(i), len(a.counts), func(k int) (demand, bool) {
			x := a.counts[k]
			return demand{x.node, x.max < unlimited}, i >= x.from
		})
		if err != nil {
			return nil, err
		}
		out.items = append(out.items, options)
	}
	return out, nil
}

// demand is something an item or a property may serve; exact ones must be refused by those that do not.
type demand struct {
	node  *node
	exact bool
}

// options splits a value by which of n demands it serves.
func (l *linker) options(base *node, n int, at func(k int) (demand, bool)) ([]option, error) {
	out := []option{}
	for serve := range uint8(1 << n) {
		node, possible := base, true
		for k := range n {
			d, here := at(k)
			switch {
			case serve>>k&1 == 1 && !here:
				possible = false
			case serve>>k&1 == 1:
				node = l.c.both(node, d.node)
			case here && d.exact:
				other, err := l.c.outside(d.node)
				if err != nil {
					return nil, err
				}
				node = l.c.both(node, other)
			}
		}
		if possible {
			out = append(out, option{l.value(node), serve})
		}
	}
	return out, nil
}
