package schema

import (
	"math/big"
	"slices"

	"sirocco/model/schema/lang"
)

// shapes is a set of JSON values in normal form: for each type a list of alternatives, each alternative a plain conjunction.
// Everything below is closed under and, or and not, which is how the combining keywords are removed before a token is masked.
type shapes struct {
	null, yes, no bool
	nums          []number
	strs          []text
	arrs          []array
	objs          []object
}

// everything is the set of all JSON values.
func everything() shapes {
	return shapes{null: true, yes: true, no: true, nums: []number{{}}, strs: []text{{max: unlimited}},
		arrs: []array{{max: unlimited}}, objs: []object{{max: unlimited}}}
}

// count is the number of alternatives that can multiply.
func (s shapes) count() int { return len(s.nums) + len(s.strs) + len(s.arrs) + len(s.objs) }

// text is the set of strings of min..max characters in a language (nil: any).
type text struct {
	min, max int
	lang     *lang.Language
}

func (t text) isAny() bool { return t.min == 0 && t.max == unlimited && t.lang == nil }

// array is the set of arrays of min..max items whose first items are in prefix and the others in rest (nil: anything).
type array struct {
	prefix   []*node
	items    *node
	min, max int
	counts   []counter
	unique   bool
}

// counter asks that between min and max of the items from index `from` on are in node.
type counter struct {
	from     int
	node     *node
	min, max int
}

func (a array) isAny() bool {
	return len(a.prefix) == 0 && a.items == nil && a.min == 0 && a.max == unlimited && len(a.counts) == 0 && !a.unique
}

// item is what the array says of its item i, nil when nothing.
func (a array) item(i int) *node {
	if i < len(a.prefix) {
		return a.prefix[i]
	}
	return a.items
}

// object is the set of objects whose properties obey all rules.
type object struct {
	rules    []rule
	required []string // sorted
	min, max int
	needs    []need
	exists   []rule // at least one property of the set has a value in the node
}

// rule says that every property whose name is in the set has a value in the node.
type rule struct {
	names nameSet
	value *node
}

// need says that an object with the property `of` also has all of `also`.
type need struct {
	of   string
	also []string
}

func (o object) isAny() bool {
	return len(o.rules) == 0 && len(o.required) == 0 && o.min == 0 && o.max == unlimited && len(o.needs) == 0 && len(o.exists) == 0
}

// nameSet is a set of property names: one name, those of a language, or all but some names and languages.
type nameSet struct {
	one   *string
	lang  *lang.Language
	names []string
	langs []*lang.Language
}

func (s nameSet) has(name string) bool {
	switch {
	case s.one != nil:
		return *s.one == name
	case s.lang != nil:
		return s.lang.Match(name)
	}
	return !slices.Contains(s.names, name) && !slices.ContainsFunc(s.langs, func(l *lang.Language) bool { return l.Match(name) })
}

// number is the set of numbers between lo and hi (nil: no bound) that are multiples of mult (nil: all), not multiples of any of
// unlike, and none of except; only (when not nil) lists the whole set.
type number struct {
	lo, hi         *big.Rat
	openLo, openHi bool
	mult           *big.Rat
	unlike         []*big.Rat
	except         []*big.Rat
	only           []*big.Rat
	plain          bool // written without a fraction or an exponent: what draft 4 calls an integer
}

func (n number) isAny() bool {
	return n.lo == nil && n.hi == nil && n.mult == nil && len(n.unlike) == 0 && len(n.except) == 0 && n.only == nil && !n.plain
}

// isWhole says whether the set holds whole numbers only.
func (n number) isWhole() bool {
	if n.only != nil {
		return !slices.ContainsFunc(n.only, func(x *big.Rat) bool { return !x.IsInt() })
	}
	return n.mult != nil && n.mult.IsInt()
}

// has says whether x is in the set.
func (n number) has(x *big.Rat) bool {
	if n.only != nil {
		return slices.ContainsFunc(n.only, func(y *big.Rat) bool { return x.Cmp(y) == 0 })
	}
	if n.lo != nil && (x.Cmp(n.lo) < 0 || n.openLo && x.Cmp(n.lo) == 0) || n.hi != nil && (x.Cmp(n.hi) > 0 || n.openHi && x.Cmp(n.hi) == 0) {
		return false
	}
	if n.mult != nil && !isMultiple(x, n.mult) {
		return false
	}
	for _, m := range n.unlike {
		if isMultiple(x, m) {
			return false
		}
	}
	return !slices.ContainsFunc(n.except, func(y *big.Rat) bool { return x.Cmp(y) == 0 })
}

