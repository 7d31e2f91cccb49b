package model

import (
	"context"
	"math"
	"testing"
)

// A model divided over two devices on one adapter says, bit for bit, what it
// says on one: pictures, prompts longer than a chunk, and words.
func TestTwoDevicesSayTheSame(t *testing.T) {
	one, two := open(t, Options{Device: "0", Context: 512}), open(t, Options{Device: "0,0", Context: 512})
	if p := two.plan.Places; len(two.devices) != 2 || p[0].Layers < 2 || p[1].Layers < 2 || p[0].Layers+p[1].Layers != one.plan.Places[0].Layers {
		t.Fatalf("the layers are divided so: %+v", two.plan.Places)
	}
	request := ask(t, "What is in the picture?", true)
	request.MaxTokens, request.Logprobs = 6, 3
	want, _ := answer(t, one, request)
	got, _ := answer(t, two, request)
	if got.Text != want.Text || len(got.Tokens) != len(want.Tokens) {
		t.Fatalf("two devices say %q, one %q", got.Text, want.Text)
	}
	for i, token := range want.Tokens {
		for j, top := range token.Top {
			if other := got.Tokens[i].Top[j]; other.ID != top.ID || math.Float64bits(other.Logprob) != math.Float64bits(top.Logprob) {
				t.Fatalf("token %d, candidate %d: %+v on two devices, %+v on one", i, j, other, top)
			}
		}
	}
	long := make([]int32, 300)
	for i := range long {
		long[i] = int32(1000 + i*7%3000)
	}
	for _, m := range []*Model{one, two} {
		m.text.Truncate(0)
		if err := m.text.Prefill(context.Background(), long, nil, func(int) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	for i, x := range one.text.Logits() {
		if y := two.text.Logits()[i]; math.Float32bits(x) != math.Float32bits(y) {
			t.Fatalf("logit %d behind 300 tokens is %g on two devices, %g on one", i, y, x)
		}
	}
}

// What the plan says of each device is what it holds.
func TestPlanOfTwoDevices(t *testing.T) {
	m := made(t, Synthetic{Shape: "tiny", Type: "bf16"}, Options{Device: "0,0", Context: 1024})
	see(t, m)
	if err := m.text.Prefill(context.Background(), make([]int32, 20), nil, func(int) error { return nil }); err != nil {
		t.Fatal(err)
	}
	for i, place := range m.plan.Places {
		planned, used := float64(place.Bytes-staging), float64(m.devices[i].Peak()-m.devices[i].Staged())
		if math.Abs(planned-used) > 0.05*used {
			t.Errorf("device %d: %.0f bytes were planned and %.0f are used", i, planned, used)
		}
	}
}

// A cancelled step leaves both devices at the same place of the conversation.
func TestCancelOnTwoDevices(t *testing.T) {
	m := made(t, Synthetic{Shape: "tiny", Type: "bf16"}, Options{Device: "0,0", Context: 256})
	ctx, cancel := context.WithCancel(context.Background())
	if err := m.text.Prefill(ctx, []int32{1, 2, 3}, nil, func(int) error { cancel(); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := m.text.Step(ctx, 4); err == nil {
		t.Fatal("a cancelled step ran")
	}
	before := append([]float32(nil), m.text.Logits()...)
	if err := m.text.Step(context.Background(), 4); err != nil || m.text.Len() != 4 {
		t.Fatalf("after a cancel the next step gave %v and a length of %d", err, m.text.Len())
	}
	after := append([]float32(nil), m.text.Logits()...)
	m.text.Truncate(3)
	if err := m.text.Step(context.Background(), 4); err != nil {
		t.Fatal(err)
	}
	for i, x := range m.text.Logits() {
		if x != after[i] {
			t.Fatalf("the same step gives %g and %g (before it was %g)", x, after[i], before[i])
		}
	}
}
