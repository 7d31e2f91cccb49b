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

func TestMatmul(t *testing.T) {
	type shape struct{ tokens, n, k int }
	for _, w := range weightTypes {
		t.Run(string(w), func(t *testing.T) {
			shapes := []shape{{1, 9, 256}, {3, 131, 512}, {17, 37, 256}}
			switch w { // rows that are no whole steps, or not even whole quads
			case gpu.BF16:
				shapes = append(shapes, shape{1, 1, 64}, shape{8, 257, 192}, shape{2, 33, 588}, shape{10, 33, 588})
			case gpu.F16:
				shapes = append(shapes, shape{1, 3, 1}, shape{3, 70, 37}, shape{19, 5, 21})
			case gpu.Q4_0:
				shapes = append(shapes, shape{1, 30, 96}, shape{12, 30, 32})
			}
			for _, s := range shapes {
				checkMatmul(t, w, s.tokens, s.n, s.k)
			}
		})
	}
}

// One row of the real model's products.
func TestMatmulRealSizes(t *testing.T) {
	for _, w := range []gpu.Weight{gpu.BF16, gpu.Q4_K} {
		for _, s := range [][2]int{{6, 32768}, {1 << 17, max(64, w.Block())}, {8, 5120}} {
			checkMatmul(t, w, 1, s[0], s[1])
		}
		checkMatmul(t, w, 9, 3, 32768)
	}
}

func checkMatmul(t *testing.T, w gpu.Weight, tokens, n, k int) {
	t.Helper()
	m, values := matrix(t, gputest.Device(t), w, n, k)
	x, want := random(3, tokens*k), random(4, tokens*n)
	y, sum := upload(t, want, tokens, n), upload(t, want, tokens, n)
	in := upload(t, x, tokens, k)
	run(t, func(r *gpu.Recorder) {
		Matmul(r, y, in, m)
		MatmulAdd(r, sum, in, m)
	})
	name := fmt.Sprintf("matmul %s tokens %d, %d×%d", w, tokens, n, k)
	tolerance := sumError(x, values, k) + eps
	ref.Matmul(want, x, values, k)
	gputest.Close(t, name+" added", download(t, sum), want, tolerance, eps)
	clear(want)
	ref.Matmul(want, x, values, k)
	gputest.Close(t, name, download(t, y), want, tolerance, eps)
}

// A file may store the projections that are stacked here in different types.
func TestMatmulOfSeveralTypes(t *testing.T) {
	const k, tokens = 256, 3
	d := gputest.Device(t)
	q, qValues := blocks(gpu.Q4_K, 9, k, common)
	v, vValues := blocks(gpu.Q6_K, 20, k, common)
	m, err := gpu.NewStack(d, "qv", k, gpu.Run{Type: gpu.Q4_K, Rows: 9}, gpu.Run{Type: gpu.Q6_K, Rows: 20})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Release()
	if err := m.Upload(d, gpu.Rows{Data: q}, gpu.Rows{Data: v}); err != nil {
		t.Fatal(err)
	}
	values := slices.Concat(qValues, vValues)
	x, want := random(3, tokens*k), make([]float32, tokens*29)
	ref.Matmul(want, x, values, k)
	y, in := upload(t, nil, tokens, 29), upload(t, x, tokens, k)
	run(t, func(r *gpu.Recorder) { Matmul(r, y, in, m) })
	gputest.Close(t, "q4_k+q6_k", download(t, y), want, sumError(x, values, k), eps)

	rows := upload(t, nil, 2, k)
	run(t, func(r *gpu.Recorder) { Embed(r, rows, uploadIDs(t, 28, 8), m) })
	gputest.Close(t, "embed q4_k+q6_k", download(t, rows), slices.Concat(ref.Row(values, 28, k), ref.Row(values, 8, k)), 0, 0)
}

