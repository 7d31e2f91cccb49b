package op

import (
	"fmt"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/shaders/ref"
)

// deferredNorm is rows of a residual stream on host and device, with the weights of the norm behind them.
func deferredNorm(t testing.TB, rows, k int) (in DeferredNorm, x, g, want []float32) {
	t.Helper()
	x, g, want = random(31, rows*k), random(32, k), make([]float32, rows*k)
	scaled := make([]float32, rows*k)
	ref.ScaleBy(scaled, x, g)
	ref.RMSNorm(want, x, g, 1e-5)
	in = DeferredNorm{Raw: upload(t, x, rows, k), Scaled: upload(t, nil, rows, k), Eps: 1e-5}
	run(t, func(r *gpu.Recorder) { ScaleBy(r, in.Scaled, in.Raw, upload(t, g, k)) })
	gputest.Close(t, "weighed", download(t, in.Scaled), scaled, 0, 0)
	return in, x, g, want
}

// A product that divides by the norm afterwards, and what happens to it on the way out, are the steps one after the other.
func TestFusedProducts(t *testing.T) {
	for _, c := range []struct {
		w          gpu.Weight
		rows, n, k int
	}{{gpu.Q4_0, 1, 34, 96}, {gpu.BF16, 3, 70, 64}, {gpu.Q4_K, 5, 34, 256}, {gpu.F32, 8, 6, 12}, {gpu.BF16, 2, 130, 1024}} {
		m, values := matrix(t, gputest.Device(t), c.w, c.n, c.k)
		in, _, _, rows := deferredNorm(t, c.rows, c.k)
		product := make([]float32, c.rows*c.n)
		ref.Matmul(product, rows, values, c.k)
		tolerance := 4 * sumError(rows, values, c.k)
		name := fmt.Sprintf("%+v", c)

		y := upload(t, nil, c.rows, c.n)
		run(t, func(r *gpu.Recorder) { MatmulNormed(r, y, in, m) })
		gputest.Close(t, "normed "+name, download(t, y), product, tolerance, eps)

		gate, up, hidden := halves(product, c.n), halvesBehind(product, c.n), make([]float32, c.rows*c.n/2)
		ref.SwiGLU(hidden, gate, up)
		out, wide := upload(t, nil, c.rows, c.n/2), upload(t, nil, c.rows, c.n)
		run(t, func(r *gpu.Recorder) { GateUp(r, out, wide, in, m) })
		gputest.Close(t, "gate "+name, download(t, out), hidden, tolerance*(1+norm(product, c.n)), eps)

		stream, weight := random(35, c.rows*c.n), random(36, c.n)
		x, scaled := upload(t, stream, c.rows, c.n), upload(t, nil, c.rows, c.n)
		plain := random(37, c.rows*c.k)
		ref.Matmul(stream, plain, values, c.k)
		weighed := make([]float32, len(stream))
		ref.ScaleBy(weighed, stream, weight)
		run(t, func(r *gpu.Recorder) {
			MatmulResidual(r, x, scaled, upload(t, plain, c.rows, c.k), m, upload(t, weight, c.n))
		})
		gputest.Close(t, "residual "+name, download(t, x), stream, 4*sumError(plain, values, c.k)+eps, eps)
		gputest.Close(t, "scaled "+name, download(t, scaled), weighed, 4*sumError(plain, values, c.k)+eps, eps)
	}
}

// halves are the first n/2 of every n values, halvesBehind the others.
func halves(x []float32, n int) (out []float32) {
	for i := 0; i < len(x); i += n {
		out = append(out, x[i:i+n/2]...)
	}
	return out
}

func halvesBehind(x []float32, n int) (out []float32) {
	for i := 0; i < len(x); i += n {
		out = append(out, x[i+n/2:i+n]...)
	}
	return out
}
