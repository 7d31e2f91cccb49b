package schema

import "sirocco/model/schema/lang"

// progress is how far an object has come.
type progress struct {
	seen  bitset // of the names that the schema speaks of
	n     int    // properties so far
	met   uint8  // existence demands already served
	other int    // properties under other names so far
}

// missing is how many required properties are still to come.
func (r *record) missing(seen bitset) int {
	n := r.required.lacking(seen)
	if r.needs == nil {
		return n
	}
	return r.owed(seen, -1).lacking(seen)
}

// owed is what is required of an object with the seen properties and one more (-1: none).
func (r *record) owed(seen bitset, more int) bitset {
	all := append(bitset(nil), r.required...)
	for i, b := range r.needs {
		if b != nil && (i == more || seen.has(i)) {
			all.add(b)
		}
	}
	return all
}

// room says whether the named property fits beside what is still required.
func (r *record) room(p progress, i int) bool {
	if r.max == unlimited {
		return true
	}
	seen := append(bitset(nil), p.seen...)
	for len(seen) < len(r.required) {
		seen = append(seen, 0)
	}
	seen.set(i)
	return p.n+1+r.owed(p.seen, i).lacking(seen) <= r.max
}

// available says whether the named property may come next.
func (r *record) available(p progress, i int) bool {
	return len(r.choices[i]) > 0 && !p.seen.has(i) && r.room(p, i)
}

// openTo says whether a property under another name may come next.
func (r *record) openTo(p progress) bool {
	return r.open && (r.max == unlimited || p.n+1+r.missing(p.seen) <= r.max) && r.plenty > p.other
}

func (r *record) mayClose(p progress) bool {
	return p.n >= r.min && p.met == 1<<r.exists-1 && r.missing(p.seen) == 0
}

// mayGoOn says whether any property may come next.
func (r *record) mayGoOn(p progress) bool {
	if r.openTo(p) {
		return true
	}
	for i := range r.names {
		if r.available(p, i) {
			return true
		}
	}
	return false
}

// feasible says whether the object can still be completed. Room for what is required is kept by available and openTo; here the
// least number of properties and the existence demands are looked after.
func (r *record) feasible(p progress) bool {
	if r.exists == 0 && p.n >= r.min {
		return true
	}
	left, serve := 0, p.met
	if r.openTo(p) {
		left = unlimited
		if r.plenty < unlimited {
			left = r.plenty - p.other
		}
		for _, list := range r.classes {
			for _, o := range list {
				serve |= o.serve
			}
		}
	}
	for i := range r.names {
		if !r.available(p, i) {
			continue
		}
		left = min(left+1, unlimited)
		for _, o := range r.choices[i] {
			serve |= o.serve
		}
	}
	return p.n+left >= r.min && serve == 1<<r.exists-1
}

// nameFollows says whether from state q of keys a name can be completed that is available.
func (r *record) nameFollows(p progress, q int32) bool {
	if q == lang.Dead {
		return false
	}
	for i := r.under[q][0]; i < r.under[q][1]; i++ {
		if r.available(p, int(i)) {
			return true
		}
	}
	return false
}

// otherFollows says whether from state k of kinds another name can be completed; taken is how many names beginning like the text so
// far are used up.
func (r *record) otherFollows(p progress, q, k int32, taken int) bool {
	if !r.openTo(p) {
		return false
	}
	if r.kinds == nil {
		return true
	}
	if k == lang.Dead || !r.free[k] {
		return false
	}
	if r.plenty >= unlimited {
		return true
	}
	if q != lang.Dead {
		for i := r.under[q][0]; i < r.under[q][1]; i++ {
			if r.shadowed(r.names[i]) {
				taken++
			}
		}
	}
	return r.kinds.CountOf(k, func(label int32) bool { return len(r.classes[label]) > 0 }) > taken
}

// shadowed says whether a name that has its own rules would also be allowed without them.
func (r *record) shadowed(name string) bool {
	k := r.kinds.Start()
	for _, c := range name {
		if k = r.kinds.Next(k, c); k == lang.Dead {
			return false
		}
	}
	return len(r.classes[r.kinds.Label(k)]) > 0
}
