package op

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/shaders/ref"
)

// nearest runs Sample and Near on one of the rows and returns the words.
func nearest(t *testing.T, x []float32, rows, row int, mask []uint32, flags uint32, temperature float32, asked []uint32) []uint32 {
	t.Helper()
	cols := len(x) / rows
	words := (cols + 31) / 32
	masks, samplings, ids := make([]uint32, rows*words), make([]uint32, rows*SamplingWords), make([]uint32, rows*MaxExtraIDs)
	copy(masks[row*words:], mask)
	copy(samplings[row*SamplingWords:], []uint32{1, 2, 3, 0, flags, math.Float32bits(1 / temperature), uint32(len(asked))})
	copy(ids[row*MaxExtraIDs:], asked)
	a, m, w, i := upload(t, x, rows, cols), uploadIDs(t, masks...), uploadIDs(t, samplings...), uploadIDs(t, ids...)
	chosen, dst := upload(t, nil, rows, SampledWords), upload(t, nil, TopKWords(cols))
	run(t, func(r *gpu.Recorder) {
		Sample(r, chosen, a, m, w, upload(t, nil, SampleScratch(rows, cols)))
		TopK(r, dst, chosen, a, m, w, i, upload(t, nil, TopKScratch(cols)), row)
	})
	out := make([]uint32, dst.Len())
	downloadTo(t, dst, out)
	return out
}

// What is listed is what the twin lists, with and without a mask, on slopes and on rows so flat that nothing can be.
func TestNear(t *testing.T) {
	const rows = 2
	for _, cols := range []int{1, 300, 2049, 131072} {
		for _, scale := range []float32{0, 0.01, 3, 12} {
			x := random(1, rows*cols)
			for i := range x {
				x[i] *= scale
			}
			every7 := make([]uint32, (cols+31)/32)
			for i := 0; i < cols; i += 7 {
				every7[i/32] |= 1 << (i % 32)
			}
			asked := []uint32{uint32(cols - 1), 0, uint32(cols / 2)}
			for flags, mask := range [][]uint32{nil, every7, nil, every7} { // bit 0: masked, bit 1: and not minded
				for row := range rows {
					name := fmt.Sprintf("%d columns, scale %g, flags %d, row %d", cols, scale, flags, row)
					got := nearest(t, x, rows, row, mask, uint32(flags), 0.7, asked)
					logits := ref.Row(x, row, cols)
					if flags > 1 {
						mask = nil
					}
					best := ref.Sample(logits, mask, 0, 0, 0).Logit
					want, eighths, sum := ref.TopK(logits, mask, best, 0.7, MaxTopK)
					checkNear(t, name, got, logits, want, eighths)
					gputest.Close(t, name, []float32{sumOf(got, cols)}, []float32{float32(sum)}, 0, 100*eps)
					for i, id := range asked {
						if at := topKHeader + TopKSlices(cols) + 2*MaxTopK + i; got[at] != math.Float32bits(logits[id]) {
							t.Errorf("%s: asked for %d and got %g, not %g", name, id, math.Float32frombits(got[at]), logits[id])
						}
					}
				}
			}
		}
	}
}

func sumOf(words []uint32, cols int) (sum float32) {
	for _, w := range words[topKHeader : topKHeader+TopKSlices(cols)] {
		sum += math.Float32frombits(w)
	}
	return sum
}

func checkNear(t *testing.T, name string, got []uint32, logits []float32, want []uint32, eighths int) {
	t.Helper()
	if int(got[8]) != eighths || int(got[9]) != len(want) {
		t.Errorf("%s: %d logits in %d eighths, want %d in %d", name, got[9], got[8], len(want), eighths)
		return
	}
	var ids []uint32
	for i := range want {
		at := topKHeader + TopKSlices(len(logits)) + 2*i
		ids = append(ids, got[at])
		if got[at+1] != math.Float32bits(logits[got[at]]) {
			t.Errorf("%s: a wrong logit for %d", name, got[at])
		}
	}
	slices.Sort(ids)
	slices.Sort(want)
	if !slices.Equal(ids, want) {
		t.Errorf("%s: listed %d, want %d", name, ids, want)
	}
}
