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

// angles is a table of cos and sin, [positions, dim/2, 2].
func angles(positions, dim int) []float32 {
	var table []float32
	for p := range positions {
		for j := range dim / 2 {
			sin, cos := math.Sincos(float64(p) * math.Pow(10000, -2*float64(j)/float64(dim)))
			table = append(table, float32(cos), float32(sin))
		}
	}
	return table
}

// fuse lays q, k and v side by side, row by row.
func fuse(rows int, parts ...[]float32) []float32 {
	var fused []float32
	for row := range rows {
		for _, p := range parts {
			fused = append(fused, ref.Row(p, row, len(p)/rows)...)
		}
	}
	return fused
}

func TestRopeKV(t *testing.T) {
	const tokens, pos0, context = 5, 3, 11
	for _, h := range []Heads{{8, 2, 64}, {3, 1, 8}, {4, 4, 128}} {
		for _, kind := range cacheTypes {
			q := random(1, tokens*h.Query*h.Dim)
			k, v := random(2, tokens*h.KV*h.Dim), random(3, tokens*h.KV*h.Dim)
			table := angles(context, h.Dim)
			want := make([]float32, len(q))
			keys, values := make([]float32, h.KV*context*h.Dim), make([]float32, h.KV*context*h.Dim)
			ref.RopeKV(want, keys, values, q, k, v, table, pos0, h.Query, h.KV, h.Dim, context)
			empty := make([]float32, len(keys)) // the first conversation, that nobody writes
			for name, source := range map[string]QKV{
				"separate": Separate(upload(t, q, tokens, h.Query*h.Dim), upload(t, k, tokens, h.KV*h.Dim), upload(t, v, tokens, h.KV*h.Dim)),
				"fused":    Fused(upload(t, fuse(tokens, q, k, v), tokens, (h.Query+2*h.KV)*h.Dim), h),
			} {
				name = fmt.Sprintf("rope_kv %s %v %s", name, h, kind)
				y := upload(t, nil, tokens, h.Query*h.Dim)
				c := newCache(t, kind, h, context, 2)
				run(t, func(r *gpu.Recorder) {
					RopeKV(r, y, c, source, upload(t, table, context, h.Dim), places(t, pos0, tokens, h.KV), h)
				})
				gputest.Close(t, name, download(t, y), want, 4*eps, 0)
				gputest.Close(t, name+" keys", stored(t, c.Parts[0].K, kind, 2*h.KV*context, h.Dim), slices.Concat(empty, keys), kind.rounding(), 0)
				gputest.Close(t, name+" values", stored(t, c.Parts[0].V, kind, 2*h.KV*context, h.Dim), slices.Concat(empty, values), kind.rounding(), 0)
			}
		}
	}
}

func fromHalf(bits uint16) float32 {
	sign := 1 - 2*float64(bits>>15)
	e, m := int(bits>>10&31), float64(bits&0x3ff)
	if e == 0 {
		return float32(sign * math.Ldexp(m, -24))
	}
	return float32(sign * math.Ldexp(m+1024, e-25))
}

func TestRope2D(t *testing.T) {
	const rows, columns = 4, 3
	for _, h := range []Heads{{2, 2, 64}, {3, 3, 8}} {
		const patches = rows * columns
		width := h.Query * h.Dim
		q, k, v := random(1, patches*width), random(2, patches*width), random(3, patches*width)
		table := angles(5, h.Dim)
		want, keys, values := make([]float32, len(q)), make([]float32, len(q)), make([]float32, len(q))
		ref.Rope2D(want, keys, values, q, k, v, table, columns, 0, h.Query, h.Dim)
		y, gotK, gotV := upload(t, nil, patches, width), upload(t, nil, h.Query, patches, h.Dim), upload(t, nil, h.Query, patches, h.Dim)
		angles := upload(t, table, 5, h.Dim)
		run(t, func(r *gpu.Recorder) { // in two pieces, one of each kind
			const cut = 5
			fused := upload(t, fuse(cut, q[:cut*width], k[:cut*width], v[:cut*width]), cut, 3*width)
			Rope2D(r, y, gotK, gotV, Fused(fused, h), angles, columns, 0, h)
			rest := func(x []float32) gpu.Tensor { return upload(t, x[cut*width:], patches-cut, width) }
			Rope2D(r, y, gotK, gotV, Separate(rest(q), rest(k), rest(v)), angles, columns, cut, h)
		})
		gputest.Close(t, fmt.Sprint("rope2d ", h), download(t, y), want, 4*eps, 0)
		gputest.Close(t, fmt.Sprint("rope2d keys ", h), download(t, gotK), keys, 4*eps, 0)
		gputest.Close(t, fmt.Sprint("rope2d values ", h), download(t, gotV), values, 0, 0)
	}
}
