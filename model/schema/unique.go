package schema

import (
	"errors"
	"math/big"
	"slices"
	"strings"

	"sirocco/model/schema/lang"
)

// uniqueItems is followed by taking each finished item out of what the next one may be. An item's value is then part of the state,
// so this is done for items of null, booleans, numbers and strings only; arrays of unique arrays or objects are refused.

// uniques refuses the arrays of unique items that cannot be followed, and bounds the others by the items there are.
func (l *linker) uniques() error {
	for n, v := range l.values {
		for _, x := range v.lsts {
			if !x.unique || len(x.items[0]) == 0 || x.max < 2 {
				x.unique = false
				continue
			}
			capacity, err := x.uniquely()
			if err != nil {
				return unsupported("uniqueItems", n.where, err.Error())
			}
			if x.max = min(x.max, capacity); x.max < x.min {
				x.void = true
			}
		}
	}
	pruneEmpty(l.all)
	return nil
}

// uniquely says why a list cannot be followed, or how many different items it can hold.
func (l *list) uniquely() (capacity int, err error) {
	if len(l.items) != 1 || len(l.counts) > 0 {
		return 0, errors.New("beside prefixItems or contains cannot be followed by a token mask")
	}
	v := l.items[0][0].value
	if len(v.lsts)+len(v.recs) > 0 {
		return 0, errors.New("over items that may be arrays or objects cannot be followed by a token mask")
	}
	for _, b := range []bool{v.null, v.yes, v.no} {
		if b {
			capacity++
		}
	}
	finite := 0
	for _, n := range v.nums {
		c := n.set.size()
		if capacity += c; c < unlimited {
			finite++
		}
		capacity = min(capacity, unlimited)
	}
	if finite > 1 && capacity < unlimited { // they may overlap
		return 0, errors.New("over several small sets of numbers cannot be followed by a token mask")
	}
	if len(v.strs) > 1 {
		return 0, errors.New("over several sets of strings cannot be followed by a token mask")
	}
	for _, s := range v.strs {
		c, err := s.size()
		if err != nil {
			return 0, err
		}
		capacity = min(capacity+c, unlimited)
	}
	return capacity, nil
}

// size counts a set of numbers, as unlimited when there are more than a few thousand.
func (n number) size() int {
	switch {
	case n.only != nil:
		return len(n.only)
	case n.lo != nil && n.hi != nil && n.lo.Cmp(n.hi) == 0:
		return 1
	case n.lo == nil || n.hi == nil || n.mult == nil:
		return unlimited
	}
	count := 0
	for x, ok := n.member(n.lo, n.hi); ok; x, ok = n.member(new(big.Rat).Add(x, n.mult), n.hi) {
		if count++; count > maxTries {
			return unlimited
		}
	}
	return count
}

func (s *stringLang) size() (int, error) {
	if s.max == unlimited && s.min == 0 {
		if s.lang == nil {
			return unlimited, nil
		}
		return s.lang.Count(0), nil
	}
	lengths, err := lang.Lengths(s.min, s.max)
	if err != nil {
		return unlimited, nil // thousands of characters long: there is no end of such strings
	}
	all, err := andLang(s.lang, lengths)
	if err != nil {
		return 0, errors.New("over strings of this pattern and length cannot be followed by a token mask")
	}
	return all.Count(0), nil
}

// leftKey is a value and the items that it may no longer be.
type leftKey struct {
	value *value
	had   *seen
}

// without is what is left of v when the items of had are taken out.
func (e *engine) without(v *value, had *seen) *value {
	k := leftKey{v, had}
	if out, ok := e.left[k]; ok {
		return out
	}
	has := func(item string) bool { return slices.Contains(had.others, item) }
	out := &value{null: v.null && !has("null"), yes: v.yes && !has("true"), no: v.no && !has("false"), cost: impossible}
	var words []string
	except := number{}
	for _, item := range had.others {
		if text, ok := strings.CutPrefix(item, `"`); ok {
			words = append(words, text)
		} else if x, ok := new(big.Rat).SetString(item); ok {
			except.except = append(except.except, x)
		}
	}
	for _, n := range v.nums {
		if left := n.set.and(except); !left.empty() {
			x := newNumeral(left)
			x.all = false // its text must be known
			out.nums = append(out.nums, x)
		}
	}
	for _, s := range v.strs {
		if s = s.without(words); s != nil {
			out.strs = append(out.strs, s)
		}
	}
	out.cost = out.price()
	e.left[k] = out
	return out
}

// without takes words, sorted, out of a set of strings; nil when nothing is left.
func (s *stringLang) without(words []string) *stringLang {
	if len(words) == 0 {
		return s
	}
	others := lang.Not(lang.Words(words))
	rest, err := andLang(s.lang, others)
	if err != nil {
		return nil // too many items: the array must end here
	}
	out, err := newStringLang(text{s.min, s.max, rest})
	if err != nil {
		return nil
	}
	return out
}

// finished is the array after the item, which it remembers where items must be unique.
func (e *engine) finished(up *frame, item string) *frame {
	if up.kind != afterItem || !up.lst.unique {
		return up
	}
	k := up.frameKey
	k.seen = e.forest.other(up.seen, []byte(item))
	return e.frame(k)
}

// remembers says whether a string's text is part of the state.
func (f *frame) remembers() bool { return f.up.kind == afterItem && f.up.lst.unique }
