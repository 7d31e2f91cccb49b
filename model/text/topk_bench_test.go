//go:build unix

package text

import (
	"context"
	"fmt"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/op"
	"sirocco/model/chat"
	"sirocco/model/sample"
)

// BenchmarkRules is a token under rules that the host applies, with the whole row brought to it and with what is near: the decoder is small, its
// vocabulary that of the real model.
func BenchmarkRules(b *testing.B) {
	shape := smallShape
	shape.Vocab = 131072
	d := randomDecoder(b, shape, gpu.Q8_0, Options{Context: 64, KV: "f32"})
	history := []int32{1, 2, 3}
	for name, settings := range map[string]chat.Sampling{
		"top-p": {Temperature: 0.7, TopP: 0.9}, "top-k and penalty": {Temperature: 0.7, TopK: 40, RepeatPenalty: 1.1}, "bias": {Temperature: 0.7, LogitBias: map[int32]float64{7: 1}},
	} {
		s, err := sample.New(settings, shape.Vocab)
		if err != nil {
			b.Fatal(err)
		}
		part := &Sequence{Decoder: d, IDs: history[2:], WantsLogits: true}
		part.AcceptTopK = func(n *sample.TopKResult) (ok bool) {
			_, ok = s.NextFromTopK(n, len(history), nil, 0)
			return ok
		}
		for _, whole := range []bool{true, false} {
			b.Run(fmt.Sprintf("%s/whole=%t", name, whole), func(b *testing.B) {
				perCPU(b, func() {
					for range b.N {
						d.Truncate(2)
						if ask, ok := s.TopKRequest(history, 2, nil, 0, op.MaxExtraIDs); ok && !whole {
							part.TopK, part.WantsLogits = &ask, false
						}
						if err := DecodeBatch(context.Background(), []*Sequence{part}); err != nil {
							b.Fatal(err)
						}
						if part.WantsLogits || part.Fetched {
							if _, err := s.Next(d.Logits(), history, 2, nil); err != nil {
								b.Fatal(err)
							}
						}
					}
				})
			})
		}
	}
}
