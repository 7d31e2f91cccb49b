package model

import (
	"context"
	"math"
	"strings"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
)

// tight opens a model on a device that is a byte too small for it, so that layers
// stay in memory of the host.
func tight(t *testing.T, path string, o Options) *Model {
	t.Helper()
	gputest.Device(t)
	plan, err := PlanFor(path, o)
	if err != nil {
		t.Fatal(err)
	}
	o.GPU.MaxMemory = (plan.Places[0].Bytes - 1) * 20 / 19 // a twentieth is left to others
	m, err := Open(context.Background(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	if m.plan.Host == 0 || m.device.Offloaded() != m.plan.Host {
		t.Fatalf("%d bytes are held of the host, %d were planned\n%+v", m.device.Offloaded(), m.plan.Host, m.plan)
	}
	return m
}

// A model of which some layers stay in memory of the host says, bit for bit, what it
// says when all are on the device: pictures, prompts of several chunks with a short
// end, words.
func TestLayersOfTheHostSayTheSame(t *testing.T) {
	o := Options{Context: 1024, KV: "f32"}
	all, some := open(t, o), tight(t, breeze, o)
	t.Logf("%q", some.plan.Steps)
	sameAnswer(t, all, some)
	for _, n := range []int{1, 300, 517} {
		sameLogits(t, all, some, n)
	}
}

// sameAnswer asks both about a picture.
func sameAnswer(t *testing.T, one, other *Model) {
	t.Helper()
	request := ask(t, "What is in the picture?", true)
	request.MaxTokens, request.Logprobs = 6, 3
	want, _ := answer(t, one, request)
	got, _ := answer(t, other, request)
	if got.Text != want.Text || len(got.Tokens) != len(want.Tokens) {
		t.Fatalf("it says %q, and with all layers on the device %q", got.Text, want.Text)
	}
	for i, token := range want.Tokens {
		for j, top := range token.Top {
			if other := got.Tokens[i].Top[j]; other.ID != top.ID || math.Float64bits(other.Logprob) != math.Float64bits(top.Logprob) {
				t.Fatalf("token %d, candidate %d: %+v, and with all layers on the device %+v", i, j, other, top)
			}
		}
	}
}

// sameLogits reads n tokens and one more with both.
func sameLogits(t *testing.T, one, other *Model, n int) {
	t.Helper()
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = int32(20 + i*7%(one.config.Text.Vocab-20))
	}
	for _, m := range []*Model{one, other} {
		m.text.Truncate(0)
		err := m.text.Prefill(context.Background(), ids, nil, func(int) error { return nil })
		if err == nil {
			err = m.text.Step(context.Background(), 3)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, x := range one.text.Logits() {
		if y := other.text.Logits()[i]; math.Float32bits(x) != math.Float32bits(y) {
			t.Fatalf("logit %d behind %d tokens is %g, and with all layers on the device %g", i, n, y, x)
		}
	}
}

// What the plan says of the device is what is held there, a word costs no memory of
// ours, and a cancel leaves the conversation where it was.
func TestLayersOfTheHostAsPlanned(t *testing.T) {
	m := tight(t, breeze, Options{Context: 2048, KV: "f32"})
	see(t, m)
	if err := m.text.Prefill(context.Background(), make([]int32, 300), nil, func(int) error { return nil }); err != nil {
		t.Fatal(err)
	}
	planned, used := float64(m.plan.Bytes()-staging), float64(m.device.Peak()-m.device.Staged())
	if math.Abs(planned-used) > 0.05*used {
		t.Errorf("%.0f bytes were planned and %.0f are used\n%+v", planned, used, m.plan)
	}
	step := func() {
		if err := m.text.Step(context.Background(), 5); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(5, step); n > 0 {
		t.Errorf("a step allocates %.0f times", n)
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	before := m.text.Len()
	if err := m.text.Prefill(stopped, make([]int32, 300), nil, func(int) error { return nil }); err == nil || m.text.Len() != before {
		t.Errorf("after a cancel (%v) the conversation has %d tokens, before %d", err, m.text.Len(), before)
	}
	sameLogits(t, open(t, Options{Context: 2048, KV: "f32"}), m, 40)
}

// The published model on small cards: some layers stay in memory of the host, what
// that costs in speed is said before anything is loaded, and a host or a card that
// is too small for it is refused.
func TestHostLadder(t *testing.T) {
	card := func(name string, gib int64) gpu.Adapter {
		return gpu.Adapter{Name: name, Free: gib << 30, Memory: gib << 30}
	}
	for _, c := range []struct {
		name   string
		asked  Options
		cards  []gpu.Adapter
		host   int64 // GiB of memory it has
		hosted int   // layers, 0: refused
		says   string
	}{
		{"8 GB", Options{KV: "f16"}, []gpu.Adapter{card("A", 8)}, 32, 28, "tokens a second"},
		{"6 GB", Options{KV: "f16"}, []gpu.Adapter{card("A", 6)}, 32, 35, "of 40 layers have no room on A"},
		{"12 GB, a long context", Options{KV: "f16", Context: 32768}, []gpu.Adapter{card("A", 12)}, 32, 28, "the context holds 32768"},
		{"3 GB", Options{KV: "f16"}, []gpu.Adapter{card("A", 3)}, 32, 0, "are missing"},
		{"no memory beside it", Options{KV: "f16"}, []gpu.Adapter{card("A", 8)}, 6, 0, "are missing"},
		{"the host's own memory", Options{KV: "f16"}, []gpu.Adapter{{Name: "I", Kind: gpu.Integrated, Free: 8 << 30}}, 32, 0, "are missing"},
	} {
		p := full(t, "q4_0", c.asked, c.cards...)
		p.kv = "f16"
		p.free = func() int64 { return c.host << 30 }
		p.measure = func(gpu.Adapter) (paths, error) { return paths{own: 400e9, host: 12e9}, nil }
		plan, err := p.plan(c.cards[:1])
		said := strings.Join(plan.Steps, "\n")
		hosted := offloadedLayers(plan)
		if err != nil {
			said, hosted = err.Error(), 0
		}
		if hosted != c.hosted || !strings.Contains(said, c.says) || err == nil && !plan.Fits() {
			t.Errorf("%s: %d layers are hosted, want %d; said %q, want %q in it\n%+v", c.name, hosted, c.hosted, said, c.says, plan)
		}
		seconds := float64(plan.Host)/12e9 + float64(p.perToken())/400e9
		if hosted > 0 && math.Abs(plan.Expected*seconds-1) > 1e-9 {
			t.Errorf("%s: %g tokens a second are expected, that is %g s for %d bytes of the host", c.name, plan.Expected, 1/plan.Expected, plan.Host)
		}
		sum := int64(0)
		for _, place := range plan.Places {
			sum += place.Bytes
		}
		if sum != plan.Bytes() {
			t.Errorf("%s: the adapters hold %d bytes, the table %d", c.name, sum, plan.Bytes())
		}
	}
}
