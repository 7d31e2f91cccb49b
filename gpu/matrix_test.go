package gpu_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/shaders"
)

// fileRows are random bytes as long as n rows of k weights in a file.
func fileRows(w gpu.Weight, n, k int) []byte {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(k)))
	data := make([]byte, w.RowBytes(k)*int64(n))
	for i := range data {
		data[i] = byte(rng.Uint32())
	}
	return data
}

// unpack reads a matrix back into rows as a file has them, by the layout Matrix documents: vector v of row n is element
// (n/8·V + v)·8 + n%8.
func unpack(t *testing.T, m *gpu.Matrix) []byte {
	t.Helper()
	var file []byte
	for _, p := range m.Parts {
		layout, _ := shaders.LayoutOf(string(p.Type))
		vectors := p.Type.Steps(m.K) * layout.Vectors
		words := contents(t, p.Weights)
		var scales []byte
		if p.Words != nil {
			scales = contents(t, p.Words)
		}
		for n := range p.Rows {
			var row []byte
			for v := range vectors {
				at := ((n/8*vectors+v)*8 + n%8) * 16
				if scales != nil && v%2 == 0 { // a block of 32 begins: its scale
					s := ((n/8*(vectors/4)+v/4)*8+n%8)*4 + v%4
					row = append(row, scales[s:s+2]...)
				}
				row = append(row, words[at:at+16]...)
			}
			size := p.Type.RowBytes(m.K)
			if rest := row[size:]; !bytes.Equal(rest, make([]byte, len(rest))) {
				t.Errorf("row %d is padded with other than zeros", n)
			}
			file = append(file, row[:size]...)
		}
	}
	return file
}

func contents(t *testing.T, b *gpu.Buffer) []byte {
	t.Helper()
	data := make([]byte, b.Size())
	if err := b.Read(data, 0); err != nil {
		t.Fatal(err)
	}
	return data
}

