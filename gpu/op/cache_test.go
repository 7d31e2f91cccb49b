package op

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/shaders/ref"
)

var cacheTypes = []CacheType{CacheF32, CacheF16, CacheQ8}

// newCache is an empty one.
func newCache(t testing.TB, kind CacheType, h Heads, context, slots int) Cache {
	t.Helper()
	// as many elements as heads and positions have, in f32: more than the other types need
	return Cache{
		Parts: []CachePart{{
			Heads: h.KV, K: upload(t, nil, slots, h.KV, context, h.Dim+4), V: upload(t, nil, slots, h.KV, context, h.Dim+4),
		}},
		Context: context, Slots: slots, Type: kind,
	}
}

// packed is rows of dim values as a cache has them, and what a kernel reads of it.
func packed(kind CacheType, values []float32, dim int) (raw []byte, read []float32) {
	for row := range len(values) / dim {
		values := ref.Row(values, row, dim)
		switch kind {
		case CacheQ8:
			parts, scales := ref.PackQ8(values)
			for _, part := range parts {
				raw = append(raw, byte(part))
			}
			raw, _ = binary.Append(raw, binary.LittleEndian, scales)
			read = append(read, ref.UnpackQ8(parts, scales)...)
		case CacheF16:
			for _, v := range values {
				raw, read = binary.LittleEndian.AppendUint16(raw, halfBits(half(v))), append(read, half(v))
			}
		default:
			raw, _ = binary.Append(raw, binary.LittleEndian, values)
			read = append(read, values...)
		}
	}
	return raw, read
}

// stored reads so many rows of dim values of a cache back.
func stored(t *testing.T, x gpu.Tensor, kind CacheType, rows, dim int) (values []float32) {
	t.Helper()
	size := int(kind.rowBytes(dim))
	raw := make([]byte, rows*size)
	if err := x.Buffer.Read(raw, x.Offset); err != nil {
		t.Fatal(err)
	}
	for ; len(raw) > 0; raw = raw[size:] {
		switch kind {
		case CacheQ8:
			parts, scales := make([]int8, dim), make([]float32, ceil(dim, cacheBlock))
			decode(t, raw[:dim], parts)
			decode(t, raw[dim:size], scales)
			values = append(values, ref.UnpackQ8(parts, scales)...)
		case CacheF16:
			for i := range dim {
				values = append(values, fromHalf(binary.LittleEndian.Uint16(raw[2*i:])))
			}
		default:
			row := make([]float32, dim)
			decode(t, raw[:size], row)
			values = append(values, row...)
		}
	}
	return values
}

func decode(t *testing.T, raw []byte, into any) {
	t.Helper()
	if _, err := binary.Decode(raw, binary.LittleEndian, into); err != nil {
		t.Fatal(err)
	}
}

// rounding is that of values up to √2 in a cache, where drivers may round either way.
func (kind CacheType) rounding() float64 {
	switch kind {
	case CacheQ8:
		return math.Sqrt2 / 127 * 0.51
	case CacheF16:
		return 1.0 / 1024
	}
	return 4 * eps
}

// What a cache in q8 holds is the twin's, but for values that lie between two bytes: small and large blocks, zeros, and dims that
// are no whole blocks.
func TestCacheQ8(t *testing.T) {
	const tokens, context = 3, 7
	for _, h := range []Heads{{1, 1, 8}, {2, 1, 40}, {4, 2, 64}, {2, 2, 128}} {
		v := random(3, tokens*h.KV*h.Dim)
		for i := range v {
			v[i] *= float32(math.Pow(10, float64(i/32%9-4))) // a block is 1e-4, another 1e4
			if i/h.Dim%5 == 1 {
				v[i] = 0
			}
		}
		q, k := upload(t, nil, tokens, h.Query*h.Dim), upload(t, nil, tokens, h.KV*h.Dim)
		c := newCache(t, CacheQ8, h, context, 1)
		run(t, func(r *gpu.Recorder) {
			RopeKV(r, upload(t, nil, tokens, h.Query*h.Dim), c, Separate(q, k, upload(t, v, tokens, h.KV*h.Dim)),
				upload(t, angles(context, h.Dim), context, h.Dim), places(t, 0, tokens, 0), h)
		})
		got, other := stored(t, c.Parts[0].V, CacheQ8, h.KV*context, h.Dim), 0
		for row := range tokens * h.KV {
			parts, scales := ref.PackQ8(ref.Row(v, row, h.Dim))
			want := ref.UnpackQ8(parts, scales)
			for i, x := range ref.Row(got, row%h.KV*context+row/h.KV, h.Dim) {
				step := float64(scales[i/32])
				if e := math.Abs(float64(x - want[i])); e > 1.01*step || math.IsNaN(e) {
					t.Errorf("%v: dim %d of row %d is %g, want %g", h, i, row, x, want[i])
				} else if e > 1e-6*step {
					other++
				}
			}
		}
		if other > len(v)/200 {
			t.Errorf("%v: %d of %d values are a byte off", h, other, len(v))
		}
		gputest.Close(t, fmt.Sprint("keys ", h), stored(t, c.Parts[0].K, CacheQ8, h.KV*context, h.Dim), make([]float32, h.KV*context*h.Dim), 0, 0)
	}
}

// 8 bits and a scale for each 32 are 9 bits; a type nobody knows is refused.
func TestCacheTypes(t *testing.T) {
	h := Heads{Query: 32, KV: 8, Dim: 128}
	for name, want := range map[string]int64{"": 2 * 128, "f16": 2 * 128, "f32": 4 * 128, "q8": 9 * 128 / 8} {
		kind, err := ParseCacheType(name)
		if got := CacheBytes(h, 1000, kind); err != nil || got != 8*1000*want {
			t.Errorf("%q: %d bytes, want %d (%v)", name, got, 8*1000*want, err)
		}
	}
	if _, err := ParseCacheType("q4"); err == nil {
		t.Error("q4 is taken")
	}
}
