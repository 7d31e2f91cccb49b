package model

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sirocco/model/chat"
)

// What a position attends to is transformers' output_attentions (eager, float32),
// averaged over heads and the last third of the layers, within 1e-3, however
// keys are stored: for the first token of the answer, some in its middle and its end.
func TestLookEqualsTransformers(t *testing.T) {
	for name, kinds := range map[string][]string{"hf-one-file": {"f32", "f16", "q8"}, "hf-tied": {"f16"}, "mistral": {"f32", "f16"}} {
		for _, kv := range kinds {
			t.Run(name+"/"+kv, func(t *testing.T) {
				m, g := openTiny(t, name, kv)
				var golden struct {
					Looks []struct {
						Said     int
						Pictures [][]float64
					}
				}
				readJSON(t, filepath.Join("testdata", "tiny", name, "attention.json"), &golden)
				worst := 0.0
				for _, want := range golden.Looks {
					look, err := m.Attention(context.Background(), g.request(t), slices.Concat(g.Prompt, g.Answer[:want.Said]))
					if err != nil {
						t.Fatal(err)
					}
					worst = max(worst, lookDistance(t, look.Pictures, want.Pictures))
				}
				t.Logf("PARITY | %s | %s cache | attention to the patches of two pictures, %d positions | %.1e |", name, kv, len(golden.Looks), worst)
				if worst > 1e-3 {
					t.Errorf("a patch's weight is off by %.1e", worst)
				}
			})
		}
	}
}

func lookDistance(t *testing.T, got [][]float32, want [][]float64) (worst float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d pictures, want %d", len(got), len(want))
	}
	for k := range want {
		if len(got[k]) != len(want[k]) {
			t.Fatalf("picture %d has %d patches, want %d", k, len(got[k]), len(want[k]))
		}
		for i, w := range want[k] {
			if d := math.Abs(float64(got[k][i]) - w); !(d <= worst) {
				worst = d
			}
		}
	}
	return worst
}

// Looking back leaves the next answer what it would have been, and the weights of
// a decoder's positions add up to one.
func TestLookLeavesNoTrace(t *testing.T) {
	m, g := openTiny(t, "hf-one-file", "f32")
	request := g.request(t)
	request.MaxTokens = 8
	before, _ := answer(t, m, request)
	weights := lookAt(t, m, g)
	sum := 0.0
	for _, w := range weights {
		sum += float64(w)
	}
	if len(weights) != len(g.Prompt)+1 || math.Abs(sum-1) > 1e-5 {
		t.Errorf("%d weights add up to %g, want %d and 1", len(weights), sum, len(g.Prompt)+1)
	}
	if after, _ := answer(t, m, request); after.Text != before.Text {
		t.Errorf("after looking back the answer is %q, was %q", after.Text, before.Text)
	}
}

func lookAt(t *testing.T, m *Model, g *golden) []float32 {
	t.Helper()
	gen := &generation{Model: m, ctx: context.Background(), request: g.request(t), yield: func(chat.Event, error) bool { return true }}
	defer gen.releaseSlot()
	ids := slices.Concat(g.Prompt, g.Answer[:1])
	if err := gen.prefillForAttention(ids); err != nil {
		t.Fatal(err)
	}
	weights, err := gen.attention(ids)
	if err != nil {
		t.Fatal(err)
	}
	return weights
}

// A conversation that is not the first one of several looks at its own keys.
func TestLookFromAnotherSlot(t *testing.T) {
	m, g := openTiny(t, "hf-one-file", "f32")
	ids := slices.Concat(g.Prompt, g.Answer[:2])
	want, err := m.Attention(context.Background(), g.request(t), ids)
	if err != nil {
		t.Fatal(err)
	}
	several, err := Open(context.Background(), filepath.Join("testdata", "tiny", "hf-one-file"), Options{KV: "f32", Context: 512, Parallel: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer several.Close()
	busy := several.slots.acquire(nil, prefix{})
	defer several.slots.release(busy)
	got, err := several.Attention(context.Background(), g.request(t), ids)
	if err != nil {
		t.Fatal(err)
	}
	for k := range want.Pictures {
		if !slices.Equal(got.Pictures[k], want.Pictures[k]) {
			t.Errorf("picture %d: the second slot sees %v, the first %v", k, got.Pictures[k], want.Pictures[k])
		}
	}
}

// Layers on two devices look as one would.
func TestLookOnTwoDevices(t *testing.T) {
	whole, g := openTiny(t, "mistral", "f32")
	ids := slices.Concat(g.Prompt, g.Answer[:3])
	want, err := whole.Attention(context.Background(), g.request(t), ids)
	if err != nil {
		t.Fatal(err)
	}
	divided, err := Open(context.Background(), filepath.Join("testdata", "tiny", "mistral"), Options{KV: "f32", Context: 512, Device: "0,0"})
	if err != nil {
		t.Fatal(err)
	}
	defer divided.Close()
	got, err := divided.Attention(context.Background(), g.request(t), ids)
	if err != nil {
		t.Fatal(err)
	}
	for k := range want.Pictures {
		if !slices.Equal(got.Pictures[k], want.Pictures[k]) {
			t.Errorf("picture %d: two devices see %v, one sees %v", k, got.Pictures[k], want.Pictures[k])
		}
	}
}

// What cannot be looked back at is refused with its reason.
func TestLookRefuses(t *testing.T) {
	m, g := openTiny(t, "hf-one-file", "f32")
	blind := &chat.Request{Messages: []chat.Message{chat.Text(chat.User, "Hello")}}
	other := slices.Clone(g.Prompt)
	other[1]++
	for name, c := range map[string]struct {
		request *chat.Request
		ids     []int32
		says    string
	}{
		"no picture":     {blind, g.Prompt, "no picture"},
		"another prompt": {g.request(t), other, "other tokens"},
		"half a prompt":  {g.request(t), g.Prompt[:5], "other tokens"},
		"too long":       {g.request(t), append(slices.Clone(g.Prompt), make([]int32, 600)...), "do not fit"},
	} {
		if _, err := m.Attention(context.Background(), c.request, c.ids); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