func TestMatrixLayout(t *testing.T) {
	d := gputest.Device(t)
	for _, c := range []struct {
		w    gpu.Weight
		n, k int
	}{
		{gpu.BF16, 1, 1}, {gpu.BF16, 17, 588}, {gpu.F16, 8, 8}, {gpu.F32, 9, 7}, {gpu.Q8_0, 3, 32}, {gpu.Q8_0, 20, 192},
		{gpu.BF16, 1000, 5120}, // more than the 8 MiB of a staging buffer
		{gpu.Q8_0, 3001, 4096},
	} {
		m, err := gpu.NewMatrix(d, "test", c.w, c.n, c.k)
		if err != nil {
			t.Fatal(err)
		}
		data := fileRows(c.w, c.n, c.k)
		// staging memory is used again: what an upload leaves out would show
		for range 2 {
			if err := m.Upload(d, gpu.Rows{Data: data}); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(unpack(t, m), data) {
			t.Errorf("%s %d×%d: not the bytes that went in", c.w, c.n, c.k)
		}
		total := m.Parts[0].Weights.Size()
		if s := m.Parts[0].Words; s != nil {
			total += s.Size()
		}
		if want := gpu.MatrixBytes(c.w, c.n, c.k); total != want {
			t.Errorf("%s %d×%d takes %d bytes, MatrixBytes says %d", c.w, c.n, c.k, total, want)
		}
		m.Release()
	}
}

// A fused projection: three tensors stacked, the first with its rows in another order.
func TestMatrixFromSeveralSources(t *testing.T) {
	d := gputest.Device(t)
	const k = 24
	q, kv, v := fileRows(gpu.BF16, 6, k), fileRows(gpu.BF16, 5, k), fileRows(gpu.BF16, 2, k)
	reverse := func(row int) int { return 5 - row }
	m, err := gpu.NewMatrix(d, "qkv", gpu.BF16, 13, k)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Release()
	if err := m.Upload(d, gpu.Rows{Data: q, Order: reverse}, gpu.Rows{Data: kv}, gpu.Rows{Data: v}); err != nil {
		t.Fatal(err)
	}
	var want []byte
	for row := range 6 {
		want = append(want, q[reverse(row)*2*k:][:2*k]...)
	}
	want = append(append(want, kv...), v...)
	if !bytes.Equal(unpack(t, m), want) {
		t.Error("the rows are not those of the sources in order")
	}
}

// A fused projection of tensors that a file stores in different types.
func TestMatrixOfSeveralTypes(t *testing.T) {
	d := gputest.Device(t)
	const k = 64
	q, kv, v := fileRows(gpu.Q8_0, 6, k), fileRows(gpu.Q8_0, 5, k), fileRows(gpu.BF16, 9, k)
	m, err := gpu.NewStack(d, "qkv", k, gpu.Run{Type: gpu.Q8_0, Rows: 6}, gpu.Run{Type: gpu.Q8_0, Rows: 5}, gpu.Run{Type: gpu.BF16, Rows: 9})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Release()
	if err := m.Upload(d, gpu.Rows{Data: q}, gpu.Rows{Data: kv}, gpu.Rows{Data: v}); err != nil {
		t.Fatal(err)
	}
	if len(m.Parts) != 2 || m.N != 20 || !bytes.Equal(unpack(t, m), slices.Concat(q, kv, v)) {
		t.Errorf("parts %+v", m.Parts)
	}
	if err := m.Upload(d, gpu.Rows{Data: fileRows(gpu.Q8_0, 20, k)}); err == nil || !strings.Contains(err.Error(), "where those of type bf16 begin") {
		t.Errorf("rows of one type for a matrix of two: %v", err)
	}
}

func TestMatrixSplits(t *testing.T) {
	d, err := gpu.Open(gpu.Options{MaxBinding: 20_000})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m, err := gpu.NewMatrix(d, "split", gpu.F32, 101, 64)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Release()
	data := fileRows(gpu.F32, 101, 64)
	if err := m.Upload(d, gpu.Rows{Data: data}); err != nil {
		t.Fatal(err)
	}
	if len(m.Parts) != 2 || m.Parts[1].First != m.Parts[0].Rows || !bytes.Equal(unpack(t, m), data) {
		t.Errorf("parts %+v", m.Parts)
	}
}

func TestMatrixRefuses(t *testing.T) {
	d := gputest.Device(t)
	small, err := gpu.Open(gpu.Options{MaxBinding: 4096})
	if err != nil {
		t.Fatal(err)
	}
	defer small.Close()
	for _, c := range []struct {
		device *gpu.Device
		w      gpu.Weight
		n, k   int
		says   string
	}{
		{d, "q4_2", 8, 32, "no kernels"},
		{d, gpu.Q8_0, 8, 33, "blocks of 32"},
		{d, gpu.Q4_K, 8, 128, "blocks of 256"},
		{d, gpu.BF16, 0, 8, "makes no sense"},
		{small, gpu.F32, 8, 1024, "too long"},
	} {
		m, err := gpu.NewMatrix(c.device, "wrong", c.w, c.n, c.k)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %d×%d: got %v, want %q", c.w, c.n, c.k, err, c.says)
			m.Release()
		}
	}
	m, err := gpu.NewMatrix(d, "wrong", gpu.BF16, 4, 8)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Release()
	for says, rows := range map[string]gpu.Rows{
		"no whole rows": {Data: make([]byte, 63)},
		"3 rows":        {Data: make([]byte, 48)},
		"from row 9":    {Data: make([]byte, 64), Order: func(int) int { return 9 }},
	} {
		if err := m.Upload(d, rows); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
	if _, err := gpu.ParseWeight("iq3_s"); err == nil {
		t.Error("iq3_s parses")
	}
}

func BenchmarkMatrixUpload(b *testing.B) {
	d := gputest.Device(b)
	for _, w := range []gpu.Weight{gpu.BF16, gpu.Q8_0, gpu.Q4_K, gpu.Q6_K, gpu.Q3_K} {
		const n, k = 4096, 5120
		data := fileRows(w, n, k)
		m, err := gpu.NewMatrix(d, "bench", w, n, k)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(string(w), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for range b.N {
				if err := m.Upload(d, gpu.Rows{Data: data}); err != nil {
					b.Fatal(err)
				}
			}
		})
		m.Release()
	}
}
