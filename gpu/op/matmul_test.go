package op

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/shaders/ref"
)

var weightTypes = []gpu.Weight{gpu.BF16, gpu.F16, gpu.F32, gpu.Q8_0}

// weights are random bytes as a file has them, and what they mean: [n, k] from -1 to 1.
func weights(w gpu.Weight, n, k int) (raw []byte, values []float32) {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(k)))
	for range n * k {
		values = append(values, 2*rng.Float32()-1)
	}
	for i, v := range values {
		switch w {
		case gpu.BF16:
			values[i] = math.Float32frombits(math.Float32bits(v) &^ 0xffff)
			raw = binary.LittleEndian.AppendUint16(raw, uint16(math.Float32bits(v)>>16))
		case gpu.F16:
			values[i] = half(v)
			raw = binary.LittleEndian.AppendUint16(raw, halfBits(half(v)))
		case gpu.F32:
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
		case gpu.Q8_0:
			const scale = 1.0 / 128
			if i%32 == 0 {
				raw = binary.LittleEndian.AppendUint16(raw, halfBits(scale*float32(1+i/32%3)))
			}
			q := int8(math.Floor(float64(v) * 128))
			raw = append(raw, byte(q))
			values[i] = float32(q) * scale * float32(1+i/32%3)
		}
	}
	return raw, values
}

// halfBits are those of a float16 that is in range and not subnormal.
func halfBits(v float32) uint16 {
	bits := math.Float32bits(v)
	if v == 0 || math.Abs(float64(v)) < 1.0/(1<<14) {
		return uint16(bits>>31<<15) | uint16(math.Abs(float64(v))*(1<<24))
	}
	return uint16(bits>>31<<15 | (bits>>23&0xff-112)<<10 | bits>>13&0x3ff)
}

func matrix(t testing.TB, d *gpu.Device, w gpu.Weight, n, k int) (*gpu.Matrix, []float32) {
	t.Helper()
	raw, values := weights(w, n, k)
	m, err := gpu.NewMatrix(d, t.Name(), w, n, k)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Release)
	if err := m.Upload(d, gpu.Rows{Data: raw}); err != nil {
		t.Fatal(err)
	}
	return m, values
}

func TestMatmul(t *testing.T) {
	type shape struct{ tokens, n, k int }
	for _, w := range weightTypes {
		shapes := []shape{{1, 1, 64}, {2, 9, 64}, {3, 131, 128}, {8, 257, 192}, {9, 1, 64}, {33, 259, 192}}
		switch w { // rows that are no whole vectors, or not even whole quads
		case gpu.BF16:
			shapes = append(shapes, shape{2, 33, 588}, shape{10, 33, 588})
		case gpu.F16:
			shapes = append(shapes, shape{1, 3, 1}, shape{3, 70, 37}, shape{19, 5, 21})
		case gpu.Q8_0:
			shapes = append(shapes, shape{1, 30, 96}, shape{12, 30, 32})
		}
		for _, s := range shapes {
			checkMatmul(t, w, s.tokens, s.n, s.k)
		}
	}
}

// One row of the real model's products.
func TestMatmulRealSizes(t *testing.T) {
	for _, w := range []gpu.Weight{gpu.BF16, gpu.Q8_0} {
		for _, s := range [][2]int{{6, 32768}, {131072, 64}, {8, 5120}} {
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

// What a token gets does not depend on how many go with it, up to eight.
func TestMatvecSameBits(t *testing.T) {
	const n, k = 133, 320
	for w, columns := range map[gpu.Weight][]int{gpu.BF16: {8, 7, 6, 5, 4, 3, 2, 1}, gpu.F16: {8, 1}, gpu.F32: {8, 1}, gpu.Q8_0: {8, 3, 1}} {
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

// The GPU's way of sharing a row among invocations, on whatever device there is.
func TestMatvecSlices(t *testing.T) {
	const n, k, cols = 70, 37 * 64, 3
	for _, w := range weightTypes {
		m, values := matrix(t, gputest.Device(t), w, n, k)
		x, want := random(6, cols*k), make([]float32, cols*n)
		ref.Matmul(want, x, values, k)
		y, in := upload(t, nil, cols, n), upload(t, x, cols, k)
		run(t, func(r *gpu.Recorder) { matvec(r, share{rows: 1, lanes: 32, slices: 8}, y, in, m, m.Parts[0], 0) })
		gputest.Close(t, "sliced "+string(w), download(t, y), want, sumError(x, values, k), eps)
	}
}

func TestMatmulTileOfGPUs(t *testing.T) {
	const n, k, tokens = 300, 128, 37
	for _, w := range weightTypes {
		m, values := matrix(t, gputest.Device(t), w, n, k)
		x, want := random(6, tokens*k), make([]float32, tokens*n)
		ref.Matmul(want, x, values, k)
		y, in := upload(t, nil, tokens, n), upload(t, x, tokens, k)
		run(t, func(r *gpu.Recorder) { matmul(r, tile{group: 64, rows: 4, tokens: 16}, y, in, m, m.Parts[0], 0) })
		gputest.Close(t, "tiled "+string(w), download(t, y), want, sumError(x, values, k), eps)
	}
}

// An adapter with small bindings gets the matrix in parts.
func TestMatrixInParts(t *testing.T) {
	d, err := gpu.Open(gpu.Options{MaxBinding: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	const n, k, tokens = 1003, 128, 2
	for _, w := range weightTypes {
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

func TestEmbed(t *testing.T) {
	for _, w := range weightTypes {
		for _, k := range []int{32, 96, 320} {
			m, values := matrix(t, gputest.Device(t), w, 37, k)
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
