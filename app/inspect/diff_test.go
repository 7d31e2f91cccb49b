package inspect

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sirocco/model/chat"
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

// longestCommon is the length of a longest common subsequence, by the table.
func longestCommon(a, b []int) int {
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
		if !slices.Equal(left, a) || !slices.Equal(right, b) || equal != longestCommon(a, b) {
			t.Fatalf("%v against %v gave %+v: %d equal, %d are possible", a, b, list, equal, longestCommon(a, b))
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

// The tokens of two turns are held against each other answer by answer: where they part
// they are spelt, and what one engine did not tell is no difference.
func TestCompareTokens(t *testing.T) {
	a, b := population(), population()
	if list := CompareTokens(a, b, letters{}); len(list) != 0 {
		t.Errorf("a turn differs from itself: %+v", list)
	}
	prompt := *b.Rounds[0].Prompt
	prompt.IDs = append(slices.Clone(prompt.IDs[:4]), 30, 31)
	b.Rounds[0].Prompt = &prompt
	b.Rounds[1].Tokens = append(b.Rounds[1].Tokens, &Token{Token: chat.Token{Candidate: chat.Candidate{ID: 7}}})
	list := CompareTokens(a, b, letters{})
	if len(list) != 2 || list[0] != (Difference{What: "prompt, token 5", A: "nye", B: "ef"}) || !strings.HasPrefix(list[1].What, "answer 2, token ") || list[1].B != "h" {
		t.Errorf("the differences are %+v", list)
	}
	prompt.IDs = nil
	if list := CompareTokens(a, b, letters{}); len(list) != 1 {
		t.Errorf("a prompt that is not told differs: %+v", list)
	}
	long, strange := make([]int32, 300), make([]int32, 300)
	for i := range long {
		if i%4 == 0 {
			strange[i] = 1
		}
	}
	if list := parted("prompt", long, strange, letters{}); len(list) != maxPlaces+1 || !strings.Contains(list[maxPlaces].A, "more differences") {
		t.Errorf("%d places are told", len(list))
	}
	if text := spelt(make([]int32, 100), letters{}); text != strings.Repeat("a", 60)+" … 40 more" {
		t.Errorf("many tokens are spelt %q", text)
	}
}
