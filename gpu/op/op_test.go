package op

import (
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
)

// eps is the distance from 1 to the next float32.
const eps = 1.0 / (1 << 23)

// upload makes a tensor of the given shape; the values repeat nothing and may be nil for zeros.
func upload(t testing.TB, values []float32, shape ...int) gpu.Tensor {
	t.Helper()
	x := gpu.Tensor{Shape: shape}
	var err error
	if x.Buffer, err = gputest.Device(t).NewBuffer(t.Name(), 4*int64(x.Len())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Buffer.Release)
	if values != nil && len(values) != x.Len() {
		t.Fatalf("%d values for shape %v", len(values), shape)
	}
	if values != nil {
		write(t, x.Buffer, values)
	}
	return x
}

// write fills a buffer from its beginning with float32, uint32 or bytes.
func write(t testing.TB, b *gpu.Buffer, values any) {
	t.Helper()
	raw, err := binary.Append(nil, binary.LittleEndian, values)
	if err == nil {
		err = b.Write(0, raw)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func uploadIDs(t testing.TB, ids ...uint32) gpu.Tensor {
	t.Helper()
	x := upload(t, nil, len(ids))
	write(t, x.Buffer, ids)
	return x
}

// places is the state of tokens that follow each other from pos0 on, in the conversation whose first kv head is given.
func places(t testing.TB, pos0, tokens, head int) gpu.Tensor {
	t.Helper()
	var words []uint32
	for i := range tokens {
		words = append(words, uint32(pos0+i), uint32(head))
	}
	return uploadIDs(t, words...)
}

// run executes what record records.
func run(t testing.TB, record func(r *gpu.Recorder)) {
	t.Helper()
	r := gputest.Device(t).Record(t.Name())
	record(r)
	p, err := r.Finish()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	if err := p.Run(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
}

func download(t testing.TB, x gpu.Tensor) []float32 {
	t.Helper()
	values := make([]float32, x.Len())
	downloadTo(t, x, values)
	return values
}

func downloadTo(t testing.TB, x gpu.Tensor, values any) {
	t.Helper()
	raw := make([]byte, 4*x.Len())
	if err := x.Buffer.Read(raw, x.Offset); err != nil {
		t.Fatal(err)
	}
	if _, err := binary.Decode(raw, binary.LittleEndian, values); err != nil {
		t.Fatal(err)
	}
}

// random values from -1 to 1, the same for the same seed.
func random(seed uint64, n int) []float32 {
	rng := rand.New(rand.NewPCG(seed, 7))
	values := make([]float32, n)
	for i := range values {
		values[i] = 2*rng.Float32() - 1
	}
	return values
}

// norm is the greatest Euclidean length of the rows of n elements.
func norm(x []float32, n int) float64 {
	most := 0.0
	for i := 0; i < len(x); i += n {
		sum := 0.0
		for _, v := range x[i : i+n] {
			sum += float64(v) * float64(v)
		}
		most = max(most, math.Sqrt(sum))
	}
	return most
}

// sumError bounds the error of f32 dot products of rows of x with rows of w, n long. Rounding each of n partial sums of random terms
// leaves about 0.35·eps·|x|·|w|, whatever n is; 8 is more than twenty times that, and far less than a wrong term makes.
func sumError(x, w []float32, n int) float64 { return 8 * eps * norm(x, n) * norm(w, n) }

// half rounds to the nearest float16, as the cache stores it.
func half(v float32) float32 {
	_, e := math.Frexp(float64(v))
	unit := math.Ldexp(1, max(e-11, -24))
	return float32(math.RoundToEven(float64(v)/unit) * unit)
}

func TestMistakesNameTheOperation(t *testing.T) {
	d := gputest.Device(t)
	x, y := upload(t, nil, 2, 6), upload(t, nil, 2, 5)
	for name, record := range map[string]func(r *gpu.Recorder){
		"rmsnorm":     func(r *gpu.Recorder) { RMSNorm(r, y, x, x, 1e-5) },
		"add":         func(r *gpu.Recorder) { Add(r, y, x) },
		"swiglu":      func(r *gpu.Recorder) { SwiGLUFused(r, y, x) },
		"patch_merge": func(r *gpu.Recorder) { PatchMerge(r, y, x, 2, 2) },
		"attend": func(r *gpu.Recorder) {
			Attend(r, y, x, Cache{Parts: []CachePart{{Heads: 1, K: x, V: x}}, Context: 1}, x, x, Heads{1, 1, 8}, 1)
		},
		"no buffer": func(r *gpu.Recorder) { GELU(r, y, gpu.Tensor{Shape: []int{2, 5}}) },
	} {
		r := d.Record("test")
		record(r)
		if _, err := r.Finish(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
