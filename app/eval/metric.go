package eval

import (
	"math"
	"strings"
)

// relaxed is ChartQA's relaxed accuracy: numbers may be off by 5 % of the right
// one, percentages count as fractions, everything else must be the same
// (Masry et al. 2022, "ChartQA", section 5.1).
func relaxed(seen, right string) bool {
	a, okA := fraction(seen)
	b, okB := fraction(right)
	if okA && okB && b != 0 {
		return math.Abs(a-b)/math.Abs(b) <= 0.05
	}
	return plain(seen) == plain(right)
}

// fraction reads a number; 5% is 0.05.
func fraction(text string) (float64, bool) {
	text = strings.TrimSuffix(strings.TrimSpace(text), ".")
	if percent, found := strings.CutSuffix(text, "%"); found {
		f, ok := number(percent)
		return f / 100, ok
	}
	return number(text)
}

// anls is DocVQA's normalised likeness of letters for one right answer: 1 less
// the edit distance over the longer length, and 0 from one half on (Biten et al.
// 2019, "Scene Text Visual Question Answering", section 4.1).
func anls(seen, right string) float64 {
	a := []rune(strings.ToLower(strings.Join(strings.Fields(seen), " ")))
	b := []rune(strings.ToLower(strings.Join(strings.Fields(right), " ")))
	longest := max(len(a), len(b))
	if longest == 0 {
		return 1
	}
	const longestCompared = 10_000 // of an answer that runs away; it is far from any right one
	if longest > longestCompared {
		return 0
	}
	distance := float64(edits(a, b)) / float64(longest)
	if distance >= 0.5 {
		return 0
	}
	return 1 - distance
}

// edits is Levenshtein's distance, with one row of the table.
func edits(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

// wilson is the 95 % interval of a share of successes (Wilson 1927).
func wilson(successes, of int) (low, high float64) {
	if of == 0 {
		return 0, 1
	}
	const z = 1.959964
	n := float64(of)
	p := float64(successes) / n
	middle := p + z*z/(2*n)
	spread := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	scale := 1 + z*z/n
	return max(0, (middle-spread)/scale), min(1, (middle+spread)/scale)
}

// endless reports whether a text ends in repetition: its tail is one piece, of up
// to a thousand letters, at least four times and a hundred letters long.
func endless(text string) bool {
	const longest, times, least = 1000, 4, 100
	for period := 1; period <= longest; period++ {
		span := max(period*times, least)
		if span > len(text) {
			return false
		}
		tail := text[len(text)-span:]
		if tail[period:] == tail[:span-period] && strings.TrimSpace(tail) != "" {
			return true
		}
	}
	return false
}
