package text

import (
	"slices"
	"testing"

	"sirocco/gpu"
	"sirocco/model/config"
)

// With the limits the device really has: the keys of a layer are 137 MiB, which software Vulkan binds in two pieces, and tokens
// come out as with a short context.
func TestContextBeyondABinding(t *testing.T) {
	shape := config.Text{
		Dim: 256, Layers: 1, Heads: 8, KVHeads: 4, HeadDim: 128, FFN: 256, Vocab: 300,
		RopeTheta: 1e9, NormEps: 1e-5, MaxPositions: 131072,
	}
	var first []float32
	for _, context := range []int{256, 70000} {
		d := randomDecoder(t, shape, gpu.Q8_0, Options{Context: context, KV: "f32"})
		prefill(t, d, talks()[1].begin)
		for _, id := range []int32{5, 7} {
			if err := d.Step(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		if first == nil {
			first = slices.Clone(d.Logits())
		}
		if !slices.Equal(d.Logits(), first) {
			t.Errorf("a context of %d gives other logits", context)
		}
		if parts := len(d.cache.layers[0].Parts); context > 256 && d.device.Limits().MaxBinding == 128<<20 && parts != 2 {
			t.Errorf("the cache has %d parts", parts)
		}
	}
}
