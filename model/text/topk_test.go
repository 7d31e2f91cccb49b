package text

import (
	"context"
	"math"
	"strings"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/op"
	"sirocco/model/chat"
	"sirocco/model/sample"
)

// manyIDs has more tokens than are listed, so that the rules meet the list's end.
func manyIDs(t testing.TB) *Decoder {
	shape := smallShape
	shape.Vocab = 5000
	return randomDecoder(t, shape, gpu.Q8_0, Options{Context: 64, KV: "f32"})
}

// rules are settings that need more than a temperature.
func rules() []chat.Sampling {
	return []chat.Sampling{
		{Temperature: 0.7, TopP: 0.9, Seed: 1}, {Temperature: 1, TopK: 40, Seed: 2}, {Temperature: 1, MinP: 0.1, Seed: 3},
		{Temperature: 2, TopK: 50, TopP: 0.8, RepeatPenalty: 1.3, Seed: 4}, {FrequencyPenalty: 0.5, PresencePenalty: 0.5},
		{Temperature: 1, LogitBias: map[int32]float64{7: 1, 8: -1, 4000: 2}, Seed: 5}, {LogitBias: map[int32]float64{9: 100}},
		{Temperature: 100, TopP: 0.9, Seed: 6}, // reaches beyond the list
	}
}

// near is one token chosen by what the device tells; fetched says that it took the whole row.
func nearToken(t *testing.T, d *Decoder, s *sample.Sampler, history []int32, mask []uint32, with ...*Sequence) (id int32, fetched bool) {
	t.Helper()
	ask, ok := s.TopKRequest(history, 2, mask, 0, op.MaxExtraIDs)
	if !ok {
		t.Fatal("the row is asked for")
	}
	part := &Sequence{Decoder: d, IDs: history[len(history)-1:], TopK: &ask, Sampling: SamplingParams{Seed: s.Seed, Position: len(history)}}
	part.AcceptTopK = func(n *sample.TopKResult) (ok bool) {
		id, ok = s.NextFromTopK(n, len(history), mask, 0)
		return ok
	}
	together(t, append(with, part)...)
	if part.Err != nil {
		t.Fatal(part.Err)
	}
	if part.Fetched {
		return wholeRow(t, d, s, history, mask), true
	}
	return id, false
}

func wholeRow(t *testing.T, d *Decoder, s *sample.Sampler, history []int32, mask []uint32) int32 {
	t.Helper()
	id, err := s.Next(d.Logits(), history, 2, mask)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// What the host chooses by what the device tells is what it chooses from the whole row, under every rule, with and without a mask, alone and
// beside another conversation; and the row crosses only where a rule reaches beyond the list.
func TestNearIsTheWholeRow(t *testing.T) {
	d := manyIDs(t)
	half := make([]uint32, (5000+31)/32)
	for i := range half {
		half[i] = 0x0f0f3355
	}
	fetches := 0
	for _, settings := range rules() {
		for _, mask := range [][]uint32{nil, half} {
			s, err := sample.New(settings, 5000)
			if err != nil {
				t.Fatal(err)
			}
			history := []int32{1, 2, 3}
			prefill(t, d, history)
			for range 8 {
				n := d.Len()
				if err := d.Step(t.Context(), history[n]); err != nil {
					t.Fatal(err)
				}
				want := wholeRow(t, d, s, history, mask)
				d.Truncate(n)
				got, fetched := nearToken(t, d, s, history, mask)
				if got != want {
					t.Errorf("%+v, mask %t, token %d: chose %d, the whole row says %d", settings, mask != nil, n, got, want)
				}
				if fetched {
					fetches++
				}
				history = append(history, want)
			}
		}
	}
	if fetches > 16 || fetches == 0 {
		t.Errorf("the row crossed %d times of %d; 16 steps have a rule that needs it", fetches, 2*8*len(rules()))
	}
}

// Beside another conversation a part is told the same, in a second way to the device.
func TestNearTogether(t *testing.T) {
	shape := smallShape
	shape.Vocab = 5000
	d := randomDecoder(t, shape, gpu.Q8_0, Options{Context: 64, KV: "f32", Slots: 2})
	other := d.Others()[0]
	for _, settings := range rules() {
		s, err := sample.New(settings, 5000)
		if err != nil {
			t.Fatal(err)
		}
		history := []int32{5, 6, 7}
		prefill(t, d, history)
		prefill(t, other, []int32{8, 9, 4})
		alone, _ := nearToken(t, d, s, history, nil)
		d.Truncate(2)
		if got, _ := nearToken(t, d, s, history, nil, &Sequence{Decoder: other, IDs: []int32{4}}); got != alone {
			t.Errorf("%+v: %d beside another, %d alone", settings, got, alone)
		}
	}
}

// What crosses is a twenty-fifth of the row of the real vocabulary, and nothing is allocated.
func TestNearCrossesLittle(t *testing.T) {
	d := manyIDs(t)
	r := d.device.Record("test")
	d.record(r, 1, 64, nil, nil, outputSampleAndTopK)
	if !strings.Contains(r.String(), "read back 20") {
		t.Errorf("read back:\n%s", r.String()[strings.LastIndex(r.String(), "read"):])
	}
	if words := op.TopKWords(131072); 25*words > 131072 {
		t.Errorf("%d words of 131,072", words)
	}
	prefill(t, d, []int32{1, 2, 3})
	ask := sample.TopKRequest{MassTemperature: 1, ExtraIDs: []int32{4, 9}, Mask: make([]uint32, (5000+31)/32)}
	ask.Mask[3] = math.MaxUint32
	part := &Sequence{Decoder: d, IDs: []int32{3}, TopK: &ask, AcceptTopK: func(*sample.TopKResult) bool { return true }}
	parts := []*Sequence{part}
	if allocations := testing.AllocsPerRun(20, func() {
		d.Truncate(2)
		if err := DecodeBatch(context.Background(), parts); err != nil {
			t.Fatal(err)
		}
	}); allocations > 0 {
		t.Errorf("%g allocations for a token", allocations)
	}
}
