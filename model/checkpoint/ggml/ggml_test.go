package ggml

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
)

// Random blocks of every type give the very numbers of PyPI's gguf (tools/goldens/gguf_blocks.py). Among them are blocks whose
// scales are subnormal, negative and zero.
func TestEqualsTheReference(t *testing.T) {
	var goldens map[string]struct{ Blocks, Values string }
	data, err := os.ReadFile("testdata/blocks.json")
	if err == nil {
		err = json.Unmarshal(data, &goldens)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range Types() {
		golden, ok := goldens[kind.String()]
		if !ok {
			t.Errorf("no golden for %s", kind)
			continue
		}
		blocks, want := bytesOf(t, golden.Blocks), bytesOf(t, golden.Values)
		got := make([]float32, len(want)/4)
		if err := Dequantize(kind, blocks, got); err != nil {
			t.Fatal(err)
		}
		wrong := 0
		for i := range got {
			var w [1]float32
			f32(want[4*i:], w[:])
			if math.Float32bits(got[i]) != math.Float32bits(w[0]) {
				wrong++
			}
		}
		if wrong > 0 {
			t.Errorf("%s: %d of %d values differ from the reference", kind, wrong, len(got))
		}
	}
}

func bytesOf(t *testing.T, text string) []byte {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestNames(t *testing.T) {
	for _, kind := range Types() {
		if again, ok := Named(kind.String()); !ok || again != kind {
			t.Errorf("%s is not found by its name", kind)
		}
		if values, bytes := kind.Block(); values < 1 || bytes < 1 || kind.Plain() != (values == 1) {
			t.Errorf("%s: %d values in %d bytes", kind, values, bytes)
		}
	}
	for number, name := range map[Type]string{17: "IQ2_XS", 18: "IQ3_XXS", 34: "TQ1_0", 39: "MXFP4", 77: "type 77"} {
		if got := number.String(); got != name {
			t.Errorf("%d is called %q, not %q", uint32(number), got, name)
		}
		if values, _ := number.Block(); values != 0 {
			t.Errorf("%s is not to be read", name)
		}
		if _, ok := Named(name); ok {
			t.Errorf("%s is not to be read", name)
		}
	}
}

func TestWrongLengths(t *testing.T) {
	for _, c := range []struct {
		kind          Type
		bytes, values int
		want          string
	}{
		{Q4_0, 17, 32, "17 bytes of Q4_0 do not make 32 values"},
		{Q4_K, 144, 255, "256 of them lie in 144 bytes"},
		{17, 74, 256, "IQ2_XS cannot be read"},
	} {
		err := Dequantize(c.kind, make([]byte, c.bytes), make([]float32, c.values))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

func BenchmarkDequantize(b *testing.B) {
	for _, kind := range Types() {
		b.Run(kind.String(), func(b *testing.B) {
			_, bytes := kind.Block()
			values, _ := kind.Block()
			n := 1 << 16 / values
			blocks, dst := make([]byte, n*bytes), make([]float32, n*values)
			b.SetBytes(int64(len(blocks)))
			for b.Loop() {
				if err := Dequantize(kind, blocks, dst); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
