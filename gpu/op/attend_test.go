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

// layer is one attention layer's cache, filled, on the host and on the device.
type layer struct {
	heads        Heads
	cache        Cache
	keys, values []float32 // [KV, context, Dim], rounded as stored
}

func newLayer(t testing.TB, h Heads, context int, kind CacheType) layer {
	t.Helper()
	n := h.KV * context * h.Dim
	l := layer{heads: h, cache: newCache(t, kind, h, context, 1)}
	for i, buffer := range []*gpu.Buffer{l.cache.Parts[0].K.Buffer, l.cache.Parts[0].V.Buffer} {
		raw, read := packed(kind, random(uint64(11+i), n), h.Dim)
		write(t, buffer, raw)
		if i == 0 {
			l.keys = read
		} else {
			l.values = read
		}
	}
	return l
}

// scratch is big enough for any number of tokens.
func (l layer) scratch(t testing.TB, keys int) gpu.Tensor {
	return upload(t, nil, int(max(AttendScratch(1, l.heads, keys), AttendScratch(MaxBatch, l.heads, keys)))/4)
}

// attendError bounds the error of a weighted mean of values up to 1: scores are sums of Dim terms, times e^s they become relative
// errors of the weights; the sums over keys add what sumError says for weights that add up to one.
func attendError(q, keys []float32, h Heads) float64 {
	return 2*sumError(q, keys, h.Dim)/math.Sqrt(float64(h.Dim)) + 32*eps
}

func (l layer) check(t *testing.T, name string, tokens, pos0, keys int, record func(r *gpu.Recorder, y, q, state, scratch gpu.Tensor)) []float32 {
	t.Helper()
	h := l.heads
	q := random(13, tokens*h.Query*h.Dim)
	for i := range q {
		q[i] *= 4 // so that weights differ by much
	}
	want := make([]float32, len(q))
	ref.Attend(want, q, l.keys, l.values, h.Query, h.KV, h.Dim, l.cache.Context, func(t int) int { return pos0 + t + 1 })
	y, in := upload(t, nil, tokens, h.Query*h.Dim), upload(t, q, tokens, h.Query*h.Dim)
	state, scratch := places(t, pos0, tokens, 0), l.scratch(t, keys)
	run(t, func(r *gpu.Recorder) { record(r, y, in, state, scratch) })
	got := download(t, y)
	gputest.Close(t, name, got, want, attendError(q, l.keys, h), 0)
	return got
}

func TestAttend(t *testing.T) {
	for _, c := range []struct {
		heads          Heads
		tokens, pos0   int
		context, bound int
		kind           CacheType
	}{
		// splits, which other shapes of heads compile quickly for
		{Heads{8, 2, 64}, 1, 0, 40, 40, CacheF16},
		{Heads{8, 2, 64}, 1, 127, 300, 128, CacheF16},
		{Heads{8, 2, 64}, 3, 126, 300, 300, CacheF32},
		{Heads{32, 8, 128}, 1, 500, 600, 600, CacheF16},
		{Heads{4, 1, 128}, 2, 255, 257, 257, CacheF32},
		{Heads{2, 2, 64}, 5, 9, 20, 14, CacheF16},
		{Heads{3, 1, 8}, 8, 1, 20, 20, CacheF16},
		{Heads{8, 1, 40}, 4, 140, 200, 160, CacheF32},
		{Heads{8, 2, 64}, 3, 126, 300, 300, CacheQ8},
		{Heads{8, 1, 40}, 4, 140, 200, 160, CacheQ8},
		{Heads{4, 1, 128}, 2, 255, 257, 257, CacheQ8},
		// tiles
		{Heads{8, 2, 64}, 37, 0, 64, 64, CacheF16},
		{Heads{8, 1, 64}, 9, 255, 300, 300, CacheF16},
		{Heads{2, 2, 64}, 18, 120, 150, 140, CacheF16},
		{Heads{4, 1, 128}, 19, 110, 140, 130, CacheF32},
		{Heads{3, 1, 8}, 11, 1, 20, 20, CacheF16},
		{Heads{3, 1, 8}, 11, 1, 20, 20, CacheQ8},
		{Heads{2, 2, 64}, 18, 120, 150, 140, CacheQ8},
		{Heads{4, 1, 128}, 19, 110, 140, 130, CacheQ8},
		{Heads{2, 1, 40}, 12, 70, 90, 90, CacheQ8},
	} {
		l := newLayer(t, c.heads, c.context, c.kind)
		l.check(t, fmt.Sprintf("attend %+v", c), c.tokens, c.pos0, c.bound, func(r *gpu.Recorder, y, q, state, scratch gpu.Tensor) {
			Attend(r, y, q, l.cache, state, scratch, c.heads, c.bound)
		})
	}
}

