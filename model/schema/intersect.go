package schema

import (
	"errors"
	"slices"

	"sirocco/model/schema/lang"
)

var errTooMany = errors.New("combines into too many alternatives to be followed exactly")

// intersect is the intersection of two sets, alternative by alternative; alternatives that are plainly empty are dropped.
func (c *compiler) intersect(a, b shapes) (shapes, error) {
	out := shapes{null: a.null && b.null, yes: a.yes && b.yes, no: a.no && b.no}
	out.nums = intersectNumbers(a.nums, b.nums)
	var err error
	if out.strs, err = c.intersectTexts(a.strs, b.strs); err != nil {
		return out, err
	}
	for _, x := range a.arrs {
		for _, y := range b.arrs {
			if z := c.intersectArrays(x, y); z.min <= z.max {
				out.arrs = append(out.arrs, z)
			}
		}
	}
	for _, x := range a.objs {
		for _, y := range b.objs {
			if z := intersectObjects(x, y); z.min <= z.max && len(z.required) <= z.max {
				out.objs = append(out.objs, z)
			}
		}
	}
	c.prune(&out)
	if c.budget -= out.count(); c.budget < 0 {
		return out, errTooMany
	}
	return out, nil
}

// prune drops alternatives that cannot hold a value, when there are several: this keeps products of alternatives small.
func (c *compiler) prune(s *shapes) {
	if len(s.arrs) > 1 {
		s.arrs = dedupe(s.arrs, array.within)
		s.arrs = slices.DeleteFunc(s.arrs, func(a array) bool { return c.voidArray(a) })
	}
	if len(s.objs) > 1 {
		s.objs = dedupe(s.objs, object.within)
		s.objs = slices.DeleteFunc(s.objs, func(o object) bool { return c.voidObject(o) })
	}
}

func (c *compiler) intersectTexts(a, b []text) ([]text, error) {
	var out []text
	for _, x := range a {
		for _, y := range b {
			l, err := c.andLang(x.lang, y.lang)
			if err != nil {
				return nil, err
			}
			t := text{max(x.min, y.min), min(x.max, y.max), l}
			if t.min <= t.max && (l == nil || !l.Empty()) {
				out = append(out, t)
			}
		}
	}
	return out, nil
}

func (c *compiler) andLang(a, b *lang.Language) (*lang.Language, error) {
	if a == nil || b == nil || a == b {
		return andLang(a, b)
	}
	key := [2]*lang.Language{a, b}
	r, ok := c.met[key]
	if !ok {
		r.l, r.err = lang.And(a, b)
		c.met[key] = r
	}
	return r.l, r.err
}

// andLang meets two languages of which nil is all strings.
func andLang(a, b *lang.Language) (*lang.Language, error) {
	switch {
	case a == nil || a == b:
		return b, nil
	case b == nil:
		return a, nil
	}
	return lang.And(a, b)
}

func (c *compiler) intersectArrays(a, b array) array {
	out := array{min: max(a.min, b.min), max: min(a.max, b.max), unique: a.unique || b.unique}
	for i := range max(len(a.prefix), len(b.prefix)) {
		out.prefix = append(out.prefix, c.both(a.item(i), b.item(i)))
	}
	out.items = c.both(a.items, b.items)
	out.counts = slices.Clip(a.counts)
	for _, x := range b.counts {
		if !slices.Contains(out.counts, x) {
			out.counts = append(out.counts, x)
		}
	}
	return out
}

func intersectObjects(a, b object) object {
	switch {
	case a.isAny():
		return b
	case b.isAny():
		return a
	}
	out := object{min: max(a.min, b.min), max: min(a.max, b.max)}
	out.rules = append(slices.Clip(a.rules), b.rules...)
	out.needs = append(slices.Clip(a.needs), b.needs...)
	out.exists = append(slices.Clip(a.exists), b.exists...)
	out.required = append(slices.Clip(a.required), b.required...)
	slices.Sort(out.required)
	out.required = slices.Compact(out.required)
	return out
}

