// Package lang turns what JSON Schema says about the text of a string (pattern, format, enum, propertyNames) into
// deterministic automata over Unicode characters, closed under and, or and not.
//
// Open this file first: a Language is a trimmed automaton, so that a state is only ever reached when some string of the
// language goes on from it. regex.go builds one from a regular expression, words.go from a list, boolean.go combines them,
// format.go names those of the format keyword. It knows nothing of JSON, escapes or bytes.
package lang

import (
	"errors"
	"math"
	"slices"
	"sort"
	"unicode"
)

// Dead is the state from which nothing is accepted. No other state is like that.
const Dead int32 = -1

// Unbounded is the answer of Longest and Count when there is no limit.
const Unbounded = math.MaxInt32

// ErrTooComplex says that an automaton would need more states than we are willing to make.
var ErrTooComplex = errors.New("needs too many automaton states")

// maxStates bounds every automaton made here; a state costs some hundred bytes.
const maxStates = 8000

// maxIntersection bounds intersections, which are cheap to make and where real patterns need more: a host name that counts its
// characters to 253 and those of each label to 63 takes 30,000.
const maxIntersection = 40_000

// edge sends every character from lo up to the next edge's lo to state to.
type edge struct {
	lo rune
	to int32
}

// Language is a trimmed deterministic automaton over Unicode scalar values; state 0 is the start. It never changes once made.
type Language struct {
	rows  [][]edge // per state, ascending by lo, the first at 0; surrogates always lead to Dead
	label []int32  // per state: -1 does not accept, else what New's caller attached (a word's index, a set of languages)

	shortest, maxBytes, count []int32
	doom                      []int32 // characters of the shortest string that dies
	farthest                  int32   // the greatest of shortest
}

// Empty says whether the language has no string at all.
func (l *Language) Empty() bool { return len(l.rows) == 0 }

// Start is the state before the first character, Dead when the language is empty.
func (l *Language) Start() int32 {
	if l.Empty() {
		return Dead
	}
	return 0
}

// Next is the state after character r, Dead when no string of the language goes on that way.
func (l *Language) Next(q int32, r rune) int32 {
	row := l.rows[q]
	i, j := 0, len(row)
	for i < j {
		if m := int(uint(i+j) >> 1); row[m].lo <= r {
			i = m + 1
		} else {
			j = m
		}
	}
	if i == 0 {
		return Dead
	}
	return row[i-1].to
}

// Targets appends to dst the states that some character of lo..hi leads to, each once for each run of characters.
func (l *Language) Targets(dst []int32, q int32, lo, hi rune) []int32 {
	if lo > hi {
		return dst
	}
	row := l.rows[q]
	i := sort.Search(len(row), func(i int) bool { return row[i].lo > lo }) - 1
	for i = max(i, 0); i < len(row) && row[i].lo <= hi; i++ {
		if row[i].to != Dead {
			dst = append(dst, row[i].to)
		}
	}
	return dst
}

// Accepts says whether the string read so far is in the language.
func (l *Language) Accepts(q int32) bool { return l.label[q] >= 0 }

// Label is what the accepting state q stands for (see Words and Signatures), -1 when it does not accept.
func (l *Language) Label(q int32) int32 { return l.label[q] }

// Shortest is the least number of characters that lead from q to acceptance.
func (l *Language) Shortest(q int32) int { return int(l.shortest[q]) }

// Longest is the greatest number of characters that lead from q to acceptance, or Unbounded.
func (l *Language) Longest(q int32) int { return int(l.maxBytes[q]) }

// Count is the number of strings accepted from q, or Unbounded (also when there are more than a million).
func (l *Language) Count(q int32) int { return int(l.count[q]) }

// Total says whether every string whatsoever can be read from q without dying.
func (l *Language) Total(q int32) bool { return l.doom[q] == Unbounded }

// Doom is the length of the shortest string that dies when read from q, or Unbounded: any shorter one can be read.
func (l *Language) Doom(q int32) int { return int(l.doom[q]) }

// Farthest is the most characters that any state still needs to accept.
func (l *Language) Farthest() int { return int(l.farthest) }

// Len is the number of states.
func (l *Language) Len() int { return len(l.rows) }

// Match says whether the whole of s is in the language.
func (l *Language) Match(s string) bool {
	q := l.Start()
	for _, r := range s {
		if q == Dead {
			return false
		}
		q = l.Next(q, r)
	}
	return q != Dead && l.Accepts(q)
}

// newLanguage trims raw rows and labels (start 0) and works out what can be known of every state beforehand.
func newLanguage(rows [][]edge, label []int32) *Language {
	for i := range rows {
		rows[i] = withoutSurrogates(rows[i])
	}
	short := shortest(rows, label)
	keep, number := []int{}, make([]int32, len(rows))
	seen := reachable(rows, short)
	for q := range rows {
		number[q] = Dead
		if seen[q] {
			number[q] = int32(len(keep))
			keep = append(keep, q)
		}
	}
	l := &Language{}
	for _, q := range keep {
		l.rows = append(l.rows, renumber(rows[q], number))
		l.label = append(l.label, label[q])
		l.shortest = append(l.shortest, short[q])
	}
	l.measure()
	l.findDoom()
	for _, n := range l.shortest {
		l.farthest = max(l.farthest, n)
	}
	return l
}

// reachable marks the states on some way from the start to acceptance.
func reachable(rows [][]edge, short []int32) []bool {
	seen := make([]bool, len(rows))
	if len(rows) == 0 || short[0] == Unbounded {
		return seen
	}
	work := []int32{0}
	seen[0] = true
	for len(work) > 0 {
		q := work[len(work)-1]
		work = work[:len(work)-1]
		for _, e := range rows[q] {
			if e.to != Dead && !seen[e.to] && short[e.to] != Unbounded {
				seen[e.to] = true
				work = append(work, e.to)
			}
		}
	}
	return seen
}

