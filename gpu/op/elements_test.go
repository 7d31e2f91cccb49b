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

func TestRMSNorm(t *testing.T) {
	for _, shape := range [][2]int{{1, 1}, {3, 7}, {2, 64}, {5, 65}, {70, 192}, {2, 5120}, {1, 32768}} {
		x, w := random(1, shape[0]*shape[1]), random(2, shape[1])
		want := make([]float32, len(x))
		ref.RMSNorm(want, x, w, 1e-5)
		y := upload(t, nil, shape[:]...)
		run(t, func(r *gpu.Recorder) { RMSNorm(r, y, upload(t, x, shape[:]...), upload(t, w, shape[1]), 1e-5) })
		// a sum of squares loses at most eps per addition of a lane, and the rest is a few roundings
		gputest.Close(t, fmt.Sprint("rmsnorm ", shape), download(t, y), want, 0, eps*(8+float64(shape[1])/128))
	}
}

func TestElementwise(t *testing.T) {
	const rows, cols = 5, 71
	gate, up := random(1, rows*cols), random(2, rows*cols)
	for i := range gate {
		gate[i] *= 12 // both tails
	}
	gate[0], gate[1] = -1e4, 1e4
	want := make([]float32, rows*cols)

	y := upload(t, nil, rows, cols)
	ref.SwiGLU(want, gate, up)
	run(t, func(r *gpu.Recorder) { SwiGLU(r, y, upload(t, gate, rows, cols), upload(t, up, rows, cols)) })
	gputest.Close(t, "swiglu", download(t, y), want, 1e-30, 16*eps)

	var fused []float32
	for row := range rows {
		fused = append(append(fused, ref.Row(gate, row, cols)...), ref.Row(up, row, cols)...)
	}
	y = upload(t, nil, rows, cols)
	run(t, func(r *gpu.Recorder) { SwiGLUFused(r, y, upload(t, fused, rows, 2*cols)) })
	gputest.Close(t, "swiglu fused", download(t, y), want, 1e-30, 16*eps)

	ref.GeGLU(want, gate, up)
	y = upload(t, nil, rows, cols)
	run(t, func(r *gpu.Recorder) { GeGLUFused(r, y, upload(t, fused, rows, 2*cols)) })
	// erfc is good to 1.5e-7 absolutely, which the gate and up then scale
	gputest.Close(t, "geglu fused", download(t, y), want, 1e-5, 16*eps)

	bias := gate[:cols]
	sum := slices.Clone(up)
	ref.Add(sum, bias)
	y = upload(t, up, rows, cols)
	run(t, func(r *gpu.Recorder) { Add(r, y, upload(t, bias, cols)) })
	gputest.Close(t, "add a row", download(t, y), sum, 0, 0)

	sum = slices.Clone(up)
	ref.Add(sum, gate)
	y = upload(t, up, rows, cols)
	run(t, func(r *gpu.Recorder) { Add(r, y, upload(t, gate, rows, cols)) })
	gputest.Close(t, "add", download(t, y), sum, 0, 0)
}

func TestGELU(t *testing.T) {
	var x []float32
	for v := -12.0; v < 12; v += 1.0 / 256 {
		x = append(x, float32(v))
	}
	x = append(x, 1e30, -1e30, 0, 1e-30)
	want := make([]float32, len(x))
	ref.GELU(want, x)
	y := upload(t, nil, len(x))
	run(t, func(r *gpu.Recorder) { GELU(r, y, upload(t, x, len(x))) })
	// the approximation of erf is 1.5e-7 off, times x/2
	gputest.Close(t, "gelu", download(t, y), want, 1e-6, 1e-6)
}

// A grid wider than 65,535 workgroups goes on along y.
func TestManyElements(t *testing.T) {
	const n = 65_535*64 + 1000
	x := random(1, n)
	y := upload(t, x, n)
	run(t, func(r *gpu.Recorder) { Add(r, y, upload(t, x, n)) })
	got := download(t, y)
	for i := range got {
		if got[i] != 2*x[i] {
			t.Fatalf("element %d is %g, want %g", i, got[i], 2*x[i])
		}
	}
}

func TestManyRows(t *testing.T) {
	const rows = 70_001
	x, w := random(1, rows), []float32{1}
	y := upload(t, nil, rows, 1)
	run(t, func(r *gpu.Recorder) { RMSNorm(r, y, upload(t, x, rows, 1), upload(t, w, 1), 0) })
	for i, v := range download(t, y) {
		if want := math.Copysign(1, float64(x[i])); x[i] != 0 && math.Abs(float64(v)-want) > 8*eps {
			t.Fatalf("row %d is %g, want %g", i, v, want)
		}
	}
}

func TestMerge(t *testing.T) {
	for _, c := range []struct{ rows, columns, m, dim int }{{2, 2, 2, 1}, {4, 6, 2, 5}, {6, 2, 2, 64}, {3, 6, 3, 7}, {2, 3, 1, 4}} {
		x := random(1, c.rows*c.columns*c.dim)
		want := make([]float32, len(x))
		ref.PatchMerge(want, x, c.columns, c.m, c.dim)
		y := upload(t, nil, c.rows*c.columns/c.m/c.m, c.dim*c.m*c.m)
		run(t, func(r *gpu.Recorder) { PatchMerge(r, y, upload(t, x, c.rows*c.columns, c.dim), c.columns, c.m) })
		gputest.Close(t, fmt.Sprintf("merge %+v", c), download(t, y), want, 0, 0)
	}
}

func TestSplice(t *testing.T) {
	y, src := random(1, 5*33), random(2, 3*33)
	at := []uint32{NoRow, 2, NoRow, 0, 3}
	out := upload(t, y, 5, 33)
	run(t, func(r *gpu.Recorder) { ScatterRows(r, out, upload(t, src, 3, 33), uploadIDs(t, at...)) })
	ref.ScatterRows(y, src, at)
	gputest.Close(t, "scatter_rows", download(t, out), y, 0, 0)
}
