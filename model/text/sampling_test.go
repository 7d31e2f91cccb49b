package text

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"sirocco/gpu"
	"sirocco/model/config"
)

var smallShape = config.Text{
	Dim: 64, Layers: 2, Heads: 4, KVHeads: 2, HeadDim: 16, FFN: 96, Vocab: 300,
	RopeTheta: 1e4, NormEps: 1e-5, MaxPositions: 64,
}

func small(t *testing.T) *Decoder {
	d := randomDecoder(t, smallShape, gpu.Q8_0, Options{Context: 64, KV: "f32"})
	if err := d.Prefill(t.Context(), []int32{1, 2, 3, 4, 5}, nil, func(int) error { return nil }); err != nil {
		t.Fatal(err)
	}
	return d
}

func chooseTokens(t *testing.T, d *Decoder, w SamplingParams, ids ...int32) []SampledToken {
	t.Helper()
	chosen, err := d.Sample(t.Context(), ids, w)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(chosen)
}

// The token chosen on the device is the greatest of the logits that Step brings to the host, with its log-probability; under a
// mask, the greatest of those it allows.
func TestChooseIsWhatLogitsSay(t *testing.T) {
	d := small(t)
	if err := d.Step(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	logits := slices.Clone(d.Logits())
	sum := 0.0
	best := 0
	for i, l := range logits {
		sum += math.Exp(float64(l))
		if l > logits[best] {
			best = i
		}
	}
	d.Truncate(5)
	got := chooseTokens(t, d, SamplingParams{}, 7)[0]
	if want := float64(logits[best]) - math.Log(sum); int(got.ID) != best || got.Top != got.ID || math.Abs(got.Logprob-want) > 1e-5 {
		t.Errorf("chose %+v, want %d with %g", got, best, want)
	}
	d.Truncate(5)
	mask := make([]uint32, 10)
	mask[1] = 1 << 4
	if got := chooseTokens(t, d, SamplingParams{Mask: mask, Temperature: 2}, 7)[0]; got.ID != 36 || int(got.Top) != best {
		t.Errorf("under a mask chose %+v", got)
	}
	if _, err := d.Sample(t.Context(), []int32{7}, SamplingParams{Mask: make([]uint32, 10)}); err == nil || !strings.Contains(err.Error(), "allowed") {
		t.Errorf("a mask of nothing: %v", err)
	}
	if _, err := d.Sample(t.Context(), make([]int32, 9), SamplingParams{}); err == nil {
		t.Error("nine tokens at once")
	}
}

// Guesses checked together get the very choices, and log-probabilities, that the tokens get one by one; wrong ones leave no trace.
func TestChooseTogether(t *testing.T) {
	for _, temperature := range []float64{0, 0.9} {
		d := small(t)
		var alone []SampledToken
		ids := []int32{7}
		for i := range 12 {
			w := SamplingParams{Seed: 3, Temperature: temperature, Position: 100 + i}
			alone = append(alone, chooseTokens(t, d, w, ids[i])...)
			ids = append(ids, alone[i].ID)
		}
		for _, n := range []int{2, 3, 8} {
			d.Truncate(5)
			got := chooseTokens(t, d, SamplingParams{Seed: 3, Temperature: temperature, Position: 100}, ids[:n]...)
			if !slices.Equal(got, alone[:n]) {
				t.Errorf("temperature %g: %d together %+v, alone %+v", temperature, n, got, alone[:n])
			}
		}
		d.Truncate(7)
		chooseTokens(t, d, SamplingParams{}, ids[2], 250, 251, 252)
		d.Truncate(8)
		if got := chooseTokens(t, d, SamplingParams{Seed: 3, Temperature: temperature, Position: 103}, ids[3]); got[0] != alone[3] {
			t.Errorf("after wrong guesses %+v, want %+v", got[0], alone[3])
		}
	}
}

func TestChooseAllocatesNothing(t *testing.T) {
	d := small(t)
	ids, mask := []int32{9}, slices.Repeat([]uint32{math.MaxUint32}, 10)
	allocations := testing.AllocsPerRun(20, func() {
		d.Truncate(5)
		if _, err := d.Sample(context.Background(), ids, SamplingParams{Temperature: 1, Mask: mask}); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 0 {
		t.Errorf("%g allocations for a token", allocations)
	}
}

// A layer of a decode step is six dispatches, and nothing as long as the vocabulary is read back.
func TestDispatchesOfAStep(t *testing.T) {
	d := small(t)
	lines := func(layers int) (n int, text string) {
		r := d.device.Record("test")
		all := d.weights.layers
		d.weights.layers = all[:layers]
		d.record(r, 1, 64, nil, nil, outputSample)
		d.weights.layers = all
		return strings.Count(r.String(), "\n"), r.String()
	}
	one, _ := lines(1)
	two, text := lines(2)
	if two-one > 6 || two-12 > 7 {
		t.Errorf("a layer is %d steps, the rest %d:\n%s", two-one, 2*one-two, text)
	}
	if !strings.Contains(text, "read back 32 bytes") {
		t.Errorf("read back:\n%s", text)
	}
}
