package text

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/model/config"
)

// Layers that take turns in the slots of the ring, stored in different types, make
// the logits that they make where each has its own place.
func TestRingOfSeveralTypes(t *testing.T) {
	shape := config.Text{
		Dim: 256, Layers: 6, Heads: 4, KVHeads: 2, HeadDim: 64, FFN: 512, Vocab: 512,
		RopeTheta: 1e5, NormEps: 1e-5, MaxPositions: 1024,
	}
	all := randomDecoder(t, shape, gpu.Q4_0, Options{Context: 512, KV: "f32"})
	some := randomDecoder(t, shape, gpu.Q4_0, Options{Context: 512, KV: "f32", Offloaded: true})
	const first = 1
	for i := range shape.Layers {
		kind := []gpu.Weight{gpu.Q4_0, gpu.Q6_K, gpu.BF16}[i%3]
		replace(t, &all.weights.layers[i], gpu.NewStack, kind, i)
		if i >= first {
			replace(t, &some.weights.layers[i], gpu.NewHostStack, kind, i)
		} else {
			replace(t, &some.weights.layers[i], gpu.NewStack, kind, i)
		}
	}
	if err := some.weights.shareBuffers(some.device, first); err != nil {
		t.Fatal(err)
	}
	ids := make([]int32, 290) // two chunks and a rest
	for i := range ids {
		ids[i] = int32(i * 7 % shape.Vocab)
	}
	for range 2 { // the second time the slots hold the last layers
		for _, d := range []*Decoder{all, some} {
			d.Truncate(0)
			if err := d.Prefill(context.Background(), ids[:258], nil, func(int) error { return nil }); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := d.Step(context.Background(), 5); err != nil {
					t.Fatal(err)
				}
			}
		}
		if !slices.Equal(all.Logits(), some.Logits()) {
			t.Fatal("the logits are others")
		}
	}
}

// replace makes a layer's matrices anew, the same for the same seed.
func replace(t *testing.T, b *layer, stack func(d *gpu.Device, label string, k int, runs ...gpu.Run) (*gpu.Matrix, error), kind gpu.Weight, seed int) {
	t.Helper()
	device, rng := gputest.Device(t), rand.New(rand.NewPCG(uint64(seed), 3))
	for _, m := range b.matrices() {
		made, err := stack(device, "random", (*m).K, gpu.Run{Type: kind, Rows: (*m).N})
		if err == nil {
			err = made.Upload(device, gpu.Rows{Data: randomRows(rng, kind, (*m).N, (*m).K)})
		}
		if err != nil {
			t.Fatal(err)
		}
		(*m).Release()
		*m = made
	}
}
