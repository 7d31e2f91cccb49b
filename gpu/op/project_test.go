package op

import (
	"fmt"
	"slices"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
)

// Queries, keys and values leave the product as RopeKV would have left them, in one part or in two, whether or not the dims under one
// scale of the cache are whole in a part.
func TestProject(t *testing.T) {
	small, whole := Heads{Query: 4, KV: 2, Dim: 8}, Heads{Query: 4, KV: 2, Dim: 64}
	for _, c := range []struct {
		kind  CacheType
		heads Heads
	}{{CacheF16, small}, {CacheF32, small}, {CacheQ8, small}, {CacheQ8, whole}} {
		h := c.heads
		width := (h.Query + 2*h.KV) * h.Dim
		for _, runs := range [][]gpu.Run{{{Type: gpu.Q8_0, Rows: width}}, {{Type: gpu.Q4_K, Rows: width - h.KV*h.Dim}, {Type: gpu.Q6_K, Rows: h.KV * h.Dim}}} {
			m := stack(t, runs...)
			for _, rows := range []int{1, 3} {
				p := newProjection(t, c.kind, h, m, rows)
				run(t, func(r *gpu.Recorder) {
					Project(r, p.queries[0], p.wide, p.caches[0], p.in, m, p.angles, p.state, h)
				})
				p.check(t, fmt.Sprintf("%s, %v, %d rows, %d types", c.kind, h, rows, len(runs)))
			}
			m.Release()
		}
	}
}

// The same with the workgroups of GPUs, on whatever device there is.
func TestProjectShapesOfGPUs(t *testing.T) {
	h := Heads{Query: 2, KV: 1, Dim: 64}
	m := stack(t, gpu.Run{Type: gpu.Q8_0, Rows: (h.Query + 2*h.KV) * h.Dim})
	defer m.Release()
	for _, s := range []gpu.Vector{{Rows: 1, Lanes: 32, Slices: 8}, {Rows: 2, Lanes: 16, Slices: 4}, {Rows: 1, Lanes: 8, Slices: 2}} {
		p := newProjection(t, CacheQ8, h, m, 2)
		run(t, func(r *gpu.Recorder) {
			v := projection(p.caches[0], p.in, m, p.angles, p.state, h)
			v.record(r, s, p.queries[0], m.Parts[0], 0, 2, 0)
			MatmulNormed(r, p.wide, p.in, m)
		})
		// another order of summation: the same values, not the same bits
		run(t, func(r *gpu.Recorder) {
			RopeKV(r, p.queries[1], p.caches[1], Fused(p.wide, h), p.angles, p.state, h)
		})
		rows := 3 * h.KV * p.caches[0].Context
		for i := range 2 {
			got, want := p.caches[0].Parts[0].K, p.caches[1].Parts[0].K
			if i == 1 {
				got, want = p.caches[0].Parts[0].V, p.caches[1].Parts[0].V
			}
			values := stored(t, want, CacheQ8, rows, h.Dim)
			gputest.Close(t, fmt.Sprintf("%+v", s), stored(t, got, CacheQ8, rows, h.Dim), values, 1.02/127*float64(slices.Max(values)), 0)
		}
	}
}

const projectK, projectContext, projectPos0 = 256, 12, 3

// stack is a matrix of random blocks.
func stack(t *testing.T, runs ...gpu.Run) *gpu.Matrix {
	t.Helper()
	m, err := gpu.NewStack(gputest.Device(t), "qkv", projectK, runs...)
	if err != nil {
		t.Fatal(err)
	}
	var sources []gpu.Rows
	for _, run := range runs {
		raw, _ := blocks(run.Type, run.Rows, projectK, common)
		sources = append(sources, gpu.Rows{Data: raw})
	}
	if err := m.Upload(gputest.Device(t), sources...); err != nil {
		t.Fatal(err)
	}
	return m
}

// projected is what a projection takes, and where two ways to make it leave what they made.
type projected struct {
	in                  DeferredNorm
	m                   *gpu.Matrix
	heads               Heads
	angles, state, wide gpu.Tensor
	caches              [2]Cache
	queries             [2]gpu.Tensor
}

func newProjection(t *testing.T, kind CacheType, h Heads, m *gpu.Matrix, rows int) *projected {
	t.Helper()
	p := &projected{m: m, heads: h}
	p.in, _, _, _ = deferredNorm(t, rows, projectK)
	for i := range p.caches {
		p.caches[i], p.queries[i] = newCache(t, kind, h, projectContext, 3), upload(t, nil, rows, h.Query*h.Dim)
	}
	p.angles = upload(t, random(41, projectContext*h.Dim), projectContext, h.Dim/2, 2)
	p.state, p.wide = places(t, projectPos0, rows, 2*h.KV), upload(t, nil, rows, m.N)
	return p
}

// check makes the same in two steps and expects the same bits.
func (p *projected) check(t *testing.T, name string) {
	t.Helper()
	run(t, func(r *gpu.Recorder) {
		MatmulNormed(r, p.wide, p.in, p.m)
		RopeKV(r, p.queries[1], p.caches[1], Fused(p.wide, p.heads), p.angles, p.state, p.heads)
	})
	one, other := p.caches[0].Parts[0], p.caches[1].Parts[0]
	for _, pair := range [][2]gpu.Tensor{{p.queries[0], p.queries[1]}, {one.K, other.K}, {one.V, other.V}} {
		got, want := make([]uint32, pair[0].Len()), make([]uint32, pair[0].Len())
		downloadTo(t, pair[0], got)
		downloadTo(t, pair[1], want)
		if !slices.Equal(got, want) || slices.Max(want) == 0 {
			t.Errorf("%s: queries, keys or values are others", name)
		}
	}
}
