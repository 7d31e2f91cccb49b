package tokenizer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

// naive is the rule as one would say it: find the neighbours of lowest rank, the first of them; join; again.
func naive(t *Tokenizer, piece string) []int32 {
	var parts []string
	for i := range len(piece) {
		parts = append(parts, piece[i:i+1])
	}
	for {
		best, at := none, -1
		for i := range len(parts) - 1 {
			if rank := t.rank(parts[i] + parts[i+1]); rank < best {
				best, at = rank, i
			}
		}
		if at < 0 {
			break
		}
		parts = slices.Replace(parts, at, at+2, parts[at]+parts[at+1])
	}
	ids := make([]int32, len(parts))
	for i, part := range parts {
		ids[i] = t.rank(part) + t.specials()
	}
	return ids
}

func TestMergeEqualsNaiveMerge(t *testing.T) {
	tok, rng, room := full(t), rand.New(rand.NewPCG(1, 2)), new(chain)
	for range 5000 {
		alphabet := []string{"ab", "aeiou", "eat ions", "-=", "\x00\x80\xbf\xc3\xe2\xf0", "日本語"}[rng.IntN(6)]
		piece := make([]byte, 1+rng.IntN(60))
		for i := range piece {
			piece[i] = alphabet[rng.IntN(len(alphabet))]
		}
		want := naive(tok, string(piece))
		if tok.rank(string(piece)) != none {
			want = []int32{tok.rank(string(piece)) + tok.specials()}
		}
		if got := tok.appendPiece(nil, string(piece), room); !slices.Equal(got, want) {
			t.Fatalf("%q: %v, want %v", piece, got, want)
		}
	}
}

// Text without white space is one piece, however long: a way of merging whose time grows with the square would not come to an end here.
func TestLongPieces(t *testing.T) {
	tok := full(t)
	for _, text := range []string{"a", " ", "ab\u0301", "ー", "-=", "🙂", "qwxzkjvb"} {
		long := strings.Repeat(text, (1<<20)/len(text))
		if got := tok.Decode(tok.Encode(long)); got != long {
			t.Errorf("%q: 1 MB of it comes back as %d bytes", text, len(got))
		}
	}
}

// The figures of 128 KB are four times those of 32 KB, or a little more.
func BenchmarkLongPieces(b *testing.B) {
	tok := full(b)
	for _, size := range []int{1 << 15, 1 << 17} {
		long := strings.Repeat("ab\u0301", size/4)
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			for b.Loop() {
				tok.Encode(long)
			}
		})
	}
}

func TestAppendEncodeAllocatesAFewTimes(t *testing.T) {
	tok, dst := full(t), make([]int32, 0, len(english))
	if n := testing.AllocsPerRun(3, func() { dst = tok.AppendEncode(dst[:0], english) }); n > 10 {
		t.Errorf("%v allocations for %d ids", n, len(dst))
	}
}

// For the race detector: one tokenizer, many goroutines.
func TestTokenizerIsSafeForConcurrentUse(t *testing.T) {
	tok, text := full(t), english[:5000]
	want := tok.Encode(text)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if got := tok.Encode(text); !slices.Equal(got, want) || tok.Decode(got) != text {
				t.Error("ids differ between goroutines")
			}
		})
	}
	group.Wait()
}
