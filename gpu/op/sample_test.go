package op

import (
	"fmt"
	"math"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/shaders/ref"
)

// recordSample runs the kernel on rows of logits and returns the words of each row.
func recordSample(t *testing.T, x []float32, rows int, mask []uint32, seed uint64, position uint32, temperature float32) [][]uint32 {
	t.Helper()
	cols := len(x) / rows
	masked := uint32(0)
	if mask == nil {
		mask = make([]uint32, (cols+31)/32)
	} else {
		masked = 1
	}
	var samplings, masks []uint32
	for row := range uint32(rows) {
		samplings = append(samplings, uint32(seed), uint32(seed>>32), position+row, math.Float32bits(temperature), masked, 0, 0, 0)
		masks = append(masks, mask...)
	}
	sampling := uploadIDs(t, samplings...)
	y, scratch := upload(t, nil, rows, SampledWords), upload(t, nil, SampleScratch(rows, cols))
	run(t, func(r *gpu.Recorder) {
		Sample(r, y, upload(t, x, rows, cols), uploadIDs(t, masks...), sampling, scratch)
	})
	words := make([]uint32, y.Len())
	downloadTo(t, y, words)
	var list [][]uint32
	for i := range rows {
		list = append(list, words[i*SampledWords:(i+1)*SampledWords])
	}
	return list
}

func TestChoose(t *testing.T) {
	const rows = 2
	for _, cols := range []int{1, 5, 64, 2049, 131072} {
		x := random(1, rows*cols)
		for i := range x {
			x[i] *= 10
		}
		x[cols-1], x[cols/2] = 20, 20 // equals: the first wins
		every7 := make([]uint32, (cols+31)/32)
		for i := 0; i < cols; i += 7 {
			every7[i/32] |= 1 << (i % 32)
		}
		for _, mask := range [][]uint32{nil, every7} {
			for _, temperature := range []float32{0, 0.15, 3} {
				name := fmt.Sprintf("%d columns, mask %t, temperature %g", cols, mask != nil, temperature)
				got := recordSample(t, x, rows, mask, 0x1234567890, 77, temperature)
				for row, g := range got {
					want := ref.Sample(ref.Row(x, row, cols), mask, 0x1234567890, uint32(77+row), temperature)
					if g[1] != want.ID || g[4] != want.TopID {
						t.Errorf("%s, row %d: chose %d, greatest %d; want %d and %d", name, row, g[1], g[4], want.ID, want.TopID)
					}
					numbers := []float32{math.Float32frombits(g[2]), math.Float32frombits(g[3]), math.Float32frombits(g[5])}
					gputest.Close(t, name, numbers, []float32{want.Logit, want.Top, float32(want.Sum)}, 0, 64*eps)
				}
			}
		}
	}
	if got := recordSample(t, []float32{1, 2, 3}, 1, []uint32{0}, 1, 1, 1); got[0][1] != math.MaxUint32 {
		t.Errorf("chose %d under a mask that allows nothing", got[0][1])
	}
}

// What is drawn is distributed as the softmax of logits/temperature says, on a flat row and on a slope, and seeds and positions draw
// independently: Pearson's chi-square over 8,192 draws.
func TestChooseIsExact(t *testing.T) {
	const cols, rows, temperature = 50, 8192, 1.5
	for name, slope := range map[string]float64{"flat": 0, "slope": 0.1} {
		expected, x := make([]float64, cols), make([]float32, rows*cols)
		total := 0.0
		for i := range expected {
			expected[i] = math.Exp(-slope * float64(i) / temperature)
			total += expected[i]
		}
		for i := range x {
			x[i] = float32(-slope * float64(i%cols))
		}
		counts, pairs := make([]float64, cols), make([]float64, 4)
		last := uint32(0)
		for _, g := range recordSample(t, x, rows, nil, 5, 1000, temperature) {
			counts[g[1]]++
			pairs[last%2*2+g[1]%2]++
			last = g[1]
		}
		square := 0.0
		for i, e := range expected {
			e *= rows / total
			square += (counts[i] - e) * (counts[i] - e) / e
		}
		if square > 100 { // 49 degrees of freedom: 1 in 30,000
			t.Errorf("%s: chi-square %.1f over %v", name, square, counts)
		}
		if slope == 0 {
			for _, n := range pairs {
				if math.Abs(n-rows/4) > 200 { // five standard deviations
					t.Errorf("neighbouring positions are not independent: %v", pairs)
				}
			}
		}
	}
}
