package model

import (
	"path/filepath"
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
