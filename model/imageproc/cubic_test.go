package imageproc

import (
	"math"
	"sync"
	"testing"
)

// The kernel's weights and the two resampled rows of docs/model.md, 4.1.
func TestCubicWeights(t *testing.T) {
	for x, want := range map[float64][4]float64{
		0:    {0, 1, 0, 0},
		0.5:  {-0.09375, 0.59375, 0.59375, -0.09375},
		0.25: {-0.10546875, 0.87890625, 0.26171875, -0.03515625},
	} {
		if got := cubic(x); got != want {
			t.Errorf("at %g: %v, want %v", x, got, want)
		}
	}
}

func TestResampledRows(t *testing.T) {
	for _, c := range []struct {
		src  []byte
		want []float64
	}{
		{[]byte{0, 50, 100, 255}, []float64{-4.960824, 13.962281, 44.829628, 65.15625, 111.178025, 205.259657, 270.378553}},
		{[]byte{0, 255, 0, 255, 128, 64, 32, 16}, []float64{240.538194, 221.40625, 26.925926}},
	} {
		got := resized(grey(c.src, len(c.src), 1), len(c.want), 4)
		for x, want := range c.want {
			if d := math.Abs(float64(got[3*x]) - want); d > 1e-4 {
				t.Errorf("%v: pixel %d is %g, want %g", c.src, x, got[3*x], want)
			}
		}
	}
}

// However many bands the rows are cut into, the numbers are the same.
func TestBandsDoNotShow(t *testing.T) {
	p := ramp(90, 70)
	whole := resized(p, 56, 140)
	across, down := cubicTaps(90, 56, 3, false), cubicTaps(70, 140, 1, false)
	row := make([]float32, 3*56)
	for y := range 140 { // a fresh ring for every row
		r, i := newRing(p, across, 56), down.at[4*y:]
		blend(row, r.row(i[0]), r.row(i[1]), r.row(i[2]), r.row(i[3]), down.weight[4*y:4*y+4])
		for i, v := range row {
			if v != whole[y*len(row)+i] {
				t.Fatalf("row %d, value %d: %g alone, %g in its band", y, i, v, whole[y*len(row)+i])
			}
		}
	}
}

// resized collects all rows.
func resized(p *Picture, width, height int) []float32 {
	out := make([]float32, 3*width*height)
	var lock sync.Mutex
	resize(p, width, height, func(y int, row []float32) {
		lock.Lock()
		defer lock.Unlock()
		copy(out[y*3*width:], row)
	})
	return out
}

func grey(values []byte, width, height int) *Picture {
	p := &Picture{Width: width, Height: height}
	for _, v := range values {
		p.RGB = append(p.RGB, v, v, v)
	}
	for range height - 1 {
		p.RGB = append(p.RGB, p.RGB[:3*width]...)
	}
	return p
}

// ramp is a picture in which every pixel differs from its neighbours.
func ramp(width, height int) *Picture {
	p := &Picture{Width: width, Height: height, RGB: make([]byte, 3*width*height)}
	for i := range p.RGB {
		p.RGB[i] = byte(i*7 + i/width)
	}
	return p
}

// A 12-megapixel photo at the largest size the model takes.
func BenchmarkPatches12MP(b *testing.B) {
	p := ramp(3500, 3500)
	for b.Loop() {
		if _, err := pixtral.Patches(p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPatchesIdentity(b *testing.B) {
	p := ramp(1540, 1540)
	for b.Loop() {
		if _, err := pixtral.Patches(p); err != nil {
			b.Fatal(err)
		}
	}
}
