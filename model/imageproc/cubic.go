package imageproc

import "math"

// The reference resizes with OpenCV's INTER_CUBIC: a cubic kernel with a = -0.75
// over four taps, edges repeated, no smoothing when shrinking (so aliasing is
// part of what the model was trained on), sums in float32, no clamping. First
// along rows, then along columns. Source: docs/model.md, 4.1.

// taps are the four source indices and weights of every output position.
type taps struct {
	at     []int32   // [n, 4], clamped to the source, times step
	weight []float32 // [n, 4]
}

// cubicTaps are the taps that resample src positions to dst positions; step is
// the distance of neighbours in the source's memory. coarse rounds positions to
// float32 (see resize).
func cubicTaps(src, dst, step int, coarse bool) taps {
	t := taps{make([]int32, 4*dst), make([]float32, 4*dst)}
	scale := 1 / (float64(dst) / float64(src))
	for d := range dst {
		at := (float64(d)+0.5)*scale - 0.5
		if coarse {
			at = float64(float32(at))
		}
		first := math.Floor(at)
		for k, w := range cubic(at - first) {
			i := min(max(int(first)-1+k, 0), src-1)
			t.at[4*d+k], t.weight[4*d+k] = int32(i*step), float32(w)
		}
	}
	return t
}

// cubic weighs the taps at distances 1+x, x, 1-x and 2-x, for x in [0, 1).
func cubic(x float64) (w [4]float64) {
	const a = -0.75
	near := func(x float64) float64 { return ((a+2)*x-(a+3))*x*x + 1 }
	w[0] = ((a*(x+1)-5*a)*(x+1)+8*a)*(x+1) - 4*a
	w[1] = near(x)
	w[2] = near(1 - x)
	w[3] = 1 - w[0] - w[1] - w[2]
	return w
}

// resize calls emit with every row of the picture at width × height, values
// 0..255 (and a little beyond) in [width, 3]. Bands of rows run in parallel;
// emit must not keep the row.
func resize(p *Picture, width, height int, emit func(y int, row []float32)) {
	if width == p.Width && height == p.Height {
		copyRows(p, emit)
		return
	}
	// OpenCV on x86 rounds positions to float32 only where it does not hand the
	// work to Intel's library, which it does from four pixels on. Beyond 4,000
	// pixels of length the difference is visible, so it is followed.
	coarse := p.Width < 4 || p.Height < 4
	across := cubicTaps(p.Width, width, 3, coarse)
	down := cubicTaps(p.Height, height, 1, coarse)
	parallel(height, func(lo, hi int) {
		ring := newRing(p, across, width)
		row := make([]float32, 3*width)
		for y := lo; y < hi; y++ {
			i, w := down.at[4*y:4*y+4], down.weight[4*y:4*y+4]
			blend(row, ring.row(i[0]), ring.row(i[1]), ring.row(i[2]), ring.row(i[3]), w)
			emit(y, row)
		}
	})
}

// copyRows is resize for a picture that has its size already.
func copyRows(p *Picture, emit func(y int, row []float32)) {
	parallel(p.Height, func(lo, hi int) {
		row := make([]float32, 3*p.Width)
		for y := lo; y < hi; y++ {
			for i, v := range p.RGB[y*len(row):][:len(row)] {
				row[i] = float32(v)
			}
			emit(y, row)
		}
	})
}

// blend adds four rows with their weights.
func blend(dst, a, b, c, d, w []float32) {
	wa, wb, wc, wd := w[0], w[1], w[2], w[3]
	a, b, c, d = a[:len(dst)], b[:len(dst)], c[:len(dst)], d[:len(dst)]
	for i := range dst {
		dst[i] = wa*a[i] + wb*b[i] + wc*c[i] + wd*d[i]
	}
}

// ring keeps the source rows last used, resampled along x: four neighbours never
// share a slot, and the next output row mostly needs the same ones.
type ring struct {
	p      *Picture
	across taps
	rows   [4][]float32
	held   [4]int32
}

func newRing(p *Picture, across taps, width int) *ring {
	r := &ring{p: p, across: across, held: [4]int32{-1, -1, -1, -1}}
	for i := range r.rows {
		r.rows[i] = make([]float32, 3*width)
	}
	return r
}

// row is source row y at the new width.
func (r *ring) row(y int32) []float32 {
	slot := y & 3
	dst := r.rows[slot]
	if r.held[slot] == y {
		return dst
	}
	r.held[slot] = y
	stride := 3 * r.p.Width
	src := r.p.RGB[int(y)*stride:][:stride]
	for x := 0; x < len(dst)/3; x++ {
		i, w, out := r.across.at[4*x:4*x+4], r.across.weight[4*x:4*x+4], dst[3*x:3*x+3]
		a, b, c, d := src[i[0]:i[0]+3], src[i[1]:i[1]+3], src[i[2]:i[2]+3], src[i[3]:i[3]+3]
		out[0] = w[0]*float32(a[0]) + w[1]*float32(b[0]) + w[2]*float32(c[0]) + w[3]*float32(d[0])
		out[1] = w[0]*float32(a[1]) + w[1]*float32(b[1]) + w[2]*float32(c[1]) + w[3]*float32(d[1])
		out[2] = w[0]*float32(a[2]) + w[1]*float32(b[2]) + w[2]*float32(c[2]) + w[3]*float32(d[2])
	}
	return dst
}