// shortest is the distance of every state to acceptance, Unbounded where there is none: breadth first over reversed edges.
func shortest(rows [][]edge, label []int32) []int32 {
	back := make([][]int32, len(rows))
	dist := make([]int32, len(rows))
	var work []int32
	for q := range rows {
		dist[q] = Unbounded
		for _, e := range rows[q] {
			if e.to != Dead {
				back[e.to] = append(back[e.to], int32(q))
			}
		}
	}
	for q := range rows {
		if label[q] >= 0 {
			dist[q] = 0
			work = append(work, int32(q))
		}
	}
	for i := 0; i < len(work); i++ {
		for _, p := range back[work[i]] {
			if dist[p] == Unbounded {
				dist[p] = dist[work[i]] + 1
				work = append(work, p)
			}
		}
	}
	return dist
}

// renumber applies the new state numbers and joins neighbouring edges with one target.
func renumber(row []edge, number []int32) []edge {
	out := make([]edge, 0, len(row))
	for _, e := range row {
		if e.to != Dead {
			e.to = number[e.to]
		}
		if n := len(out); n == 0 || out[n-1].to != e.to {
			out = append(out, e)
		}
	}
	return slices.Clip(out)
}

// withoutSurrogates sends D800..DFFF to Dead: no JSON string that we accept holds half a pair.
func withoutSurrogates(row []edge) []edge {
	const first, after = 0xD800, 0xE000
	out := make([]edge, 0, len(row)+2)
	last, done := Dead, false
	for _, e := range row {
		if e.lo > unicode.MaxRune { // where the last class of characters ends
			break
		}
		if !done && e.lo >= first {
			out = append(out, edge{first, Dead})
			if e.lo > after {
				out = append(out, edge{after, last})
			}
			done = true
		}
		last = e.to
		switch {
		case !done || e.lo > after:
			out = append(out, e)
		default: // inside the hole: it speaks for what follows it
			if n := len(out); out[n-1].lo == after {
				out[n-1].to = e.to
			} else {
				out = append(out, edge{after, e.to})
			}
		}
	}
	if !done {
		out = append(out, edge{first, Dead}, edge{after, last})
	}
	if out[0].lo != 0 {
		out = append([]edge{{0, Dead}}, out...)
	}
	return out
}

// measure fills longest and count by a depth-first walk; a state on a cycle, or before one, is unbounded.
func (l *Language) measure() {
	n := len(l.rows)
	l.maxBytes, l.count = make([]int32, n), make([]int32, n)
	mark := make([]uint8, n) // 0 new, 1 open, 2 done
	type visit struct {
		q int32
		i int
	}
	for s := range n {
		if mark[s] != 0 {
			continue
		}
		work := []visit{{int32(s), 0}}
		mark[s] = 1
		for len(work) > 0 {
			v := &work[len(work)-1]
			row := l.rows[v.q]
			if v.i == len(row) {
				l.close(v.q)
				mark[v.q] = 2
				work = work[:len(work)-1]
				continue
			}
			to := row[v.i].to
			v.i++
			if to == Dead {
				continue
			}
			if mark[to] == 1 { // a cycle: everything open from `to` on can go round it
				l.maxBytes[v.q] = Unbounded
			} else if mark[to] == 0 {
				mark[to] = 1
				work = append(work, visit{to, 0})
			}
		}
	}
}

// close settles state q once all its successors but those on a cycle through it are settled.
func (l *Language) close(q int32) {
	row := l.rows[q]
	var total int64
	if l.label[q] >= 0 {
		total = 1
	}
	for i, e := range row {
		if e.to == Dead {
			continue
		}
		hi := rune(0x10FFFF)
		if i+1 < len(row) {
			hi = row[i+1].lo - 1
		}
		if l.maxBytes[e.to] == Unbounded {
			l.maxBytes[q] = Unbounded
		} else if l.maxBytes[q] != Unbounded {
			l.maxBytes[q] = max(l.maxBytes[q], l.maxBytes[e.to]+1)
		}
		total += int64(hi-e.lo+1) * int64(l.count[e.to])
		total = min(total, Unbounded)
	}
	if l.maxBytes[q] == Unbounded || total > 1_000_000 {
		total = Unbounded
	}
	l.count[q] = int32(total)
}

// findDoom measures the way to death, breadth first over reversed edges.
func (l *Language) findDoom() {
	back := make([][]int32, len(l.rows))
	l.doom = make([]int32, len(l.rows))
	var work []int32
	for q, row := range l.rows {
		l.doom[q] = Unbounded
		for _, e := range row {
			if e.to != Dead {
				back[e.to] = append(back[e.to], int32(q))
			} else if e.lo != 0xD800 && l.doom[q] != 1 {
				l.doom[q] = 1
				work = append(work, int32(q))
			}
		}
	}
	for i := 0; i < len(work); i++ {
		for _, p := range back[work[i]] {
			if l.doom[p] == Unbounded {
				l.doom[p] = l.doom[work[i]] + 1
				work = append(work, p)
			}
		}
	}
}

// Until is the last character from r on that leads from q to the same state as r does.
func (l *Language) Until(q int32, r rune) rune {
	row := l.rows[q]
	i := sort.Search(len(row), func(i int) bool { return row[i].lo > r })
	if i == len(row) {
		return 0x10FFFF
	}
	return row[i].lo - 1
}
