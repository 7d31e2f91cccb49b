package text

import (
	"context"
	"math"
	"slices"
	"testing"

	"sirocco/gpu"
)

// talk is one conversation of a test: how it began, how it chooses, and where it stands.
type talk struct {
	begin    []int32
	sampling SamplingParams
	guesses  []int32 // read behind every token, wrong as a rule
	full     bool
	ids      []int32 // chosen so far
	from     []SampledToken
	logits   []float32
}

// talks begin at different lengths, one longer than the split of attention, and sample differently.
func talks() []*talk {
	long := make([]int32, 150)
	for i := range long {
		long[i] = int32(i * 7 % 300)
	}
	few := make([]uint32, 10)
	few[3], few[8] = 0xf0f0f0f0, 1<<9
	return []*talk{
		{begin: []int32{1, 2, 3}},
		{begin: long, sampling: SamplingParams{Seed: 5, Temperature: 0.7}, guesses: []int32{12, 13, 14}},
		{begin: []int32{9}, sampling: SamplingParams{Seed: 1 << 40, Temperature: 1.5, Mask: few}},
		{begin: long[30:90], full: true},
	}
}

// part is the talk's next token.
func (k *talk) part(d *Decoder) *Sequence {
	last := k.begin[len(k.begin)-1]
	if len(k.ids) > 0 {
		last = k.ids[len(k.ids)-1]
	}
	k.sampling.Position = len(k.begin) + len(k.ids)
	return &Sequence{Decoder: d, IDs: append([]int32{last}, k.guesses...), Sampling: k.sampling, WantsLogits: k.full}
}

// hear takes what a pass chose; a full row is chosen from by the greatest.
func (k *talk) hear(t *testing.T, p *Sequence) {
	t.Helper()
	if p.Err != nil {
		t.Fatal(p.Err)
	}
	p.Decoder.Truncate(len(k.begin) + len(k.ids)) // the guesses go
	if !k.full {
		k.ids, k.from = append(k.ids, p.Sampled[0].ID), append(k.from, p.Sampled...)
		return
	}
	k.logits = append(k.logits, p.Decoder.Logits()...)
	row := k.logits[len(k.logits)-300:]
	k.ids = append(k.ids, int32(slices.Index(row, slices.Max(row))))
}

func together(t *testing.T, parts ...*Sequence) {
	t.Helper()
	if err := DecodeBatch(t.Context(), parts); err != nil {
		t.Fatal(err)
	}
}

// Conversations in one pass choose the very tokens, with the very numbers, that each has alone: with any type of cache and weights, with
// guesses, masks and full rows among them, and whoever comes or goes meanwhile.
func TestConversationsTogether(t *testing.T) {
	for _, kv := range []string{"f32", "f16", "q8"} {
		for _, weight := range []gpu.Weight{gpu.Q4_0, gpu.Q8_0, gpu.BF16} {
			shape := smallShape
			shape.MaxPositions = 300
			d := randomDecoder(t, shape, weight, Options{Context: 300, KV: kv, Slots: 4})
			slots := append([]*Decoder{d}, d.Others()...)
			alone, beside := talks(), talks()
			for i, k := range alone {
				prefill(t, slots[(i+1)%4], k.begin)
				for range 12 {
					p := k.part(slots[(i+1)%4])
					together(t, p)
					k.hear(t, p)
				}
			}
			for i, k := range beside {
				prefill(t, slots[i], k.begin)
			}
			for step := range 15 {
				var parts []*Sequence
				for i, k := range beside {
					if i <= step && len(k.ids) < 12 { // one after the other joins, and the first to come goes first
						parts = append(parts, k.part(slots[i]))
					}
				}
				together(t, parts...)
				for _, p := range parts {
					beside[slices.Index(slots, p.Decoder)].hear(t, p)
				}
			}
			for i, k := range beside {
				if a := alone[i]; !slices.Equal(k.ids, a.ids) || !slices.Equal(k.from, a.from) || !slices.Equal(k.logits, a.logits) || len(k.ids) != 12 {
					t.Errorf("%s cache, %s weights, conversation %d: alone %v, beside others %v", kv, weight, i, a.ids, k.ids)
				}
			}
		}
	}
}

