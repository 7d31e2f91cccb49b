package schema

import (
	"math/big"
	"slices"
)

// The checks below are one-sided: a yes is certain, a no may be wrong. They keep unions small.

// dedupe drops every alternative that another one holds.
func dedupe[T any](list []T, within func(a, b T) bool) []T {
	if len(list) > 400 {
		return list
	}
	for i := 0; i < len(list); i++ {
		for j := range list {
			if i != j && within(list[i], list[j]) {
				list = slices.Delete(slices.Clone(list), i, i+1)
				i--
				break
			}
		}
	}
	return list
}

// within says whether every value of n is one of m: a conjunction of more literals is a smaller set.
func (n *node) within(m *node) bool {
	if m == nil || n == m {
		return true
	}
	if n == nil {
		return false
	}
	if len(n.literals) == 1 && n.literals[0] == falsehood {
		return true
	}
	for _, l := range m.literals {
		if !slices.Contains(n.literals, l) {
			return false
		}
	}
	return true
}

func (s nameSet) same(o nameSet) bool {
	switch {
	case s.one != nil || o.one != nil:
		return s.one != nil && o.one != nil && *s.one == *o.one
	case s.lang != nil || o.lang != nil:
		return s.lang == o.lang
	}
	return slices.Equal(s.names, o.names) && slices.Equal(s.langs, o.langs)
}

func (o object) within(p object) bool {
	if o.min < p.min || o.max > p.max {
		return false
	}
	for _, name := range p.required {
		if _, ok := slices.BinarySearch(o.required, name); !ok {
			return false
		}
	}
	for _, r := range p.rules {
		if !slices.ContainsFunc(o.rules, func(x rule) bool { return x.names.same(r.names) && x.value.within(r.value) }) {
			return false
		}
	}
	for _, r := range p.exists {
		if !slices.ContainsFunc(o.exists, func(x rule) bool { return x.names.same(r.names) && x.value.within(r.value) }) {
			return false
		}
	}
	for _, n := range p.needs {
		if !slices.ContainsFunc(o.needs, func(x need) bool { return x.of == n.of && slices.Equal(x.also, n.also) }) {
			return false
		}
	}
	return true
}

func (a array) within(b array) bool {
	if a.min < b.min || a.max > b.max || b.unique && !a.unique || !a.items.within(b.items) {
		return false
	}
	for i := range max(len(a.prefix), len(b.prefix)) {
		if !a.item(i).within(b.item(i)) {
			return false
		}
	}
	for _, x := range b.counts {
		if !slices.Contains(a.counts, x) {
			return false
		}
	}
	return true
}

func (n number) within(m number) bool {
	if m.isAny() {
		return true
	}
	if m.plain && !n.plain {
		return false
	}
	if n.only != nil {
		return !slices.ContainsFunc(n.only, func(x *big.Rat) bool { return !m.has(x) })
	}
	if m.only != nil {
		return false
	}
	if m.lo != nil && (n.lo == nil || n.lo.Cmp(m.lo) < 0 || n.lo.Cmp(m.lo) == 0 && m.openLo && !n.openLo) {
		return false
	}
	if m.hi != nil && (n.hi == nil || n.hi.Cmp(m.hi) > 0 || n.hi.Cmp(m.hi) == 0 && m.openHi && !n.openHi) {
		return false
	}
	if m.mult != nil && (n.mult == nil || !isMultiple(n.mult, m.mult)) {
		return false
	}
	in := func(list []*big.Rat, x *big.Rat) bool {
		return slices.ContainsFunc(list, func(y *big.Rat) bool { return x.Cmp(y) == 0 })
	}
	for _, x := range m.unlike {
		if !in(n.unlike, x) {
			return false
		}
	}
	for _, x := range m.except {
		if n.has(x) {
			return false
		}
	}
	return true
}
