package schema

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"sirocco/model/schema/lang"
)

// complementOf is the set of values that do not satisfy s: those outside its own assertions, or outside one of the schemas it combines.
func (c *compiler) complementOf(s *subschema) (shapes, error) {
	out, err := c.complement(s.own)
	if err != nil {
		return out, err
	}
	join := func(x shapes, err error) error {
		if err == nil {
			out, err = c.join(out, x)
		}
		return err
	}
	if s.enum != nil {
		if err := join(c.excluding(s.enum, s.at)); err != nil {
			return out, err
		}
	}
	for _, n := range s.allOf {
		if err := join(c.expand(yes(n).not())); err != nil {
			return out, err
		}
	}
	for _, n := range s.not {
		if err := join(c.expand(yes(n))); err != nil {
			return out, err
		}
	}
	for _, x := range s.ifs {
		if err := join(c.neither(x)); err != nil {
			return out, err
		}
	}
	if s.anyOf != nil {
		if err := join(c.noneOf(s.anyOf)); err != nil {
			return out, err
		}
	}
	if s.oneOf != nil {
		if err := join(c.noneOf(s.oneOf)); err != nil {
			return out, err
		}
		for i := range s.oneOf { // or at least two
			for j := range i {
				if err := join(c.allOf(yes(s.oneOf[i]), yes(s.oneOf[j]))); err != nil {
					return out, err
				}
			}
		}
	}
	c.prune(&out)
	return out, nil
}

func (c *compiler) noneOf(list []id) (shapes, error) {
	ls := make([]literal, len(list))
	for i, n := range list {
		ls[i] = yes(n).not()
	}
	return c.allOf(ls...)
}

func (c *compiler) allOf(ls ...literal) (shapes, error) {
	out := everything()
	for _, l := range ls {
		x, err := c.expand(l)
		if err != nil {
			return out, err
		}
		if out, err = c.intersect(out, x); err != nil {
			return out, err
		}
	}
	return out, nil
}

