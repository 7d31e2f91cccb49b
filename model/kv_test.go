package model

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkKVCost is what keys and values in fewer bits cost in quality: how far the
// log-probabilities move from those with keys and values in f32, over the positions
// of a text. Its figures are written to docs/kv.md by tools/bench/kv.sh.
func BenchmarkKVCost(b *testing.B) {
	for name, path := range map[string]string{"miniature": breeze, "random": randomCheckpoint(b)} {
		o := Options{Context: 256, KV: "f32", Tokenizer: filepath.Join(breeze, "tekken.json")}
		want := positions(b, path, o)
		for _, kind := range []string{"f16", "q8"} {
			b.Run(name+"/"+kind, func(b *testing.B) {
				o.KV = kind
				for range b.N {
					compare(b, positions(b, path, o), want)
				}
			})
		}
	}
}

// Keys and values in q8 take what was planned for them and hardly change what is said: the greedy tokens about a picture are the same, read in
// chunks or one by one.
func TestKeysAndValuesInQ8(t *testing.T) {
	o := Options{Context: 1024, KV: "q8"}
	packed, plain := open(t, o), open(t, Options{Context: 1024, KV: "f32"})
	request := ask(t, "What is in the picture?", true)
	request.MaxTokens = 8
	want, _ := answer(t, plain, request)
	if got, _ := answer(t, packed, request); got.Text != want.Text {
		t.Errorf("with keys and values in q8 it says %q, in f32 %q", got.Text, want.Text)
	}
	if kept, halves := cacheOf(t, packed), cacheOf(t, open(t, Options{Context: 1024, KV: "f16"})); 16*kept != 9*halves {
		t.Errorf("keys and values take %d bytes in q8 and %d in f16", kept, halves)
	}
	ids := make([]int32, 40)
	for i := range ids {
		ids[i] = int32(1000 + i*7%3000)
	}
	packed.text.Truncate(0)
	if err := packed.text.Prefill(context.Background(), ids, nil, func(int) error { return nil }); err != nil {
		t.Fatal(err)
	}
	together := append([]float32(nil), packed.text.Logits()...)
	packed.text.Truncate(0)
	for _, id := range ids {
		if err := packed.text.Step(context.Background(), id); err != nil {
			t.Fatal(err)
		}
	}
	if d := divergenceOf(packed.text.Logits(), together); d > 1e-3 {
		t.Errorf("one by one the divergence is %g from reading them together", d)
	}
}

// cacheOf is what the plan has for keys and values.
func cacheOf(t *testing.T, m *Model) int64 {
	t.Helper()
	for _, item := range m.plan.Items {
		if strings.HasPrefix(item.Name, "keys and values") {
			return item.Bytes
		}
	}
	t.Fatal("the plan has no keys and values")
	return 0
}