// What a token attends to does not depend on how many go with it, up to eight, nor on the bound of the recording.
func TestAttendSameBits(t *testing.T) {
	h := Heads{8, 2, 64}
	const context, pos0 = 400, 250
	l := newLayer(t, h, context, CacheF16)
	q := random(13, MaxBatch*h.Query*h.Dim)
	var all []float32
	for tokens := MaxBatch; tokens >= 1; tokens -= 3 {
		for _, bound := range []int{pos0 + MaxBatch, context} {
			y, in := upload(t, nil, tokens, h.Query*h.Dim), upload(t, q[:tokens*h.Query*h.Dim], tokens, h.Query*h.Dim)
			run(t, func(r *gpu.Recorder) {
				Attend(r, y, in, l.cache, places(t, pos0, tokens, 0), l.scratch(t, bound), h, bound)
			})
			got := download(t, y)
			if all == nil {
				all = got
			}
			if !slices.Equal(got, all[:len(got)]) {
				t.Errorf("%d tokens, bound %d: other bits than %d tokens", tokens, bound, MaxBatch)
			}
		}
	}
}

// The GPU's ways of sharing work among invocations, on whatever device there is.
func TestAttendSpreadOfGPUs(t *testing.T) {
	for _, c := range []struct {
		heads Heads
		kind  CacheType
		s     spread
	}{
		{Heads{4, 1, 128}, CacheF16, spread{rows: 16, keys: 2, group: 64, quads: 1}.fit(128)},
		{Heads{6, 2, 64}, CacheF32, spread{rows: 16, keys: 2, group: 64, quads: 1}.fit(64)},
		{Heads{6, 2, 64}, CacheQ8, spread{rows: 16, keys: 2, group: 64, quads: 1}.fit(64)},
	} {
		l := newLayer(t, c.heads, 90, c.kind)
		l.check(t, fmt.Sprintf("attend %+v", c), 21, 60, 90, func(r *gpu.Recorder, y, q, state, _ gpu.Tensor) {
			k, v := l.cache.bindings(l.cache.Parts[0], c.heads)
			a := attention{heads: c.heads, count: c.heads.KV, tokens: 21, context: 90, keys: 90, causal: true, cache: l.cache.define()}
			a.record(r, c.s, y.Binding(), q.Binding(), k, v, state.Binding())
		})
	}
}

func TestAttendSplitOfGPUs(t *testing.T) {
	for _, h := range []Heads{{4, 1, 128}, {6, 2, 64}} {
		l := newLayer(t, h, 200, CacheF16)
		l.check(t, fmt.Sprint("wide split ", h), 2, 180, 200, func(r *gpu.Recorder, y, q, state, scratch gpu.Tensor) {
			attendSplit(r, 128, y, q, l.cache, state, scratch, h, 200)
		})
	}
}

// What lies between the two kernels of a split, by their own twins.
func TestAttendParts(t *testing.T) {
	h := Heads{8, 2, 64}
	const pos0, context, tokens = 300, 400, 2
	l := newLayer(t, h, context, CacheF32)
	q := random(21, tokens*h.Query*h.Dim)
	y, scratch := upload(t, nil, tokens, h.Query*h.Dim), l.scratch(t, context)
	run(t, func(r *gpu.Recorder) {
		Attend(r, y, upload(t, q, tokens, h.Query*h.Dim), l.cache, places(t, pos0, tokens, 0), scratch, h, context)
	})
	got, parts := download(t, y), download(t, scratch)
	record, splits := h.Dim+4, ceil(context, splitKeys)
	tolerance := splitKeys * attendError(q, l.keys, h) // sums of up to 128 weights of at most 1
	for row := range tokens * h.Query {
		token, kv := row/h.Query, row%h.Query/h.group()
		var all [][]float32
		for first := 0; first <= pos0+token; first += splitKeys {
			from, to := kv*context+first, kv*context+min(first+splitKeys, pos0+token+1)
			at := (row*splits + first/splitKeys) * record
			part := parts[at : at+h.Dim+2]
			gputest.Close(t, fmt.Sprintf("part of row %d from key %d", row, first), part,
				ref.AttendSplit(ref.Row(q, row, h.Dim), l.keys[from*h.Dim:to*h.Dim], l.values[from*h.Dim:to*h.Dim]), tolerance, eps)
			all = append(all, part)
		}
		want := make([]float32, h.Dim)
		ref.AttendCombine(want, all)
		gputest.Close(t, fmt.Sprint("combined row ", row), ref.Row(got, row, h.Dim), want, 16*eps, 0)
	}
}

