package model

import (
	"strings"
	"sync"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
)

// How many conversations of the 24B find room at once on the cards people have. Where
// they come first the context gives way, never more memory than there is; where the
// context comes first, what would do is remembered.
func TestSlotsOfTheLadder(t *testing.T) {
	card := func(gib int64) gpu.Adapter { return gpu.Adapter{Name: "A", Free: gib << 30, Memory: gib << 30} }
	unknown := gpu.Adapter{Name: "N"}
	for _, c := range []struct {
		name    string
		asked   Options
		cards   []gpu.Adapter
		context int
		kv      string
		slots   int // that find room
		perSlot int // the context that is remembered
		says    string
	}{
		{"nobody asks", Options{}, []gpu.Adapter{card(24)}, 32768, "f16", 1, 0, ""},
		{"room for all", Options{Parallel: 4, ParallelFirst: true}, []gpu.Adapter{card(48)}, 32768, "f16", 4, 0, ""},
		{"24 GB, the context first", Options{Parallel: 4}, []gpu.Adapter{card(24)}, 32768, "f16", 1, 14336, ""},
		{"24 GB, four first", Options{Parallel: 4, ParallelFirst: true}, []gpu.Adapter{card(24)}, 14336, "f16", 4, 0, "14336 tokens instead of 32768, so that 4 answers"},
		{"24 GB, eight first", Options{Parallel: 8, ParallelFirst: true}, []gpu.Adapter{card(24)}, 7168, "f16", 8, 0, "so that 8 answers"},
		{"16 GB, four first", Options{Parallel: 4, ParallelFirst: true}, []gpu.Adapter{card(17)}, 6144, "q8", 4, 0, "and keys and values take 8 bits instead of 16"},
		{"16 GB, 16 bits asked for", Options{Parallel: 4, ParallelFirst: true, KV: "f16"}, []gpu.Adapter{card(17)}, 14336, "f16", 1, 0, ""},
		{"a context asked for", Options{Parallel: 4, ParallelFirst: true, Context: 32768}, []gpu.Adapter{card(24)}, 32768, "f16", 1, 0, ""},
		{"far too many", Options{Parallel: 64, ParallelFirst: true}, []gpu.Adapter{card(17)}, 14336, "f16", 1, 0, ""},
		{"nothing tells, the context first", Options{Parallel: 4}, []gpu.Adapter{unknown}, 32768, "f16", 1, 8192, ""},
		{"nothing tells, four first", Options{Parallel: 4, ParallelFirst: true}, []gpu.Adapter{unknown}, 8192, "f16", 4, 0, "8192 tokens instead of 32768"},
		{"nothing tells, eight first", Options{Parallel: 8, ParallelFirst: true}, []gpu.Adapter{unknown}, 4096, "f16", 8, 0, "so that 8 answers"},
		{"two cards", Options{Parallel: 4, ParallelFirst: true}, []gpu.Adapter{card(12), card(12)}, 13312, "f16", 4, 0, "so that 4 answers"},
	} {
		p := full(t, "q4_0", c.asked, c.cards...)
		if c.asked.KV != "" {
			p.kv = c.asked.KV
		}
		plan, err := p.plan(c.cards[:1])
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		more, each := p.extraSlots(plan, max(c.asked.Parallel, 1)-1)
		if plan.Context != c.context || plan.KV != c.kv || 1+more != c.slots || plan.parallelContext != c.perSlot || !strings.Contains(strings.Join(plan.Steps, "\n"), c.says) {
			t.Errorf("%s: %d conversations of %d tokens in %s, %d remembered, said %q", c.name, 1+more, plan.Context, plan.KV, plan.parallelContext, plan.Steps)
		}
		took, most := plan.Bytes()+int64(more)*each, int64(len(c.cards))*c.cards[0].Free
		if most == 0 { // one conversation of full length, and a little
			most = p.assign(32768, c.cards[:1]).Bytes() + unknownRoom
		}
		if took > most {
			t.Errorf("%s: %d bytes, where there are %d", c.name, took, most)
		}
	}
}

// With conversations first four find room in memory that is enough for one of full
// length, stay in it, and say what each says alone.
func TestParallelFirst(t *testing.T) {
	gputest.Device(t)
	const memory = 96 << 20
	small := Options{Parallel: 4, GPU: gpu.Options{MaxMemory: memory}}
	if one := open(t, small); one.parallel == 4 || !strings.Contains(strings.Join(one.Notices(), "\n"), "--parallel 4 makes do with contexts of") {
		t.Errorf("with the context first %d answers are made at once; said %q", one.parallel, one.Notices())
	}
	small.ParallelFirst = true
	m := open(t, small)
	if m.parallel != 4 || m.text.Context() >= 8192 || !strings.Contains(strings.Join(m.Notices(), "\n"), "so that 4 answers can be made at once") {
		t.Fatalf("%d answers of %d tokens at once; said %q", m.parallel, m.text.Context(), m.Notices())
	}
	requests := conversations(t)
	want := alone(t, m, requests)
	var all sync.WaitGroup
	for i, r := range requests {
		all.Go(func() {
			same(t, r.Messages[0].Parts[len(r.Messages[0].Parts)-1].Text, hear(t, m, requests[i]), want[i])
		})
	}
	all.Wait()
	if peak := m.device.Peak(); peak > memory {
		t.Errorf("%d bytes were allocated of %d", peak, memory)
	}
}
