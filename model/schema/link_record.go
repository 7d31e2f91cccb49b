package schema

import (
	"fmt"
	"slices"

	"sirocco/model/schema/lang"
)

func (l *linker) record(o object) (*record, error) {
	if len(o.exists) > maxServed || len(o.exists) > 0 && o.max < unlimited {
		return nil, fmt.Errorf("demands that some property be of a kind, in more ways than can be followed at once")
	}
	r := &record{min: o.min, max: o.max, exists: len(o.exists), classes: map[int32][]option{}}
	langs := r.gather(o)
	r.keys = lang.Words(r.names)
	r.under = ranges(r.keys)
	for _, name := range r.names {
		options, err := l.property(o, l.c.property(o, name), func(s nameSet) bool { return s.has(name) })
		if err != nil {
			return nil, err
		}
		r.choices = append(r.choices, options)
	}
	r.required = newBits(len(r.names))
	for _, name := range o.required {
		r.required.set(r.index(name))
	}
	if len(o.needs) > 0 {
		r.link(o.needs)
	}
	return r, l.others(r, o, langs)
}

// gather collects the names and the languages that any rule mentions.
func (r *record) gather(o object) []*lang.Language {
	var langs []*lang.Language
	add := func(ls ...*lang.Language) {
		for _, x := range ls {
			if !slices.Contains(langs, x) {
				langs = append(langs, x)
			}
		}
	}
	r.names = append(r.names, o.required...)
	for _, x := range append(slices.Clip(o.rules), o.exists...) {
		switch {
		case x.names.one != nil:
			r.names = append(r.names, *x.names.one)
		case x.names.lang != nil:
			add(x.names.lang)
		default:
			r.names = append(r.names, x.names.names...)
			add(x.names.langs...)
		}
	}
	for _, n := range o.needs {
		r.names = append(append(r.names, n.of), n.also...)
	}
	slices.Sort(r.names)
	r.names = slices.Compact(r.names)
	return langs
}

func (r *record) index(name string) int {
	i, _ := slices.BinarySearch(r.names, name)
	return i
}

// link closes the needs: what a property makes required may make more required.
func (r *record) link(needs []need) {
	r.needs = make([]bitset, len(r.names))
	for _, n := range needs {
		i := r.index(n.of)
		if r.needs[i] == nil {
			r.needs[i] = newBits(len(r.names))
		}
		for _, also := range n.also {
			r.needs[i].set(r.index(also))
		}
	}
	for changed := true; changed; {
		changed = false
		for _, b := range r.needs {
			for j := range r.names {
				if b != nil && b.has(j) && r.needs[j] != nil && b.add(r.needs[j]) {
					changed = true
				}
			}
		}
	}
	for i := range r.names {
		if r.required.has(i) && r.needs[i] != nil {
			r.required.add(r.needs[i])
		}
	}
}

func (l *linker) property(o object, base *node, in func(nameSet) bool) ([]option, error) {
	return l.options(base, len(o.exists), func(k int) (demand, bool) {
		x := o.exists[k]
		return demand{node: x.value}, in(x.names)
	})
}

// others classifies the names that no rule mentions by the patterns that they match.
func (l *linker) others(r *record, o object, langs []*lang.Language) error {
	bit := func(x *lang.Language) int32 { return 1 << slices.Index(langs, x) }
	labels := []int32{0}
	if len(langs) > 0 {
		var err error
		if r.kinds, err = lang.Signatures(langs); err != nil {
			return fmt.Errorf("has patterns for property names that together need too large an automaton")
		}
		labels = labels[:0]
		for q := range int32(r.kinds.Len()) {
			if label := r.kinds.Label(q); !slices.Contains(labels, label) {
				labels = append(labels, label)
			}
		}
	}
	for _, label := range labels {
		in := func(s nameSet) bool {
			switch {
			case s.one != nil:
				return false
			case s.lang != nil:
				return label&bit(s.lang) != 0
			}
			return !slices.ContainsFunc(s.langs, func(x *lang.Language) bool { return label&bit(x) != 0 })
		}
		var base *node
		for _, x := range o.rules {
			if in(x.names) {
				base = l.c.both(base, x.value)
			}
		}
		options, err := l.property(o, base, in)
		if err != nil {
			return err
		}
		r.classes[label] = options
	}
	return nil
}

// ranges gives the words below every state of a word list's automaton, and the state's depth.
func ranges(words *lang.Language) [][3]int32 {
	out := make([][3]int32, words.Len())
	var walk func(q, depth int32) [3]int32
	walk = func(q, depth int32) [3]int32 {
		span := [3]int32{1 << 30, 0, depth}
		if i := words.Label(q); i >= 0 {
			span[0], span[1] = i, i+1
		}
		for _, to := range words.Targets(nil, q, 0, 0x10FFFF) {
			x := walk(to, depth+1)
			span[0], span[1] = min(span[0], x[0]), max(span[1], x[1])
		}
		out[q] = span
		return span
	}
	if !words.Empty() {
		walk(0, 0)
	}
	return out
}