// prefill reads the beginning but for its last token.
func prefill(t *testing.T, d *Decoder, ids []int32) {
	t.Helper()
	d.Truncate(0)
	if err := d.Prefill(t.Context(), ids[:len(ids)-1], nil, func(int) error { return nil }); err != nil {
		t.Fatal(err)
	}
}

// Conversations whose keys do not fit in one buffer have several, and do not go together; neither do more tokens than one pass takes.
func TestPools(t *testing.T) {
	d := randomDecoder(t, smallShape, gpu.Q8_0, Options{Context: 64, KV: "f16", Slots: 5, pooled: 2})
	slots := append([]*Decoder{d}, d.Others()...)
	if len(d.pools) != 3 || len(slots) != 5 || d.pools[2].slots != 1 {
		t.Fatalf("%d slots in %d pools", len(slots), len(d.pools))
	}
	var first []int32
	for i, slot := range slots {
		prefill(t, slot, []int32{4, 5, 6, 7})
		k := &talk{begin: []int32{4, 5, 6, 7}}
		for range 5 {
			p := k.part(slot)
			together(t, p)
			k.hear(t, p)
		}
		if first == nil {
			first = k.ids
		}
		if !slices.Equal(first, k.ids) {
			t.Errorf("slot %d says %v, the first %v", i, k.ids, first)
		}
	}
	part := func(i, n int) *Sequence { return &Sequence{Decoder: slots[i], IDs: make([]int32, n)} }
	for name, parts := range map[string][]*Sequence{
		"another pool": {part(0, 1), part(2, 1)},
		"too many":     {part(0, 4), part(1, 5)},
		"nothing":      {part(0, 1), part(1, 0)},
		"a full cache": {{Decoder: slots[0], IDs: make([]int32, 8)}},
	} {
		if name == "a full cache" {
			prefill(t, slots[0], make([]int32, 60))
		}
		if err := DecodeBatch(t.Context(), parts); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// What one part cannot have is its own error: the others go on.
func TestOnePartFails(t *testing.T) {
	d := randomDecoder(t, smallShape, gpu.Q8_0, Options{Context: 64, KV: "f16", Slots: 2})
	other := d.Others()[0]
	prefill(t, d, []int32{1, 2})
	prefill(t, other, []int32{1, 2})
	bad := &Sequence{Decoder: d, IDs: []int32{2}, Sampling: SamplingParams{Mask: make([]uint32, 10)}}
	good := &Sequence{Decoder: other, IDs: []int32{2}}
	together(t, bad, good)
	if bad.Err == nil || good.Err != nil || len(good.Sampled) != 1 {
		t.Errorf("the mask of nothing: %v; the other: %v, %v", bad.Err, good.Err, good.Sampled)
	}
}

func TestTogetherAllocatesNothing(t *testing.T) {
	d := randomDecoder(t, smallShape, gpu.Q8_0, Options{Context: 64, KV: "f16", Slots: 4})
	var parts []*Sequence
	for i, slot := range append([]*Decoder{d}, d.Others()...) {
		prefill(t, slot, []int32{1, 2, 3})
		parts = append(parts, &Sequence{Decoder: slot, IDs: []int32{3}, WantsLogits: i == 2})
	}
	allocations := testing.AllocsPerRun(20, func() {
		for _, p := range parts {
			p.Decoder.Truncate(2)
		}
		if err := DecodeBatch(context.Background(), parts); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 0 {
		t.Errorf("%g allocations for a pass", allocations)
	}
	if l := parts[2].Decoder.Logits(); math.IsNaN(float64(l[0])) || slices.Max(l) == 0 {
		t.Error("no logits")
	}
}
