package ggml

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// Every number of 16 bits comes back from float32 as it was.
func TestToHalfIsExact(t *testing.T) {
	for bits := range uint32(1 << 16) {
		var block [2]byte
		binary.LittleEndian.PutUint16(block[:], uint16(bits))
		var value [1]float32
		if err := Dequantize(F16, block[:], value[:]); err != nil {
			t.Fatal(err)
		}
		if got := ToHalf(value[0]); got != uint16(bits) && value[0] == value[0] {
			t.Fatalf("%#04x is %g and comes back as %#04x", bits, value[0], got)
		}
	}
	for v, want := range map[float32]uint16{
		65519.996: 0x7bff, 65520: 0x7c00, 1e30: 0x7c00, -1e30: 0xfc00, 1 + 1.0/2048: 0x3c00, 1 + 3.0/2048: 0x3c02, float32(math.Pow(2, -25)): 0,
	} {
		if got := ToHalf(v); got != want {
			t.Errorf("%g becomes %#04x, want %#04x", v, got, want)
		}
	}
}

// What is packed comes back within half a step of its block's scale (in Q4_0 a whole one at the end that has no code of its own), and
// what is nothing stays nothing.
func TestQuantize(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for kind, steps := range map[Type]float64{Q4_0: 8, Q8_0: 127} {
		values := make([]float32, 32*200)
		for i := range values {
			values[i] = float32(random.NormFloat64() * math.Exp(float64(i/32%12)-4))
		}
		clear(values[64:96])
		_, size := kind.Block()
		blocks, back := make([]byte, len(values)/32*size), make([]float32, len(values))
		if err := Quantize(kind, values, blocks); err != nil {
			t.Fatal(err)
		}
		if err := Dequantize(kind, blocks, back); err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(values); at += 32 {
			most := 0.0
			for _, v := range values[at : at+32] {
				most = max(most, math.Abs(float64(v)))
			}
			for i, v := range values[at : at+32] {
				if off := math.Abs(float64(back[at+i] - v)); off > most/steps*1.01+1e-7 || kind == Q8_0 && off > most/steps*0.51+most*2e-3+1e-7 {
					t.Fatalf("%s: %g of a block of up to %g comes back as %g", kind, v, most, back[at+i])
				}
			}
		}
	}
	if err := Quantize(Q6_K, make([]float32, 256), make([]byte, 210)); err == nil {
		t.Error("Q6_K was packed")
	}
	if err := Quantize(Q4_0, make([]float32, 33), make([]byte, 18)); err == nil {
		t.Error("33 values were packed")
	}
}

// BF16 is packed as its values are.
func TestQuantizeBF16(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	data, values := make([]byte, 2*32*300), make([]float32, 32*300)
	for i := range values {
		binary.LittleEndian.PutUint16(data[2*i:], uint16(random.Uint32())&0xbfff|uint16(i/32%2)<<13)
	}
	if err := Dequantize(BF16, data, values); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []Type{Q4_0, Q8_0} {
		_, size := kind.Block()
		want, got := make([]byte, 300*size), make([]byte, 300*size)
		if err := errors.Join(Quantize(kind, values, want), QuantizeBF16(kind, data, got)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: the bytes differ", kind)
		}
	}
}

// Blocks of ggml's own quantisers (tools/goldens/quantize.py).
func TestQuantizeEqualsReference(t *testing.T) {
	for kind, want := range goldenBlocks(t) {
		values := goldenValues()
		got := make([]byte, len(want))
		if err := Quantize(kind, values, got); err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%s: byte %d is %#02x, ggml has %#02x", kind, i, got[i], want[i])
			}
		}
	}
}

func BenchmarkQuantize(b *testing.B) {
	values := goldenValues()
	b.Run("maximum alone", func(b *testing.B) {
		b.SetBytes(int64(2 * len(values)))
		for b.Loop() {
			for at := 0; at < len(values); at += 32 {
				furthest((*[32]float32)(values[at:]))
			}
		}
	})
	for _, kind := range []Type{Q4_0, Q8_0} {
		_, size := kind.Block()
		dst := make([]byte, len(values)/32*size)
		b.Run(kind.String(), func(b *testing.B) {
			b.SetBytes(int64(2 * len(values))) // as BF16
			for b.Loop() {
				if err := Quantize(kind, values, dst); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// goldenValues are the numbers of tools/goldens/quantize.py.
func goldenValues() []float32 {
	values := make([]float32, 1024)
	for i := range values {
		bits := float64(uint32(i) * 2654435761 >> 8)
		values[i] = float32((bits - 1<<23) / (1 << 23) * math.Pow(2, float64(i/32%12)) / 64)
	}
	clear(values[96:128])
	return values
}

func goldenBlocks(t *testing.T) map[Type][]byte {
	t.Helper()
	text, err := os.ReadFile("testdata/quantize.json")
	if err != nil {
		t.Fatal(err)
	}
	var named map[string][]byte
	if err := json.Unmarshal(text, &named); err != nil {
		t.Fatal(err)
	}
	blocks := map[Type][]byte{}
	for name, data := range named {
		kind, _ := Named(name)
		blocks[kind] = data
	}
	return blocks
}
