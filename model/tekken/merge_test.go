package tekken

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Both ways to merge a piece give the same ids; the goldens reach either of them only for some lengths.
func TestLongMergeEqualsShortMerge(t *testing.T) {
	tok, rng := full(t), rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		alphabet := []string{"ab", "aeiou", "eat ions", "-=", "\x00\x80\xbf\xc3\xe2\xf0", "日本語"}[rng.IntN(6)]
		piece := make([]byte, 1+rng.IntN(shortPiece))
		for i := range piece {
			piece[i] = alphabet[rng.IntN(len(alphabet))]
		}
		short, long := tok.mergeShort(nil, string(piece)), tok.mergeLong(nil, string(piece))
		if !slices.Equal(short, long) {
			t.Fatalf("%q: short %v, long %v", piece, short, long)
		}
	}
}

// Text without white space is one piece; four times as much may not take much more than four times as long.
func TestLongPiecesTakeLinearTime(t *testing.T) {
	tok := full(t)
	for _, text := range []string{"a", " ", "qwxzkjvb", "ab\u0301", "ー", "-=", "🙂"} {
		took := func(size int) time.Duration {
			long := strings.Repeat(text, size/len(text))
			start := time.Now()
			tok.Encode(long)
			return time.Since(start)
		}
		took(1 << 16)
		if small, large := took(1<<18), took(1<<20); large > 16*small+50*time.Millisecond {
			t.Errorf("%q: 256 KB take %v, 1 MB takes %v", text, small, large)
		}
	}
}

func TestAppendEncodeDoesNotAllocate(t *testing.T) {
	tok, dst := full(t), make([]int32, 0, len(english))
	text := english[:2000] + " unvocabularied Pneumonoultramicroscopic\n"
	if n := testing.AllocsPerRun(10, func() { dst = tok.AppendEncode(dst[:0], text) }); n > 0 {
		t.Errorf("%v allocations", n)
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
