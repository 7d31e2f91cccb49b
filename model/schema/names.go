package schema

import "sirocco/model/schema/lang"

// What may stand inside a property name is the union of two: names that the schema speaks of and that are still to come, which are few, and
// other names, whose automaton is walked like that of a string.

// contents are what names may hold: those that the schema does not speak of, and those that it does.
type contents struct{ other, named *stringLang }

func (e *engine) contentsOf(r *record) contents {
	c, ok := e.contents[r]
	if !ok {
		c = contents{&stringLang{lang: r.kinds, max: unlimited, live: r.free}, &stringLang{lang: r.keys, max: unlimited}}
		e.contents[r] = c
	}
	return c
}

// apart says whether the two can be looked at one by one: there is no end of other names, so that those used up do not matter.
func (f *frame) apart() bool {
	return f.kind == inKey && f.rec.kinds != nil && f.rec.plenty >= unlimited && f.rec.openTo(f.progress())
}

// insideName sets the tokens that stay inside a name.
func (e *engine) insideName(f *frame, mask []uint32) {
	c := e.contentsOf(f.rec)
	if f.k != lang.Dead && f.rec.free[f.k] {
		unite(mask, e.insideAt(insideKey{str: c.other, q: f.k, mode: f.mode}))
	}
	if f.q != lang.Dead {
		e.walkNamed(f, e.byteDFAOf(c.named), mask)
	}
}

// walkNamed tries the tokens along the names that the schema speaks of.
func (e *engine) walkNamed(f *frame, s *byteDFA, mask []uint32) {
	t, p := &e.vocab.all, f.progress()
	start := textRun{at: s.place(spelt{q: f.q, mode: f.mode})}
	for i := 0; i < len(t.bytes); {
		at, d := start, t.depth[i]
		if d > 0 {
			at = e.runs[d-1]
		}
		at.at = s.step(at.at, t.bytes[i], e.scratch)
		if at.at == nowhereToGo || !e.leadsToName(f.rec, p, s.places[at.at]) {
			i = int(t.skip[i])
			continue
		}
		e.runs[d] = at
		if id := t.token[i]; id >= 0 {
			t.set(mask, id)
		}
		i++
	}
}

// leadsToName says whether a place among the schema's names can become one that is available.
func (e *engine) leadsToName(r *record, p progress, at spelt) bool {
	if at.mode == plain {
		return r.nameFollows(p, at.q)
	}
	for _, x := range reach(at.mode) {
		for _, q := range r.keys.Targets(e.scratch[:0], at.q, x.lo, x.hi) {
			if r.nameFollows(p, q) {
				return true
			}
		}
	}
	return false
}
