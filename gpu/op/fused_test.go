package op

import (
	"fmt"
	"slices"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/shaders/ref"
)

// normed is rows of a residual stream on host and device, with the weights of the norm behind them.
func normed(t testing.TB, rows, k int) (in Normed, x, g, want []float32) {
	t.Helper()
	x, g, want = random(31, rows*k), random(32, k), make([]float32, rows*k)
	scaled := make([]float32, rows*k)
	ref.Weigh(scaled, x, g)
	ref.RMSNorm(want, x, g, 1e-5)
	in = Normed{Raw: upload(t, x, rows, k), Scaled: upload(t, nil, rows, k), Eps: 1e-5}
	run(t, func(r *gpu.Recorder) { Weigh(r, in.Scaled, in.Raw, upload(t, g, k)) })
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
		in, _, _, rows := normed(t, c.rows, c.k)
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
		ref.Weigh(weighed, stream, weight)
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

// Queries, keys and values leave the product as RopeKV would have left them, in one part or in two.
func TestProject(t *testing.T) {
	const k, context, pos0 = 256, 12, 3
	h := Heads{Query: 4, KV: 2, Dim: 8}
	width := (h.Query + 2*h.KV) * h.Dim
	table := random(41, context*h.Dim)
	for _, half := range []bool{true, false} {
		for _, runs := range [][]gpu.Run{{{Type: gpu.Q8_0, Rows: width}}, {{Type: gpu.Q4_K, Rows: width - h.KV*h.Dim}, {Type: gpu.Q6_K, Rows: h.KV * h.Dim}}} {
			for _, rows := range []int{1, 3} {
				m, err := gpu.NewStack(gputest.Device(t), "qkv", k, runs...)
				if err != nil {
					t.Fatal(err)
				}
				var sources []gpu.Rows
				for _, run := range runs {
					raw, _ := blocks(run.Type, run.Rows, k, common)
					sources = append(sources, gpu.Rows{Data: raw})
				}
				if err := m.Upload(gputest.Device(t), sources...); err != nil {
					t.Fatal(err)
				}
				in, _, _, _ := normed(t, rows, k)
				caches := [2]Cache{}
				queries := [2]gpu.Tensor{}
				for i := range caches {
					caches[i] = Cache{K: upload(t, nil, 3, h.KV, context, h.Dim), V: upload(t, nil, 3, h.KV, context, h.Dim), Context: context, Slots: 3, Half: half}
					queries[i] = upload(t, nil, rows, h.Query*h.Dim)
				}
				angles, state, wide := upload(t, table, context, h.Dim/2, 2), places(t, pos0, rows, 2*h.KV), upload(t, nil, rows, width)
				run(t, func(r *gpu.Recorder) {
					Project(r, queries[0], caches[0], in, m, angles, state, h)
					MatmulNormed(r, wide, in, m)
					RopeKV(r, queries[1], caches[1], Fused(wide, h), angles, state, h)
				})
				for _, pair := range [][2]gpu.Tensor{{queries[0], queries[1]}, {caches[0].K, caches[1].K}, {caches[0].V, caches[1].V}} {
					got, want := make([]uint32, pair[0].Len()), make([]uint32, pair[0].Len())
					downloadTo(t, pair[0], got)
					downloadTo(t, pair[1], want)
					if !slices.Equal(got, want) || slices.Max(want) == 0 {
						t.Errorf("%d rows, %d types, f16 %t: queries, keys or values are others", rows, len(runs), half)
					}
				}
				m.Release()
			}
		}
	}
}
