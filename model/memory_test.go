package model

import (
	"cmp"
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
)

// What was planned is what is allocated at most, once a prompt, a word and the
// largest picture have gone through, staging apart: that does not depend on the
// model, and a test would see nothing else beside it.
func TestPlanIsTrue(t *testing.T) {
	for name, opened := range map[string]*Model{
		"miniature": open(t, Options{}),
		"q4_k":      made(t, Synthetic{Shape: "tiny", Type: "q4_k"}, Options{KV: "f32", Context: 4096}),
		"bf16":      made(t, Synthetic{Shape: "tiny", Type: "bf16"}, Options{}),
	} {
		before := opened.device.Allocated()
		see(t, opened)
		if err := opened.text.Prefill(context.Background(), make([]int32, 200), nil, func(int) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if err := opened.text.Step(context.Background(), 1); err != nil {
			t.Fatal(err)
		}
		planned, used := float64(opened.plan.Bytes()-staging), float64(opened.device.Peak()-opened.device.Staged())
		t.Logf("%s: %.0f planned, %.0f at most allocated, %d after loading", name, planned, used, before)
		if math.Abs(planned-used) > 0.05*used {
			t.Errorf("%s: %.0f bytes were planned and %.0f are used\n%+v", name, planned, used, opened.plan)
		}
		if staged := opened.device.Staged(); staged > staging {
			t.Errorf("%s: the device takes %d bytes for itself", name, staged)
		}
		opened.Close()
	}
}

// see runs a picture of the largest size through the tower.
func see(t *testing.T, m *Model) {
	t.Helper()
	picture, err := gradient(m.PictureSize(), m.PictureSize())
	if err != nil {
		t.Fatal(err)
	}
	rows, err := m.encodePicture(context.Background(), picture)
	if err != nil {
		t.Fatal(err)
	}
	rows.Release()
}

// full is the 24B and adapters for it, in a machine that has 4 GiB for layers.
func full(t *testing.T, kind string, o Options, adapters ...gpu.Adapter) *planner {
	t.Helper()
	s, err := newSynthetic(Synthetic{Shape: "full", Type: kind})
	if err != nil {
		t.Fatal(err)
	}
	held, err := storedIn(s.config, s, "")
	if err != nil {
		t.Fatal(err)
	}
	for i := range adapters {
		adapters[i].Index = i
		adapters[i].Limits.MaxBinding, adapters[i].Limits.MaxBuffer = 2<<30, 4<<30
	}
	return &planner{stored: held, requested: o, all: adapters, kv: "f16", free: func() int64 { return 4 << 30 }}
}

// The ladder of the real model on the cards people have: each step is said, and
// what does not fit anywhere is refused by a sentence with the numbers.
func TestLadder(t *testing.T) {
	card := func(name string, gib int64) gpu.Adapter {
		return gpu.Adapter{Name: name, Free: gib << 30, Memory: gib << 30}
	}
	for _, c := range []struct {
		name     string
		kind     string
		asked    Options
		cards    []gpu.Adapter
		context  int   // planned; 0: refused
		layers   []int // on each adapter
		contains string
	}{
		{"24 GB", "q4_0", Options{}, []gpu.Adapter{card("A", 24)}, 32768, []int{40}, ""},
		{"16 GB", "q4_0", Options{}, []gpu.Adapter{card("A", 17)}, 14336, []int{40}, "a context of 32768 tokens does not fit"},
		{"a context that fits in 8 bits", "q4_0", Options{Context: 24576}, []gpu.Adapter{card("A", 17)}, 24576, []int{40}, "take 8 bits instead of 16"},
		{"16 bits were asked for", "q4_0", Options{Context: 24576, KV: "f16"}, []gpu.Adapter{card("A", 17)}, 24576, []int{40}, "with --ctx 14336 all layers would fit"},
		{"two of 12 GB", "q4_0", Options{}, []gpu.Adapter{card("A", 12), card("B", 12)}, 32768, []int{19, 21}, "B takes some of the layers"},
		{"a software adapter is not taken unasked", "q4_0", Options{}, []gpu.Adapter{card("A", 8), {Name: "soft", Kind: gpu.Software, Free: 64 << 30}}, 0, nil, "--device 0,1"},
		{"asked for more than there is", "q4_0", Options{Context: 131072}, []gpu.Adapter{card("A", 24)}, 131072, []int{40}, "10 of 40 layers have no room on A"},
		{"BF16 on 24 GB", "bf16", Options{}, []gpu.Adapter{card("A", 24)}, 0, nil, "are missing"},
		{"nothing tells", "q4_0", Options{}, []gpu.Adapter{{Name: "N"}}, 32768, []int{40}, "nothing on this system tells"},
	} {
		plan, err := full(t, c.kind, c.asked, c.cards...).plan(c.cards[:1])
		var refused *DoesNotFit
		said := strings.Join(plan.Steps, "\n")
		if errors.As(err, &refused) {
			said, plan.Context = refused.Reason, 0
		} else if err != nil {
			t.Fatal(err)
		}
		if plan.Context != c.context || !strings.Contains(said, c.contains) {
			t.Errorf("%s: a context of %d, want %d; said %q, want %q in it\n%+v", c.name, plan.Context, c.context, said, c.contains, plan)
		}
		sum := int64(0)
		for i, place := range plan.Places {
			sum += place.Bytes
			if c.layers != nil && place.Layers != c.layers[i] {
				t.Errorf("%s: adapter %d holds %d layers, want %d\n%+v", c.name, i, place.Layers, c.layers[i], plan)
			}
		}
		if sum != plan.Bytes() {
			t.Errorf("%s: the adapters hold %d bytes, the table %d", c.name, sum, plan.Bytes())
		}
	}
}

// Out of memory is never a surprise: a model that does not fit is refused before
// a byte of it is loaded, and one that fits with less context says so.
func TestOpenPlansFirst(t *testing.T) {
	gputest.Device(t)
	_, err := Open(context.Background(), breeze, Options{GPU: gpu.Options{MaxMemory: 16 << 20}})
	var refused *DoesNotFit
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "are missing") {
		t.Fatalf("16 MiB for the miniature gave %v", err)
	}
	t.Log(err)
	m := open(t, Options{GPU: gpu.Options{MaxMemory: 76 << 20}})
	if notices := strings.Join(m.Notices(), "\n"); m.text.Context() >= 8192 || !strings.Contains(notices, "does not fit") {
		t.Errorf("76 MiB gave a context of %d and the notices %q", m.text.Context(), notices)
	}
}

