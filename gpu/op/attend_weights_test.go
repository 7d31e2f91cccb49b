package op

import (
	"fmt"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/shaders/ref"
)

// What a query attends to, by head, is the twin's; a second layer adds to the first; rows beyond the query's position stay as they are.
func TestAttendWeights(t *testing.T) {
	for _, c := range []struct {
		heads               Heads
		pos0, context, keys int
		kind                CacheType
	}{
		{Heads{8, 2, 64}, 0, 40, 40, CacheF16},
		{Heads{8, 2, 64}, 63, 300, 64, CacheF16},
		{Heads{8, 2, 64}, 64, 300, 256, CacheF32},
		{Heads{32, 8, 128}, 500, 600, 600, CacheF16},
		{Heads{4, 1, 128}, 256, 257, 257, CacheF32},
		{Heads{3, 1, 8}, 1, 20, 19, CacheF16},
		{Heads{8, 1, 40}, 140, 200, 160, CacheF32},
		{Heads{8, 2, 64}, 63, 300, 64, CacheQ8},
		{Heads{8, 1, 40}, 140, 200, 160, CacheQ8},
	} {
		l := newLayer(t, c.heads, c.context, c.kind)
		q := random(13, c.heads.Query*c.heads.Dim)
		for i := range q {
			q[i] *= 4 // so that weights differ by much
		}
		want := make([]float32, c.heads.Query*c.keys)
		for range 2 {
			ref.AttendWeights(want, q, l.keys, c.heads.Query, c.heads.KV, c.heads.Dim, c.context, c.pos0+1)
		}
		y, in, state := upload(t, nil, c.heads.Query, c.keys), upload(t, q, 1, c.heads.Query*c.heads.Dim), uploadIDs(t, uint32(c.pos0), 0)
		run(t, func(r *gpu.Recorder) {
			AttendWeights(r, y, in, l.cache, state, c.heads)
			AttendWeights(r, y, in, l.cache, state, c.heads)
		})
		gputest.Close(t, fmt.Sprintf("attend_weights %+v", c), download(t, y), want, attendError(q, l.keys, c.heads), 0)
	}
}

// The longest context stays inside what software Vulkan allows a loop.
func TestAttendWeightsLongest(t *testing.T) {
	h := Heads{1, 1, 64}
	const keys = 131072
	l := newLayer(t, h, keys, CacheF16)
	q, want := random(13, h.Dim), make([]float32, keys)
	ref.AttendWeights(want, q, l.keys, 1, 1, h.Dim, keys, keys)
	y, state := upload(t, nil, 1, keys), uploadIDs(t, keys-1, 0)
	run(t, func(r *gpu.Recorder) { AttendWeights(r, y, upload(t, q, 1, h.Dim), l.cache, state, h) })
	gputest.Close(t, "attend_weights of 131,072 keys", download(t, y), want, attendError(q, l.keys, h), 0)
}
