package text

import (
	"sirocco/gpu"
	"sirocco/gpu/op"
	"sirocco/model/config"
)

// Footprint is what a decoder takes on its device besides the weights, in
// bytes, known before anything is allocated: the keys and values of one layer,
// and everything else a pass needs.
func Footprint(c config.Text, o Options) (cacheOfLayer, scratchAll int64) {
	h := op.Heads{Query: c.Heads, KV: c.KVHeads, Dim: c.HeadDim}
	for _, want := range new(scratch).wants(c, h, o) {
		scratchAll += 4 * int64(gpu.Tensor{Shape: want.shape}.Len())
	}
	scratchAll += 4 * int64(o.Context) * int64(c.HeadDim) // the rotary table
	return 2 * op.CacheBytes(h, o.Context, op.CacheType(o.KV)), scratchAll
}