// Keys and values are divided by heads where an adapter binds little at once, so that the longest context stands on software Vulkan. Where it binds
// less than what cannot be divided, the context is shorter, or what was asked for is refused.
func TestLadderOfBindings(t *testing.T) {
	a := gpu.Adapter{Name: "A", Free: 80 << 30, Memory: 80 << 30}
	for _, c := range []struct {
		binding int64
		asked   Options
		context int // 0: refused
		says    string
	}{
		{128 << 20, Options{Context: 131072, KV: "f32"}, 131072, ""},
		{128 << 20, Options{Context: 131072}, 131072, ""},
		{8 << 20, Options{}, 16384, "binds at most 8.0 MiB at once"},
		{8 << 20, Options{Context: 16384, KV: "f32"}, 16384, ""},
		{8 << 20, Options{Context: 20000}, 0, "try --ctx 16384"},
		{8 << 20, Options{Context: 20000, KV: "q8"}, 0, "try --ctx 16384"},
	} {
		p := full(t, "q4_0", c.asked, a)
		p.kv = cmp.Or(c.asked.KV, p.kv)
		small := a
		small.Limits.MaxBinding, small.Limits.MaxBuffer = c.binding, 1<<30
		plan, err := p.plan([]gpu.Adapter{small})
		said := strings.Join(plan.Steps, "\n")
		if err != nil {
			said = err.Error()
		}
		if plan.Context != c.context || !strings.Contains(said, c.says) {
			t.Errorf("%+v: a context of %d, want %d; said %q, want %q in it", c.asked, plan.Context, c.context, said, c.says)
		}
	}
}
