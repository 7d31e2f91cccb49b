package op

import (
	"fmt"
	"slices"
	"testing"

	"sirocco/gpu"
)

// inParts is an empty cache of which a buffer holds so many heads at most.
func inParts(t *testing.T, kind CacheType, h Heads, context, most int) Cache {
	t.Helper()
	c := Cache{Context: context, Type: kind, Parts: DivideCache(h, context, kind, int64(most)*CacheBytes(Heads{KV: 1, Dim: h.Dim}, context, kind))}
	for i := range c.Parts {
		part := &c.Parts[i]
		part.K, part.V = upload(t, nil, part.Heads, context, h.Dim+4), upload(t, nil, part.Heads, context, h.Dim+4)
	}
	return c
}

// contents are the keys and values of all heads.
func contents(t *testing.T, c Cache, h Heads) (all []float32) {
	t.Helper()
	for _, half := range []func(CachePart) gpu.Tensor{func(p CachePart) gpu.Tensor { return p.K }, func(p CachePart) gpu.Tensor { return p.V }} {
		for _, part := range c.Parts {
			all = append(all, stored(t, half(part), c.Type, part.Heads*c.Context, h.Dim)...)
		}
	}
	return all
}

// A layer whose heads lie in several buffers is, to the bit, what it is in one: what is stored, what one, few or many tokens attend to, how
// much of it, and what a fused product leaves.
func TestCacheInParts(t *testing.T) {
	const context, before = 300, 140
	h := Heads{Query: 10, KV: 5, Dim: 64}
	width := (h.Query + 2*h.KV) * h.Dim
	m := stack(t, gpu.Run{Type: gpu.Q8_0, Rows: width})
	defer m.Release()
	table := upload(t, angles(context, h.Dim), context, h.Dim/2, 2)
	for _, kind := range cacheTypes {
		use := func(c Cache) (results [][]float32) {
			queries := upload(t, nil, before, h.Query*h.Dim)
			run(t, func(r *gpu.Recorder) {
				RopeKV(r, queries, c, Fused(upload(t, random(1, before*width), before, width), h), table, places(t, 0, before, 0), h)
			})
			results = append(results, download(t, queries), contents(t, c, h))
			for _, tokens := range []int{1, 3, 9} {
				n := tokens * h.Query * h.Dim
				y, q, state := upload(t, nil, tokens, h.Query*h.Dim), upload(t, random(2, n), tokens, h.Query*h.Dim), places(t, before-tokens, tokens, 0)
				run(t, func(r *gpu.Recorder) { Attend(r, y, q, c, state, layer{heads: h}.scratch(t, context), h, context) })
				results = append(results, download(t, y))
			}
			weights, q := upload(t, nil, h.Query, before), upload(t, random(3, h.Query*h.Dim), 1, h.Query*h.Dim)
			run(t, func(r *gpu.Recorder) { AttendWeights(r, weights, q, c, places(t, before-1, 1, 0), h) })
			in, _, _, _ := deferredNorm(t, 3, projectK)
			turned := upload(t, nil, 3, h.Query*h.Dim)
			run(t, func(r *gpu.Recorder) {
				Project(r, turned, upload(t, nil, 3, width), c, in, m, table, places(t, before, 3, 0), h)
			})
			return append(results, download(t, weights), download(t, turned), contents(t, c, h))
		}
		whole, parts := use(newCache(t, kind, h, context, 1)), use(inParts(t, kind, h, context, 2))
		for i := range whole {
			if !slices.Equal(whole[i], parts[i]) || slices.Max(whole[i]) == 0 {
				t.Errorf("%s: result %d is another in parts", kind, i)
			}
		}
	}
}

// Heads are shared out evenly, to as few parts as there must be.
func TestDivideCache(t *testing.T) {
	h := Heads{Query: 32, KV: 8, Dim: 128}
	for _, c := range []struct {
		context int
		kind    CacheType
		binding int64
		want    string
	}{
		{32768, CacheF16, 128 << 20, "[8]"},
		{131072, CacheF16, 128 << 20, "[4 4]"},
		{131072, CacheF32, 128 << 20, "[2 2 2 2]"},
		{131072, CacheQ8, 128 << 20, "[4 4]"},
		{131072, CacheF16, 2 << 30, "[8]"},
		{131072, CacheF16, 100 << 20, "[2 3 3]"},
		{131072, CacheF16, 33 << 20, "[1 1 1 1 1 1 1 1]"},
		{131072, CacheF16, 31 << 20, "[]"},
	} {
		heads, first := []int{}, 0
		for _, part := range DivideCache(h, c.context, c.kind, c.binding) {
			if part.First != first {
				t.Errorf("%+v: a part begins with head %d, not %d", c, part.First, first)
			}
			heads, first = append(heads, part.Heads), first+part.Heads
		}
		if got := fmt.Sprint(heads); got != c.want {
			t.Errorf("%+v: parts of %s heads, want %s", c, got, c.want)
		}
	}
}
