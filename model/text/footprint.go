package text

import (
	"sirocco/gpu"
	"sirocco/gpu/op"
	"sirocco/model/config"
)

// Binding is the least that an adapter must be able to bind at once for a decoder:
// the keys of one head, the rotary table, and what a token's attention leaves.
func Binding(c config.Text, o Options) int64 {
	h := op.Heads{Query: c.Heads, KV: c.KVHeads, Dim: c.HeadDim}
	head := op.CacheBytes(op.Heads{KV: 1, Dim: c.HeadDim}, o.Context, op.CacheType(o.KV))
	return max(head, 4*int64(o.Context)*int64(c.HeadDim), op.AttendScratch(1, h, o.Context))
}

// Footprint is what a decoder takes on its device besides the weights, in
// bytes, known before anything is allocated: the keys and values of one layer,
// and everything else a pass needs.
func Footprint(c config.Text, o Options) (cacheOfLayer, scratchAll int64) {
	h := op.Heads{Query: c.Heads, KV: c.KVHeads, Dim: c.HeadDim}
	for _, want := range new(scratch).specs(c, h, o) {
		scratchAll += 4 * int64(gpu.Tensor{Shape: want.shape}.Len())
	}
	scratchAll += 4 * int64(o.Context) * int64(c.HeadDim) // the rotary table
	return 2 * op.CacheBytes(h, o.Context, op.CacheType(o.KV)), scratchAll
}
