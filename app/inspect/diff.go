package inspect

// Change is a stretch of two sequences: equal in both, or a stretch of the one
// against a stretch of the other.
type Change struct {
	Equal   bool
	A, AEnd int
	B, BEnd int
}

// maxDiff is how many differences are looked for one by one (Myers, 1986); beyond
// that the whole middle counts as changed, so that two prompts of 30,000 tokens
// that have little in common cost milliseconds.
const maxDiff = 1500

// Diff compares two sequences by their shortest edit script.
func Diff[T comparable](a, b []T) []Change {
	head := 0
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var out changes
	out.equal(0, 0, head)
	midA, midB := a[head:len(a)-tail], b[head:len(b)-tail]
	out.add(matches(midA, midB), len(midA), len(midB), head)
	out.equal(len(a)-tail, len(b)-tail, tail)
	return out
}

// pair is an element of a that is the same as one of b.
type pair struct{ a, b int }

// matches are the pairs of a longest common subsequence, nil when the sequences
// differ too much to look for one.
func matches[T comparable](a, b []T) []pair {
	limit := min(len(a)+len(b), maxDiff)
	furthest := make([]int, 2*limit+2)
	var history [][]int
	for d := 0; d <= limit; d++ {
		for k := -d; k <= d; k += 2 {
			x := step(furthest, k, d, limit)
			for x < len(a) && x-k < len(b) && x >= k && a[x] == b[x-k] {
				x++
			}
			furthest[k+limit] = x
			if x >= len(a) && x-k >= len(b) {
				return trace(append(history, nil), len(a), len(b), d)
			}
		}
		history = append(history, append([]int(nil), furthest[limit-d:limit+d+1]...))
	}
	return nil
}

// step is where diagonal k begins with the d-th difference.
func step(furthest []int, k, d, limit int) int {
	if d == 0 {
		return 0
	}
	if k == -d || k != d && furthest[k-1+limit] < furthest[k+1+limit] {
		return furthest[k+1+limit]
	}
	return furthest[k-1+limit] + 1
}

// trace walks back through what each number of differences had reached.
func trace(history [][]int, x, y, d int) []pair {
	var pairs []pair
	for ; d > 0; d-- {
		before := history[d-1] // diagonals -(d-1) … d-1
		at := func(k int) int {
			if k < -(d-1) || k > d-1 {
				return -1
			}
			return before[k+d-1]
		}
		k := x - y
		down := k == -d || k != d && at(k-1) < at(k+1)
		px := at(k-1) + 1
		if down {
			px = at(k + 1)
		}
		for x > px {
			x, y = x-1, y-1
			pairs = append(pairs, pair{x, y})
		}
		if down {
			y--
		} else {
			x--
		}
	}
	for x > 0 && y > 0 {
		x, y = x-1, y-1
		pairs = append(pairs, pair{x, y})
	}
	for i, j := 0, len(pairs)-1; i < j; i, j = i+1, j-1 {
		pairs[i], pairs[j] = pairs[j], pairs[i]
	}
	return pairs
}

type changes []Change

func (c *changes) equal(a, b, n int) {
	if n > 0 {
		*c = append(*c, Change{true, a, a + n, b, b + n})
	}
}

func (c *changes) differ(a, aEnd, b, bEnd int) {
	if a < aEnd || b < bEnd {
		*c = append(*c, Change{false, a, aEnd, b, bEnd})
	}
}

// add lays the pairs out as stretches; head is what both sequences began with.
func (c *changes) add(pairs []pair, lengthA, lengthB, head int) {
	a, b := 0, 0
	for i := 0; i < len(pairs); {
		n := 1
		for i+n < len(pairs) && pairs[i+n] == (pair{pairs[i].a + n, pairs[i].b + n}) {
			n++
		}
		c.differ(head+a, head+pairs[i].a, head+b, head+pairs[i].b)
		c.equal(head+pairs[i].a, head+pairs[i].b, n)
		a, b = pairs[i].a+n, pairs[i].b+n
		i += n
	}
	c.differ(head+a, head+lengthA, head+b, head+lengthB)
}