// What a token gets does not depend on how many go with it, up to eight.
func TestMatvecSameBits(t *testing.T) {
	const n, k = 133, 768
	for w, columns := range map[gpu.Weight][]int{gpu.BF16: {8, 7, 6, 5, 4, 3, 2, 1}, gpu.F32: {8, 1}, gpu.Q5_0: {8, 3, 1}, gpu.Q4_K: {8, 2, 1}} {
		m, _ := matrix(t, gputest.Device(t), w, n, k)
		x := random(5, 8*k)
		var all []float32
		for _, cols := range columns {
			y := upload(t, nil, cols, n)
			run(t, func(r *gpu.Recorder) { Matmul(r, y, upload(t, x[:cols*k], cols, k), m) })
			got := download(t, y)
			if all == nil {
				all = got
			}
			if !slices.Equal(got, all[:cols*n]) {
				t.Errorf("%s: %d columns have other bits than 8", w, cols)
			}
		}
	}
}

// Rows that are too long for one uniform together have one each on a processor, and the same bits as alone.
func TestMatvecOfLongRows(t *testing.T) {
	const n, k, rows = 9, 2560, 11
	checkMatmul(t, gpu.Q4_0, rows, n, k)
	m, _ := matrix(t, gputest.Device(t), gpu.Q4_0, n, k)
	x := random(5, rows*k)
	y, one := upload(t, nil, rows, n), upload(t, nil, 1, n)
	run(t, func(r *gpu.Recorder) {
		Matmul(r, y, upload(t, x, rows, k), m)
		Matmul(r, one, upload(t, x[10*k:], 1, k), m)
	})
	if got, want := download(t, y)[10*n:], download(t, one); gputest.Device(t).Info().Kind == gpu.Software && !slices.Equal(got, want) {
		t.Error("the last of eleven rows has other bits than alone")
	}
}

// The GPUs' ways of sharing a row among invocations, on whatever device there is.
func TestMatvecSlices(t *testing.T) {
	const n, k, cols = 70, 9 * 256, 3
	shapes := []gpu.Vector{{Rows: 1, Lanes: 32, Slices: 8}, {Rows: 2, Lanes: 32, Slices: 4}, {Rows: 4, Lanes: 16, Slices: 2}}
	for i, w := range layouts {
		m, values := matrix(t, gputest.Device(t), w, n, k)
		x, want := random(6, cols*k), make([]float32, cols*n)
		ref.Matmul(want, x, values, k)
		y, in := upload(t, nil, cols, n), upload(t, x, cols, k)
		for _, shape := range shapes[:1+i] {
			run(t, func(r *gpu.Recorder) {
				vectors{x: in, w: m, end: "store"}.record(r, shape, y, m.Parts[0], 0, cols, 0)
			})
			gputest.Close(t, fmt.Sprintf("sliced %s %+v", w, shape), download(t, y), want, sumError(x, values, k), eps)
		}
	}
}

// Tiles, which a processor is spared, on whatever device there is: every type, every edge of a tile in rows, tokens and k.
func TestMatmulTiles(t *testing.T) {
	small, tall := gpu.Tile{Rows: 4, Tokens: 4, Depth: 32, From: 9}, gpu.Tile{Rows: 8, Tokens: 8, Depth: 16, From: 9}
	for _, w := range weightTypes {
		checkTiled(t, small, w, 17, 37, 512)
	}
	for _, w := range layouts {
		checkTiled(t, tall, w, 131, 300, 256)
		checkTiled(t, gpu.Tile{Rows: 8, Tokens: 4, Depth: 16, From: 9}, w, 64, 128, 256)
		checkTiled(t, gpu.Tile{Rows: 8, Tokens: 4, Depth: 32, From: 9}, w, 65, 129, 256)
	}
	for _, s := range [][3]int{{9, 1, 192}, {64, 64, 588}, {65, 33, 8}} { // rows that are no whole slabs
		checkTiled(t, small, gpu.BF16, s[0], s[1], s[2])
		checkTiled(t, tall, gpu.Q4_0, s[0], s[1], 96)
	}
	for _, k := range []int{1, 21, 37, 64} { // nor whole quads
		checkTiled(t, small, gpu.F16, 10, 70, k)
		checkTiled(t, tall, gpu.F32, 10, 70, k)
	}
}