// More scratch than is allowed at once makes tokens take turns.
func TestAttendTakesTurns(t *testing.T) {
	h := Heads{32, 8, 128}
	const keys = 131072
	if one, all := AttendScratch(1, h, keys), AttendScratch(8, h, keys); all >= 8*one || all > 2*scratchBytes {
		t.Errorf("scratch for one token %d bytes, for eight %d", one, all)
	}
	if AttendScratch(9, h, keys) != 0 {
		t.Error("tiles need no scratch")
	}
}

// The longest context, 36,000 of the 65,535 iterations software Vulkan allows: one query over 131,072 keys, and the last rows of a prompt so long.
func TestAttendLongest(t *testing.T) {
	h := Heads{1, 1, 64}
	const keys = 131072
	l := newLayer(t, h, keys, CacheF16)
	for _, tokens := range []int{1, 9} {
		l.check(t, fmt.Sprintf("longest context, %d tokens", tokens), tokens, keys-tokens, keys,
			func(r *gpu.Recorder, y, q, state, scratch gpu.Tensor) {
				Attend(r, y, q, l.cache, state, scratch, h, keys)
			})
	}
}

func TestAttendFull(t *testing.T) {
	for _, c := range []struct{ heads, dim, patches int }{{1, 64, 1}, {3, 64, 50}, {2, 64, 131}, {1, 8, 12_100}} {
		h := Heads{c.heads, c.heads, c.dim}
		n := c.patches * c.heads * c.dim
		q, keys, values := random(1, n), random(2, n), random(3, n)
		check := c.patches
		if check > 1000 { // the twin is slow: some rows
			check = 20
		}
		want := make([]float32, check*c.heads*c.dim)
		ref.Attend(want, q[:len(want)], keys, values, c.heads, c.heads, c.dim, c.patches, func(int) int { return c.patches })
		y := upload(t, nil, c.patches, c.heads*c.dim)
		run(t, func(r *gpu.Recorder) {
			AttendFull(r, y, upload(t, q, c.patches, c.heads*c.dim), upload(t, keys, c.heads, c.patches, c.dim),
				upload(t, values, c.heads, c.patches, c.dim), h)
		})
		gputest.Close(t, fmt.Sprintf("attend full %+v", c), download(t, y)[:len(want)], want, attendError(q, keys, h), 0)
	}
}

// Tokens of one pass that belong to several conversations each see their own, wherever they stand, as if they were alone.
func TestAttendConversations(t *testing.T) {
	h := Heads{8, 2, 64}
	const context, slots, tokens = 300, 3, 4
	width := h.Query * h.Dim
	for _, kind := range cacheTypes {
		all := newLayer(t, Heads{h.Query, slots * h.KV, h.Dim}, context, kind).cache
		all.Slots, all.Parts[0].Heads = slots, h.KV
		state := uploadIDs(t, 130, 2*2, 7, 0, 131, 2*2, 290, 1*2)
		q, y, scratch := random(13, tokens*width), upload(t, nil, tokens, width), layer{heads: h}.scratch(t, context)
		run(t, func(r *gpu.Recorder) {
			Attend(r, y, upload(t, q, tokens, width), all, state, scratch, h, context)
		})
		got, places := download(t, y), make([]uint32, 2*tokens)
		downloadTo(t, state, places)
		for i := range tokens {
			one := upload(t, nil, 1, width)
			run(t, func(r *gpu.Recorder) {
				Attend(r, one, upload(t, ref.Row(q, i, width), 1, width), all, uploadIDs(t, places[2*i:2*i+2]...), scratch, h, context)
			})
			if alone := download(t, one); !slices.Equal(alone, ref.Row(got, i, width)) || slices.Max(alone) == 0 {
				t.Errorf("%s: token %d sees something else beside others", kind, i)
			}
		}
	}
}
