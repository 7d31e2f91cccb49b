package lang

import "slices"

// Not is the language of all strings that l lacks.
func Not(l *Language) *Language {
	all := int32(len(l.rows)) // the state in which l has died: everything is welcome
	rows := make([][]edge, 0, all+1)
	label := make([]int32, 0, all+1)
	for q, row := range l.rows {
		out := slices.Clone(row)
		for i := range out {
			if out[i].to == Dead {
				out[i].to = all
			}
		}
		rows = append(rows, out)
		label = append(label, yes(l.label[q] < 0))
	}
	rows, label = append(rows, []edge{{0, all}}), append(label, 0)
	return newLanguage(rows, label)
}

// And is the language of the strings that all of ls have, Or of those that one of them has.
func And(ls ...*Language) (*Language, error) {
	p := newSides(ls, func(sig uint32) int32 { return yes(sig == 1<<len(ls)-1) })
	p.all, p.limit = true, maxIntersection
	return p.product()
}

func Or(ls ...*Language) (*Language, error) {
	return newSides(ls, func(sig uint32) int32 { return yes(sig != 0) }).product()
}

// Signatures accepts every string; the label of the state that it ends in has bit i set where ls[i] has the string. At most 24.
func Signatures(ls []*Language) (*Language, error) {
	return newSides(ls, func(sig uint32) int32 { return int32(sig) }).product()
}

func yes(b bool) int32 {
	if b {
		return 0
	}
	return -1
}

// newSides prepares a product; label turns the set of languages that accept into the label of the state.
func newSides(ls []*Language, label func(sig uint32) int32) *sides {
	return &sides{ls: ls, number: map[string]int32{}, label: label, limit: maxStates}
}

// product runs the languages side by side.
func (p *sides) product() (*Language, error) {
	if len(p.ls) > 24 {
		return nil, ErrTooComplex
	}
	first := make([]int32, len(p.ls))
	for i, l := range p.ls {
		first[i] = l.Start()
	}
	p.state(first)
	for q := 0; q < len(p.tuples); q++ {
		if len(p.tuples) > p.limit {
			return nil, ErrTooComplex
		}
		p.rows = append(p.rows, p.row(p.tuples[q]))
	}
	return newLanguage(p.rows, p.labels), nil
}

// sides is a product under construction: a state is a tuple of the sides' states, Dead included.
type sides struct {
	ls     []*Language
	label  func(sig uint32) int32
	limit  int  // of states
	all    bool // a tuple with a dead side is dead: every language must have the string
	number map[string]int32
	tuples [][]int32
	labels []int32
	rows   [][]edge
	key    []byte
}

func (p *sides) state(tuple []int32) int32 {
	p.key = p.key[:0]
	var sig uint32
	for i, q := range tuple {
		p.key = append(p.key, byte(q), byte(q>>8), byte(q>>16), byte(q>>24))
		if q != Dead && p.ls[i].Accepts(q) {
			sig |= 1 << i
		}
	}
	if n, ok := p.number[string(p.key)]; ok {
		return n
	}
	n := int32(len(p.tuples))
	p.number[string(p.key)] = n
	p.tuples = append(p.tuples, slices.Clone(tuple))
	p.labels = append(p.labels, p.label(sig))
	return n
}

// row cuts the characters where any side's edges change and joins the targets.
func (p *sides) row(tuple []int32) []edge {
	at := make([]int, len(tuple))
	next := make([]int32, len(tuple))
	var out []edge
	for lo := rune(0); lo <= 0x10FFFF; {
		hi := rune(0x110000)
		for i, q := range tuple {
			next[i] = Dead
			if q == Dead {
				continue
			}
			row := p.ls[i].rows[q]
			for at[i]+1 < len(row) && row[at[i]+1].lo <= lo {
				at[i]++
			}
			next[i] = row[at[i]].to
			if at[i]+1 < len(row) {
				hi = min(hi, row[at[i]+1].lo)
			}
		}
		to := Dead
		if !p.all || !slices.Contains(next, Dead) {
			to = p.state(next)
		}
		if n := len(out); n == 0 || out[n-1].to != to {
			out = append(out, edge{lo, to})
		}
		lo = hi
	}
	return out
}

// Only is the language of the strings that end in a state of that label.
func (l *Language) Only(label int32) *Language {
	rows, labels := make([][]edge, len(l.rows)), make([]int32, len(l.rows))
	for q := range l.rows {
		rows[q], labels[q] = l.rows[q], yes(l.label[q] == label)
	}
	return newLanguage(rows, labels)
}

// Reach marks the states from which some string ends in a wanted label.
func (l *Language) Reach(want func(label int32) bool) []bool {
	labels := make([]int32, len(l.rows))
	for q := range labels {
		labels[q] = yes(want(l.label[q]))
	}
	out := make([]bool, len(l.rows))
	for q, d := range shortest(l.rows, labels) {
		out[q] = d != Unbounded
	}
	return out
}

// Stay marks the states from which every string at every moment is in a wanted label or on the way to one, never lost.
func (l *Language) Stay(want func(label int32) bool) []bool {
	free := l.Reach(want)
	for changed := true; changed; {
		changed = false
		for q, row := range l.rows {
			for _, e := range row {
				if free[q] && e.lo != 0xD800 && (e.to == Dead || !free[e.to]) {
					free[q], changed = false, true
				}
			}
		}
	}
	return free
}

// CountOf is the number of strings from q that end in a wanted label; only for states from which these are finitely many.
func (l *Language) CountOf(q int32, want func(label int32) bool) int {
	free := l.Reach(want)
	var walk func(q int32) int
	walk = func(q int32) int {
		n := 0
		if want(l.label[q]) {
			n = 1
		}
		for i, e := range l.rows[q] {
			if e.to == Dead || !free[e.to] {
				continue
			}
			hi := rune(0x10FFFF)
			if i+1 < len(l.rows[q]) {
				hi = l.rows[q][i+1].lo - 1
			}
			n = min(n+int(hi-e.lo+1)*walk(e.to), Unbounded)
		}
		return n
	}
	return walk(q)
}
