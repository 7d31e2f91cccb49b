package lang

import (
	"slices"
	"sort"
	"unicode/utf8"
)

// Any is the language of all strings.
func Any() *Language { return any0 }

var any0 = newLanguage([][]edge{{{0, 0}}}, []int32{0})

// None is the language without strings.
func None() *Language { return none0 }

var none0 = newLanguage(nil, nil)

// Words is the language of exactly the given strings, which must be sorted and different; the label of an accepting state is
// the index of its word. A string that is not UTF-8 is left out: no JSON text can hold it.
func Words(words []string) *Language {
	rows, label := [][]edge{nil}, []int32{-1}
	for i, w := range words {
		if !utf8.ValidString(w) {
			continue
		}
		q := int32(0)
		for _, r := range w {
			row := rows[q]
			if n := len(row); n > 1 && row[n-2].lo == r && row[n-2].to != Dead {
				q = row[n-2].to
				continue
			}
			to := int32(len(rows))
			rows[q] = addEdge(row, r, to)
			rows, label = append(rows, nil), append(label, -1)
			q = to
		}
		label[q] = int32(i)
	}
	return newLanguage(rows, label)
}

// addEdge appends the single character r, which comes after all before it.
func addEdge(row []edge, r rune, to int32) []edge {
	if n := len(row); n > 0 && row[n-1].lo == r {
		row = row[:n-1]
	}
	return append(row, edge{r, to}, edge{r + 1, Dead})
}

// List gives all strings of a language that has at most limit of them, sorted by bytes; ok is false when it has more.
func (l *Language) List(limit int) (words []string, ok bool) {
	if l.Empty() {
		return nil, true
	}
	if l.Count(0) > limit {
		return nil, false
	}
	var walk func(q int32, prefix []rune)
	walk = func(q int32, prefix []rune) {
		if l.Accepts(q) {
			words = append(words, string(prefix))
		}
		row := l.rows[q]
		for i, e := range row {
			if e.to == Dead {
				continue
			}
			hi := rune(0x10FFFF)
			if i+1 < len(row) {
				hi = row[i+1].lo - 1
			}
			for r := e.lo; r <= hi; r++ {
				walk(e.to, append(slices.Clip(prefix), r))
			}
		}
	}
	walk(0, nil)
	sort.Strings(words)
	return words, true
}

// Lengths is the language of the strings of least to most characters.
func Lengths(least, most int) (*Language, error) {
	end := most
	if most >= Unbounded {
		end = least
	}
	if end >= maxStates {
		return nil, ErrTooComplex
	}
	rows, label := make([][]edge, end+1), make([]int32, end+1)
	for i := range rows {
		rows[i], label[i] = []edge{{0, int32(i + 1)}}, yes(i >= least)
	}
	rows[end] = []edge{{0, Dead}}
	if most >= Unbounded {
		rows[end] = []edge{{0, int32(end)}}
	}
	return newLanguage(rows, label), nil
}