// checkTiled runs a product with and without addition under a knob that asks for tiles.
func checkTiled(t *testing.T, tile gpu.Tile, w gpu.Weight, tokens, n, k int) {
	t.Helper()
	d := gputest.Device(t)
	before := d.Tuning()
	defer d.SetTuning(before)
	knobs := before
	knobs.Quantised.Tile, knobs.Plain.Tile = tile, tile
	if err := knobs.Check(d.Limits()); err != nil {
		t.Fatal(err)
	}
	d.SetTuning(knobs)
	checkMatmul(t, w, tokens, n, k)
}

// An adapter with small bindings gets the matrix in parts.
func TestMatrixInParts(t *testing.T) {
	d, err := gpu.Open(gpu.Options{MaxBinding: 32 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	const n, k, tokens = 1003, 256, 2
	for _, w := range layouts {
		m, values := matrix(t, d, w, n, k)
		if len(m.Parts) < 2 {
			t.Fatalf("%s: %d parts", w, len(m.Parts))
		}
		x, want := random(7, tokens*k), make([]float32, tokens*n)
		ref.Matmul(want, x, values, k)
		gputest.Close(t, "in parts "+string(w), onDevice(t, d, x, []int{tokens, n}, func(r *gpu.Recorder, y, x gpu.Tensor) {
			x.Shape = []int{tokens, k}
			Matmul(r, y, x, m)
		}), want, sumError(x, values, k), eps)

		ids := []uint32{0, 1002, 511, 512, 77, 1 << 20}
		raw := make([]float32, len(ids))
		for i, id := range ids {
			raw[i] = math.Float32frombits(id)
		}
		want = make([]float32, len(ids)*k)
		ref.Embed(want, ids, values, k)
		gputest.Close(t, "embed in parts "+string(w), onDevice(t, d, raw, []int{len(ids), k}, func(r *gpu.Recorder, y, x gpu.Tensor) {
			Embed(r, y, x, m)
		}), want, 0, 0)
		m.Release()
	}
}

// onDevice runs one operation on a device of its own.
func onDevice(t *testing.T, d *gpu.Device, x []float32, shape []int, record func(r *gpu.Recorder, y, x gpu.Tensor)) []float32 {
	t.Helper()
	in, out := gpu.Tensor{Shape: []int{len(x)}}, gpu.Tensor{Shape: shape}
	var err error
	for _, tensor := range []*gpu.Tensor{&in, &out} {
		if tensor.Buffer, err = d.NewBuffer(t.Name(), 4*int64(tensor.Len())); err != nil {
			t.Fatal(err)
		}
		defer tensor.Buffer.Release()
	}
	write(t, in.Buffer, x)
	r := d.Record(t.Name())
	record(r, out, in)
	p, err := r.Finish()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	if err := p.Run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return download(t, out)
}

// Every weight comes out as package ggml reads it, to the bit, whatever its block's scales are; rows end in the middle of a step.
func TestEmbed(t *testing.T) {
	for _, w := range weightTypes {
		for _, k := range []int{max(32, w.Block()), 3 * max(32, w.Block()), 1280} {
			raw, values := blocks(w, 37, k, strange)
			m := place(t, gputest.Device(t), w, 37, k, raw)
			ids := []uint32{36, 0, 7, 8, 99, 7}
			want := make([]float32, len(ids)*k)
			ref.Embed(want, ids, values, k)
			y := upload(t, nil, len(ids), k)
			run(t, func(r *gpu.Recorder) { Embed(r, y, uploadIDs(t, ids...), m) })
			gputest.Close(t, "embed "+string(w), download(t, y), want, 0, 0)
		}
	}
	m, values := matrix(t, gputest.Device(t), gpu.BF16, 5, 13)
	y := upload(t, nil, 2, 13)
	run(t, func(r *gpu.Recorder) { Embed(r, y, uploadIDs(t, 4, 1), m) })
	gputest.Close(t, "embed odd", download(t, y), append(slices.Clone(values[4*13:]), values[13:26]...), 0, 0)
}