// neither is (if and not then) or (not if and not else); a missing branch is never failed.
func (c *compiler) neither(x conditional) (shapes, error) {
	var out shapes
	for _, branch := range []struct {
		test literal
		then []id
	}{{yes(x.test), x.then}, {yes(x.test).not(), x.else_}} {
		for _, n := range branch.then {
			s, err := c.allOf(branch.test, yes(n).not())
			if err != nil {
				return out, err
			}
			if out, err = c.join(out, s); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// complement is what a set lacks. Each type stands for itself; several alternatives of one type are all to be missed.
func (c *compiler) complement(s shapes) (shapes, error) {
	full := everything()
	out := shapes{null: !s.null, yes: !s.yes, no: !s.no, nums: full.nums, strs: full.strs, arrs: full.arrs, objs: full.objs}
	for _, n := range s.nums {
		out.nums = intersectNumbers(out.nums, n.not())
	}
	for _, t := range s.strs {
		var err error
		if out.strs, err = c.intersectTexts(out.strs, t.not()); err != nil {
			return out, err
		}
	}
	for _, a := range s.arrs {
		not, err := c.notArray(a)
		if err != nil {
			return out, err
		}
		other, err := c.intersect(shapes{arrs: out.arrs}, shapes{arrs: not})
		if err != nil {
			return out, err
		}
		out.arrs = other.arrs
	}
	for _, o := range s.objs {
		not, err := c.notObject(o)
		if err != nil {
			return out, err
		}
		other, err := c.intersect(shapes{objs: out.objs}, shapes{objs: not})
		if err != nil {
			return out, err
		}
		out.objs = other.objs
	}
	return out, nil
}

func (t text) not() []text {
	var out []text
	if t.min > 0 {
		out = append(out, text{max: t.min - 1})
	}
	if t.max < unlimited {
		out = append(out, text{min: t.max + 1, max: unlimited})
	}
	if t.lang != nil {
		out = append(out, text{max: unlimited, lang: lang.Not(t.lang)})
	}
	return out
}

// notArray lists the ways to miss a: too short, too long, one wrong item, a count missed.
func (c *compiler) notArray(a array) ([]array, error) {
	var out []array
	if a.unique {
		return nil, errors.New("asks for items that are not unique, which a token mask cannot follow")
	}
	if a.min > 0 {
		out = append(out, array{max: a.min - 1})
	}
	if a.max < unlimited {
		out = append(out, array{min: a.max + 1, max: unlimited})
	}
	for i, n := range a.prefix {
		if n == nil {
			continue
		}
		wrong, err := c.outside(n)
		if err != nil {
			return nil, err
		}
		out = append(out, array{prefix: append(make([]*node, i), wrong), min: i + 1, max: unlimited})
	}
	if a.items != nil {
		wrong, err := c.outside(a.items)
		if err != nil {
			return nil, err
		}
		if wrong == nil { // no item at all was allowed there
			out = append(out, array{min: len(a.prefix) + 1, max: unlimited})
		} else {
			out = append(out, array{max: unlimited, counts: []counter{{len(a.prefix), wrong, 1, unlimited}}})
		}
	}
	for _, x := range a.counts {
		if x.min > 0 {
			out = append(out, array{max: unlimited, counts: []counter{{x.from, x.node, 0, x.min - 1}}})
		}
		if x.max < unlimited {
			out = append(out, array{max: unlimited, counts: []counter{{x.from, x.node, x.max + 1, unlimited}}})
		}
	}
	return out, nil
}

// notObject lists the ways to miss o: a required property missing, too few or many, one wrong value, a need unmet.
func (c *compiler) notObject(o object) ([]object, error) {
	var out []object
	lacks := func(name string) rule { return rule{nameSet{one: &name}, c.nothing()} }
	for _, name := range o.required {
		out = append(out, object{rules: []rule{lacks(name)}, max: unlimited})
	}
	if o.min > 0 {
		out = append(out, object{max: o.min - 1})
	}
	if o.max < unlimited {
		out = append(out, object{min: o.max + 1, max: unlimited})
	}
	for _, r := range o.rules {
		wrong, err := c.outside(r.value)
		if err != nil {
			return nil, err
		}
		if r.names.one == nil {
			out = append(out, object{exists: []rule{{r.names, wrong}}, max: unlimited})
			continue
		}
		x := object{required: []string{*r.names.one}, max: unlimited}
		if wrong != nil {
			x.rules = []rule{{r.names, wrong}}
		}
		out = append(out, x)
	}
	for _, n := range o.needs {
		for _, also := range n.also {
			out = append(out, object{required: []string{n.of}, rules: []rule{lacks(also)}, max: unlimited})
		}
	}
	for _, r := range o.exists {
		wrong, err := c.outside(r.value)
		if err != nil {
			return nil, err
		}
		if wrong == nil {
			continue
		}
		out = append(out, object{rules: []rule{{r.names, wrong}}, max: unlimited})
	}
	return out, nil
}

// enumerated is the set of the listed values.
func (c *compiler) enumerated(list []any, at location) (shapes, error) {
	var out shapes
	var strs []string
	for i, v := range list {
		switch v := v.(type) {
		case nil:
			out.null = true
		case bool:
			out.yes, out.no = out.yes || v, out.no || !v
		case string:
			strs = append(strs, v)
		case []any:
			out.arrs = append(out.arrs, c.constantArray(v, at, i))
		case map[string]any:
			out.objs = append(out.objs, c.constantObject(v, at, i))
		default:
			x, err := rational(v)
			if err != nil {
				return out, fmt.Errorf("a listed number %w", err)
			}
			if len(out.nums) == 0 {
				out.nums = []number{{only: []*big.Rat{}}}
			}
			out.nums[0].only = append(out.nums[0].only, x)
		}
	}
	if strs != nil {
		slices.Sort(strs)
		out.strs = []text{{max: unlimited, lang: lang.Words(slices.Compact(strs))}}
	}
	return out, nil
}

// excluding is the set of all values but the listed.
func (c *compiler) excluding(list []any, at location) (shapes, error) {
	s, err := c.enumerated(list, at)
	if err != nil {
		return s, err
	}
	return c.complement(s)
}

func (c *compiler) constantArray(v []any, at location, i int) array {
	a := array{min: len(v), max: len(v)}
	for j, x := range v {
		a.prefix = append(a.prefix, c.of(yes(c.constantAt(x, at, strconv.Itoa(i)+"/"+strconv.Itoa(j)))))
	}
	return a
}

func (c *compiler) constantObject(v map[string]any, at location, i int) object {
	o := object{min: len(v), max: len(v), required: sortedKeys(v)}
	for _, name := range o.required {
		o.rules = append(o.rules, rule{nameSet{one: &name}, c.of(yes(c.constantAt(v[name], at, strconv.Itoa(i)+"/"+escapePointer(name))))})
	}
	return o
}

// constantAt makes each constant inside a listed value one table entry, however often its list is read.
func (c *compiler) constantAt(v any, at location, path string) id {
	at.pointer += "/enum/" + path
	key := "const " + at.pointer
	if n, ok := c.byPlace[key]; ok {
		return n
	}
	n := c.constant(v, at)
	c.byPlace[key] = n
	return n
}
