package text

import (
	"fmt"

	"sirocco/gpu"
	"sirocco/gpu/op"
	"sirocco/model/config"
)

// cache keeps the keys and values of every position of some conversations, layer
// by layer, each [slots, kvHeads, context, headDim].
type cache struct {
	context int
	slots   int
	layers  []op.Cache
}

func newCache(device *gpu.Device, c config.Text, h op.Heads, o Options, slots int) (*cache, error) {
	kind, err := op.ParseCacheType(o.KV)
	if err != nil {
		return nil, fmt.Errorf("setting up the key and value cache: %w", err)
	}
	if o.Context <= 0 {
		return nil, fmt.Errorf("setting up the key and value cache: a context of %d tokens holds nothing", o.Context)
	}
	k := &cache{context: o.Context, slots: slots}
	size := op.CacheBytes(h, o.Context, kind)
	if limit := device.Limits().MaxBinding; size > limit {
		fits := int(int64(o.Context) * limit / size)
		return nil, fmt.Errorf("setting up the key and value cache: a context of %d tokens needs %d bytes per layer and this adapter binds at most %d; try --ctx %d", o.Context, size, limit, fits)
	}
	for i := range c.Layers {
		layer := op.Cache{Context: o.Context, Slots: slots, Type: kind}
		k.layers = append(k.layers, layer)
		for _, part := range []struct {
			name   string
			tensor *gpu.Tensor
		}{{"keys", &k.layers[i].K}, {"values", &k.layers[i].V}} {
			buffer, err := device.NewBuffer(fmt.Sprintf("%s of layer %d", part.name, i), int64(slots)*size)
			if err != nil {
				k.release()
				return nil, err
			}
			*part.tensor = gpu.Tensor{Buffer: buffer, Shape: []int{slots, h.KV, o.Context, h.Dim}}
		}
	}
	return k, nil
}

func (k *cache) release() {
	for _, layer := range k.layers {
		releaseTensor(layer.K)
		releaseTensor(layer.V)
	}
}
