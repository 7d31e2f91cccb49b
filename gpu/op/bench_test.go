package op

import (
	"context"
	"fmt"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
)

// repeat runs a recording b.N times and reports its operations per second; twice before, for the compiler.
func repeat(b *testing.B, flops float64, record func(r *gpu.Recorder)) {
	b.Helper()
	r := gputest.Device(b).Record(b.Name())
	record(r)
	p, err := r.Finish()
	if err != nil {
		b.Fatal(err)
	}
	defer p.Release()
	step := func() {
		if err := p.Run(context.Background(), nil); err != nil {
			b.Fatal(err)
		}
	}
	step()
	step()
	b.ResetTimer()
	for range b.N {
		step()
	}
	b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

// BenchmarkMatmul multiplies by 2048×2048 weights: divide by twice the tokens for weights per second.
func BenchmarkMatmul(b *testing.B) {
	const n, k = 2048, 2048
	for _, w := range weightTypes {
		m, _ := matrix(b, gputest.Device(b), w, n, k)
		for _, tokens := range []int{1, 8, 128} {
			b.Run(fmt.Sprint(w, "/", tokens), func(b *testing.B) {
				x, y := upload(b, random(1, tokens*k), tokens, k), upload(b, nil, tokens, n)
				repeat(b, 2*n*k*float64(tokens), func(r *gpu.Recorder) { Matmul(r, y, x, m) })
			})
		}
	}
}

// BenchmarkAttend attends with the last tokens of a context.
func BenchmarkAttend(b *testing.B) {
	h := Heads{8, 2, 64}
	const keys = 2048
	for _, kind := range cacheTypes {
		l := newLayer(b, h, keys, kind)
		for _, tokens := range []int{1, 128} {
			b.Run(fmt.Sprint(l.cache.define(), "/", tokens), func(b *testing.B) {
				q, y := upload(b, random(1, tokens*h.Query*h.Dim), tokens, h.Query*h.Dim), upload(b, nil, tokens, h.Query*h.Dim)
				state := places(b, keys-tokens, tokens, 0)
				repeat(b, 4*keys*float64(tokens*h.Query*h.Dim), func(r *gpu.Recorder) {
					Attend(r, y, q, l.cache, state, l.scratch(b, keys), h, keys)
				})
			})
		}
	}
}

// BenchmarkAttendFull is a layer of a 448×448 picture, with three heads.
func BenchmarkAttendFull(b *testing.B) {
	h := Heads{3, 3, 64}
	const patches = 1024
	n := patches * h.Query * h.Dim
	q, y := upload(b, random(1, n), patches, h.Query*h.Dim), upload(b, nil, patches, h.Query*h.Dim)
	k, v := upload(b, random(2, n), h.Query, patches, h.Dim), upload(b, random(3, n), h.Query, patches, h.Dim)
	repeat(b, 4*patches*float64(n), func(r *gpu.Recorder) { AttendFull(r, y, q, k, v, h) })
}