// join is the union. Alternatives of strings are joined into one automaton where that is cheap; others that are already there
// are dropped, so that `anyOf` over objects leaves a single alternative for all other types.
func (c *compiler) join(a, b shapes) (shapes, error) {
	out := shapes{null: a.null || b.null, yes: a.yes || b.yes, no: a.no || b.no}
	out.nums = joinNumbers(a.nums, b.nums)
	out.strs = slices.Clip(a.strs)
	for _, t := range b.strs {
		var err error
		if out.strs, err = c.joinText(out.strs, t); err != nil {
			return out, err
		}
	}
	out.arrs = dedupe(append(slices.Clip(a.arrs), b.arrs...), array.within)
	out.objs = dedupe(append(slices.Clip(a.objs), b.objs...), object.within)
	return out, nil
}

func joinNumbers(a, b []number) []number {
	out := slices.Clip(a)
	for _, n := range b {
		if i := slices.IndexFunc(out, func(m number) bool { return m.only != nil && m.plain == n.plain }); i >= 0 && n.only != nil {
			out = slices.Clone(out)
			out[i] = number{only: append(slices.Clip(out[i].only), n.only...), plain: n.plain}
			continue
		}
		out = append(out, n)
	}
	return dedupe(out, number.within)
}

func (c *compiler) joinText(list []text, t text) ([]text, error) {
	for i, x := range list {
		if x == t || x.isAny() {
			return list, nil
		}
		if t.isAny() {
			return []text{t}, nil
		}
		if x.min == t.min && x.max == t.max && x.lang != nil && t.lang != nil {
			key := [2]*lang.Language{x.lang, t.lang}
			r, ok := c.joined[key]
			if !ok {
				r.l, r.err = lang.Or(x.lang, t.lang)
				c.joined[key] = r
			}
			if r.err != nil {
				break // two alternatives are as exact as one
			}
			list = slices.Clone(list)
			list[i].lang = r.l
			return list, nil
		}
	}
	return append(slices.Clip(list), t), nil
}

// void says whether a set is certainly empty. It looks into what values must contain, and takes a schema that it is still working
// on for inhabited: a wrong `no` costs alternatives, never exactness.
func (c *compiler) void(s shapes) bool {
	if s.null || s.yes || s.no || len(s.nums) > 0 {
		return false
	}
	for _, t := range s.strs {
		if t.lang == nil || t.lang.Shortest(0) <= t.max && t.lang.Longest(0) >= t.min {
			return false
		}
	}
	return !slices.ContainsFunc(s.arrs, func(a array) bool { return !c.voidArray(a) }) &&
		!slices.ContainsFunc(s.objs, func(o object) bool { return !c.voidObject(o) })
}

func (c *compiler) voidNode(n *node) bool {
	if n == nil || n.filling {
		return false
	}
	for _, l := range n.literals {
		if l != falsehood && c.open[l] {
			return false
		}
	}
	if c.depth > 12 || c.fill(n) != nil { // an error comes up again when the node itself is linked
		return false
	}
	c.depth++
	defer func() { c.depth-- }()
	if n.hasLookahead {
		return false
	}
	n.hasLookahead = true
	defer func() { n.hasLookahead = false }()
	return c.void(n.shapes)
}

func (c *compiler) voidArray(a array) bool {
	for i := range min(a.min, len(a.prefix)+1) {
		if c.voidNode(a.item(i)) {
			return true
		}
	}
	return false
}

func (c *compiler) voidObject(o object) bool {
	for _, name := range o.required {
		if c.voidNode(c.property(o, name)) {
			return true
		}
	}
	return len(o.required) > o.max
}

// property is what all rules together say of the property of that name, nil when nothing.
func (c *compiler) property(o object, name string) *node {
	var value *node
	for _, r := range o.rules {
		if r.names.has(name) {
			value = c.both(value, r.value)
		}
	}
	return value
}
