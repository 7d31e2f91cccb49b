package schema

import "slices"

// impossible is the cost of what cannot be.
const impossible = 1 << 28

// pruneEmpty finds the cheapest text of every value, going round until nothing changes: a value that only holds itself stays
// impossible. Then ways that are impossible are taken out, so that no mask ever leads into one.
func pruneEmpty(all []*value) {
	for _, v := range all {
		v.cost = impossible
	}
	for changed := true; changed; {
		changed = false
		for _, v := range all {
			if c := v.price(); c < v.cost {
				v.cost, changed = c, true
			}
		}
	}
	for _, v := range all {
		v.lsts = slices.DeleteFunc(v.lsts, func(l *list) bool { return l.price() >= impossible })
		v.recs = slices.DeleteFunc(v.recs, func(r *record) bool { return r.price() >= impossible })
	}
	for _, v := range all {
		for _, l := range v.lsts {
			for i := range l.items {
				l.items[i] = possible(l.items[i])
			}
		}
		for _, r := range v.recs {
			r.pruneEmpty()
		}
	}
}

func possible(list []option) []option {
	return slices.DeleteFunc(list, func(o option) bool { return o.value.cost >= impossible })
}

func (v *value) price() int {
	c := impossible
	switch {
	case len(v.nums) > 0:
		c = 1
	case v.null || v.yes:
		c = 4
	case v.no:
		c = 5
	}
	for _, s := range v.strs {
		c = min(c, 2+s.short(s.start(), 0))
	}
	for _, l := range v.lsts {
		c = min(c, l.price())
	}
	for _, r := range v.recs {
		c = min(c, r.price())
	}
	return c
}

func cheapest(list []option) int {
	c := impossible
	for _, o := range list {
		c = min(c, o.value.cost)
	}
	return c
}

// price is exact about whether an array is possible and close about its length.
func (l *list) price() int {
	if l.void {
		return impossible
	}
	if len(l.counts) > 0 {
		if !l.feasible(counters{}, map[counters]bool{}) {
			return impossible
		}
		return 2 + 8*l.min
	}
	sum := 2
	for i := 0; i < min(l.min, len(l.items)); i++ {
		if sum += 1 + cheapest(l.items[i]); sum >= impossible {
			return impossible
		}
	}
	if extra := l.min - len(l.items); extra > 0 {
		sum += extra * (1 + cheapest(l.items[len(l.items)-1]))
	}
	return min(sum, impossible)
}

// price is exact about whether an object is possible and close about its length.
func (r *record) price() int {
	sum, named := 2, 0
	if r.required.lacking(nil) > r.max {
		return impossible
	}
	for i := range r.names {
		c := cheapest(r.choices[i])
		if c < impossible {
			named++
		} else if r.required.has(i) {
			return impossible
		}
		if r.required.has(i) {
			sum += c + len(r.names[i]) + 4
		}
	}
	c, others := r.priceOthers()
	if c < impossible {
		named = min(named+others, unlimited)
	}
	if named < r.min || !r.canServe() {
		return impossible
	}
	return min(sum+8*max(0, r.min-len(r.names)), impossible-1)
}

// priceOthers is the cheapest value under a name that no rule mentions, and how many such names there are.
func (r *record) priceOthers() (cost, names int) {
	cost = impossible
	for label, list := range r.classes {
		c := cheapest(list)
		if c >= impossible {
			continue
		}
		cost = min(cost, c)
		names = min(names+r.namesOf(label), unlimited)
	}
	return cost, names
}

// namesOf counts the names of a class, without limit where there are no patterns.
func (r *record) namesOf(label int32) int {
	if r.kinds == nil {
		return unlimited
	}
	class := r.kinds.Only(label)
	if class.Empty() {
		return 0
	}
	n := class.Count(0)
	if n >= unlimited {
		return unlimited
	}
	for _, name := range r.names {
		if class.Match(name) {
			n--
		}
	}
	return n
}

// canServe says whether every existence demand has some property that can serve it.
func (r *record) canServe() bool {
	var served uint8
	for _, list := range r.choices {
		for _, o := range list {
			if o.value.cost < impossible {
				served |= o.serve
			}
		}
	}
	for _, list := range r.classes {
		for _, o := range list {
			if o.value.cost < impossible {
				served |= o.serve
			}
		}
	}
	return served == 1<<r.exists-1
}

// pruneEmpty keeps the possible choices and works out where other names lead.
func (r *record) pruneEmpty() {
	r.open = false
	for i := range r.choices {
		r.choices[i] = possible(r.choices[i])
	}
	for label, list := range r.classes {
		r.classes[label] = possible(list)
		if len(r.classes[label]) > 0 {
			r.open = true
		}
	}
	for i := range r.needs { // a property whose needs cannot be met is forbidden
		for j := range r.names {
			if r.needs[i] != nil && r.needs[i].has(j) && len(r.choices[j]) == 0 {
				r.choices[i] = nil
			}
		}
	}
	r.otherCost, r.plenty = r.priceOthers()
	if r.kinds == nil {
		return
	}
	r.free = r.kinds.Reach(func(label int32) bool { return len(r.classes[label]) > 0 })
	r.smooth = r.kinds.Stay(func(label int32) bool { return len(r.classes[label]) > 0 })
}