func isMultiple(x, m *big.Rat) bool { return new(big.Rat).Quo(x, m).IsInt() }

// and is the intersection.
func (n number) and(o number) number {
	if o.only != nil {
		n, o = o, n
	}
	if n.only != nil {
		kept := []*big.Rat{}
		for _, x := range n.only {
			if o.has(x) {
				kept = append(kept, x)
			}
		}
		return number{only: kept, plain: n.plain || o.plain}
	}
	n.plain = n.plain || o.plain
	if o.lo != nil {
		if n.lo == nil || n.lo.Cmp(o.lo) < 0 {
			n.lo, n.openLo = o.lo, o.openLo
		} else if n.lo.Cmp(o.lo) == 0 {
			n.openLo = n.openLo || o.openLo
		}
	}
	if o.hi != nil {
		if n.hi == nil || n.hi.Cmp(o.hi) > 0 {
			n.hi, n.openHi = o.hi, o.openHi
		} else if n.hi.Cmp(o.hi) == 0 {
			n.openHi = n.openHi || o.openHi
		}
	}
	n.mult = commonMultiple(n.mult, o.mult)
	n.unlike = append(slices.Clip(n.unlike), o.unlike...)
	n.except = append(slices.Clip(n.except), o.except...)
	return n
}

// commonMultiple is the least common multiple of two positive rationals, nil standing for no demand.
func commonMultiple(a, b *big.Rat) *big.Rat {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	num := func(x, y *big.Rat) *big.Int { return new(big.Int).Mul(x.Num(), y.Denom()) } // over the common denominator
	x, y := num(a, b), num(b, a)
	g := new(big.Int).GCD(nil, nil, x, y)
	lcm := x.Mul(x, y.Div(y, g))
	return new(big.Rat).SetFrac(lcm, new(big.Int).Mul(a.Denom(), b.Denom()))
}

// not lists what the set lacks.
func (n number) not() []number {
	var out []number
	if n.only != nil {
		return []number{{except: n.only}}
	}
	if n.lo != nil {
		out = append(out, number{hi: n.lo, openHi: !n.openLo})
	}
	if n.hi != nil {
		out = append(out, number{lo: n.hi, openLo: !n.openHi})
	}
	if n.mult != nil {
		out = append(out, number{unlike: []*big.Rat{n.mult}})
	}
	for _, m := range n.unlike {
		out = append(out, number{mult: m})
	}
	if len(n.except) > 0 {
		out = append(out, number{only: n.except})
	}
	return out
}

// empty says whether no number is in the set.
func (n number) empty() bool {
	if n.only != nil {
		return len(n.only) == 0
	}
	for _, m := range n.unlike {
		if n.mult != nil && isMultiple(n.mult, m) {
			return true
		}
	}
	if n.lo == nil || n.hi == nil {
		return false
	}
	switch c := n.lo.Cmp(n.hi); {
	case c > 0 || c == 0 && (n.openLo || n.openHi):
		return true
	case c == 0:
		return !n.has(n.lo)
	case n.mult == nil:
		return false
	}
	_, ok := n.member(n.lo, n.hi)
	return !ok
}

// maxTries bounds the search for a multiple that no exception takes away.
const maxTries = 4096

// member is some multiple of mult in the set between lo and hi; both must be finite and mult set.
func (n number) member(lo, hi *big.Rat) (*big.Rat, bool) {
	k := ceil(new(big.Rat).Quo(lo, n.mult))
	x := new(big.Rat)
	for range maxTries {
		x.Mul(n.mult, new(big.Rat).SetInt(k))
		if x.Cmp(hi) > 0 {
			return nil, false
		}
		if n.has(x) {
			return x, true
		}
		k.Add(k, big.NewInt(1))
	}
	return nil, false
}

func ceil(x *big.Rat) *big.Int {
	q, m := new(big.Int).DivMod(x.Num(), x.Denom(), new(big.Int))
	if m.Sign() != 0 {
		q.Add(q, big.NewInt(1))
	}
	return q
}

func intersectNumbers(a, b []number) []number {
	var out []number
	for _, x := range a {
		for _, y := range b {
			if n := x.and(y); !n.empty() {
				out = append(out, n)
			}
		}
	}
	return out
}
