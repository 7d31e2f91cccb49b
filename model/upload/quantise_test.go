package upload

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/ggml"
)

// plainTensor is a BF16 query matrix of random values around ±1.
func plainTensor(rows, columns int, order checkpoint.RowOrder) checkpoint.Tensor {
	rng := rand.New(rand.NewPCG(3, 4))
	t := checkpoint.Tensor{
		Name: "layers.0.attention.wq.weight", Type: checkpoint.BF16, Shape: []int{rows, columns}, HeadDim: 8, Rows: order,
		Data: make([]byte, 2*rows*columns),
	}
	for i := range rows * columns {
		binary.LittleEndian.PutUint16(t.Data[2*i:], uint16(rng.Uint32())&0x80ff|0x3f00)
	}
	return t
}

func plainly(read func() error) error { return read() }

// Packed rows are those of the reference quantiser, in canonical order, however
// many are packed at a time.
func TestPackerTakesRowsInOrder(t *testing.T) {
	for _, order := range []checkpoint.RowOrder{checkpoint.Canonical, checkpoint.HalfSplit} {
		tensor := plainTensor(24, 64, order)
		p := NewPacker(tensor, ggml.Q4_0)
		var want []byte
		for row := range 24 {
			values, block := make([]float32, 64), make([]byte, p.RowBytes())
			if err := ggml.Dequantize(ggml.BF16, tensor.Row(row), values); err != nil {
				t.Fatal(err)
			}
			if err := ggml.Quantize(ggml.Q4_0, values, block); err != nil {
				t.Fatal(err)
			}
			want = append(want, block...)
		}
		for _, band := range []int{1, 7, 24} {
			got := make([]byte, len(want))
			for first := 0; first < 24; first += band {
				count := min(band, 24-first)
				if err := p.Pack(plainly, first, count, got[first*p.RowBytes():]); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(got, want) {
				t.Errorf("order %d: bands of %d rows give other bytes", order, band)
			}
		}
	}
}

// The tower and vectors stay as they are, and the output matrix gets 8 bits.
func TestQuantiseTypes(t *testing.T) {
	tensor := func(name, kind string, shape ...int) checkpoint.Tensor {
		return checkpoint.Tensor{Name: name, Type: checkpoint.Type(kind), Shape: shape}
	}
	for _, c := range []struct {
		q      Quantise
		tensor checkpoint.Tensor
		want   ggml.Type
	}{
		{"q4", tensor("layers.3.attention.wq.weight", "BF16", 64, 64), ggml.Q4_0},
		{"q8", tensor("layers.3.attention.wq.weight", "F32", 64, 64), ggml.Q8_0},
		{"q4", tensor("output.weight", "F16", 64, 64), ggml.Q8_0},
		{"q4", tensor("layers.3.attention.wq.weight", "Q6_K", 64, 256), ggml.Q6_K},
		{"q4", tensor("layers.3.attention.wq.weight", "BF16", 64, 40), ggml.BF16},
		{"q4", tensor("norm.weight", "BF16", 64), ggml.BF16},
		{"q4", tensor("vision_encoder.transformer.layers.0.attention.wq.weight", "BF16", 64, 64), ggml.BF16},
		{"none", tensor("output.weight", "BF16", 64, 64), ggml.BF16},
	} {
		if got := c.q.Type(c.tensor); got != c.want {
			t.Errorf("%s makes %s of %s in %s, want %s", c.q, got, c.tensor.Name, c.tensor.Type, c.want)
		}
	}
	if err := Quantise("q5").Check(); err == nil {
		t.Error("q5 was accepted")
	}
}

// BenchmarkPack packs 64 MB of BF16 with all processors, and reports how that
// compares with only finding each block's maximum, in the same run.
func BenchmarkPack(b *testing.B) {
	tensor := plainTensor(8192, 4096, checkpoint.Canonical)
	for _, kind := range []ggml.Type{ggml.Q4_0, ggml.Q8_0} {
		b.Run(kind.String(), func(b *testing.B) {
			p := NewPacker(tensor, kind)
			dst := make([]byte, 8192*p.RowBytes())
			b.SetBytes(int64(len(tensor.Data)))
			var maxima time.Duration
			for b.Loop() {
				if err := p.Pack(plainly, 0, 8192, dst); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				started := time.Now()
				findMaxima(tensor.Data)
				maxima += time.Since(started)
				b.StartTimer()
			}
			b.ReportMetric(100*maxima.Seconds()/b.Elapsed().Seconds(), "%-of-maxima")
		})
	}
}

// findMaxima looks for the maximum of every block, in the quickest way there is here.
func findMaxima(data []byte) {
	share := len(data)/runtime.GOMAXPROCS(0) + 1
	share += -share & 63
	var most atomic.Uint32
	var wait sync.WaitGroup
	for from := 0; from < len(data); from += share {
		wait.Go(func() { most.Store(uint32(ggml.Furthest(data[from:min(from+share, len(data))]))) })
	}
	wait.Wait()
}
