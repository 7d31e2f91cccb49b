package inspect

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// rebuilt puts both sequences together again from their changes, and says how
// many elements are equal.
func rebuilt(a, b []int, list []Change) (left, right []int, equal int) {
	for _, c := range list {
		left, right = append(left, a[c.A:c.AEnd]...), append(right, b[c.B:c.BEnd]...)
		if c.Equal {
			equal += c.AEnd - c.A
		}
	}
	return left, right, equal
}

// longest is the length of a longest common subsequence, by the table.
func longest(a, b []int) int {
	row := make([]int, len(b)+1)
	for i := range a {
		corner := 0
		for j := range b {
			above := row[j+1]
			if a[i] == b[j] {
				row[j+1] = corner + 1
			} else {
				row[j+1] = max(row[j], above)
			}
			corner = above
		}
	}
	return row[len(b)]
}

func TestDiffIsShortest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		a, b := make([]int, random.IntN(20)), make([]int, random.IntN(20))
		for i := range a {
			a[i] = random.IntN(4)
		}
		for i := range b {
			b[i] = random.IntN(4)
		}
		list := Diff(a, b)
		left, right, equal := rebuilt(a, b, list)
		if !slices.Equal(left, a) || !slices.Equal(right, b) || equal != longest(a, b) {
			t.Fatalf("%v against %v gave %+v: %d equal, %d are possible", a, b, list, equal, longest(a, b))
		}
	}
}

// Long sequences that share nothing but their ends are told apart at once.
func TestDiffOfStrangers(t *testing.T) {
	a, b := make([]int, 30_000), make([]int, 30_000)
	for i := range a {
		a[i], b[i] = i, -i
	}
	list := Diff(a, b)
	if _, _, equal := rebuilt(a, b, list); equal != 1 || len(list) != 2 {
		t.Errorf("%d equal in %d changes", equal, len(list))
	}
}
