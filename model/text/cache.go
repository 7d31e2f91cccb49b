package text

import (
	"fmt"
	"slices"

	"sirocco/gpu"
	"sirocco/gpu/op"
	"sirocco/model/config"
)

// cache keeps the keys and values of every position of some conversations, layer
// by layer, each [slots, kvHeads, context, headDim]; its heads lie in several buffers
// where those of one conversation are too much for a binding.
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
	limits := device.Limits()
	parts := op.DivideCache(h, o.Context, kind, min(limits.MaxBinding, limits.MaxBuffer)/int64(slots))
	if parts == nil {
		return nil, fmt.Errorf("setting up the key and value cache: a context of %d tokens is too long for this adapter, which binds at most %s; try a smaller --ctx", o.Context, gpu.Bytes(limits.MaxBinding))
	}
	for i := range c.Layers {
		layer := op.Cache{Parts: slices.Clone(parts), Context: o.Context, Slots: slots, Type: kind}
		k.layers = append(k.layers, layer)
		for j := range layer.Parts {
			if err := allocatePart(device, layer, &layer.Parts[j], h.Dim, i); err != nil {
				k.release()
				return nil, err
			}
		}
	}
	return k, nil
}

// allocatePart gives a part of layer i its memory.
func allocatePart(device *gpu.Device, c op.Cache, part *op.CachePart, dim, i int) error {
	size := int64(c.Slots) * op.CacheBytes(op.Heads{KV: part.Heads, Dim: dim}, c.Context, c.Type)
	for _, half := range []struct {
		name   string
		tensor *gpu.Tensor
	}{{"keys", &part.K}, {"values", &part.V}} {
		buffer, err := device.NewBuffer(fmt.Sprintf("%s of layer %d", half.name, i), size)
		if err != nil {
			return err
		}
		*half.tensor = gpu.Tensor{Buffer: buffer, Shape: []int{c.Slots, part.Heads, c.Context, dim}}
	}
	return nil
}

func (k *cache) release() {
	for _, layer := range k.layers {
		for _, part := range layer.Parts {
			releaseTensor(part.K)
			releaseTensor(part.V)
		}
	}
}
