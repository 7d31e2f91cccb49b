package model

import (
	"context"
	"hash/fnv"
	"math"
	"path/filepath"
	"testing"

	"sirocco/gpu/gputest"
	"sirocco/model/checkpoint/weightstest"
	"sirocco/model/config"
)

// BenchmarkQuantiseCost is what packing costs in quality: how far the
// log-probabilities move from those of BF16, over the positions of a text. Its
// figures are written to docs/quantise.md by tools/bench/quantise.sh.
func BenchmarkQuantiseCost(b *testing.B) {
	for name, path := range map[string]string{"miniature": breeze, "random": randomCheckpoint(b)} {
		o := Options{Context: 256, KV: "f32", Tokenizer: filepath.Join(breeze, "tekken.json")}
		want := positions(b, path, o)
		for _, kind := range []string{"q8", "q4"} {
			b.Run(name+"/"+kind, func(b *testing.B) {
				o.Quantize = kind
				for range b.N {
					compare(b, positions(b, path, o), want)
				}
			})
		}
	}
}

// compare reports the mean distance of log-probabilities, the divergence
// (nats), and how often the likeliest token is the same.
func compare(b *testing.B, got, want [][]float32) {
	var off, divergence, same float64
	for i := range want {
		off += distance(got[i], want[i])
		divergence += divergenceOf(got[i], want[i])
		if likeliest(got[i]) == likeliest(want[i]) {
			same++
		}
	}
	n := float64(len(want))
	b.ReportMetric(off/n, "|Δlogprob|")
	b.ReportMetric(divergence/n, "KL-nats")
	b.ReportMetric(100*same/n, "same-top-%")
}

// positions are the logits after every token of a text of 96.
func positions(b testing.TB, path string, o Options) (all [][]float32) {
	b.Helper()
	gputest.Device(b)
	m, err := Open(context.Background(), path, o)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	ids := m.tok.Encode("A small red circle is left of a large blue square. The picture has three shapes: one circle, one square and one triangle. The word in it is hello. How many green shapes are there? There are two green shapes in the picture, and one of them is a triangle.")
	for _, id := range ids[:min(len(ids), 96)] {
		if err := m.text.Step(context.Background(), id); err != nil {
			b.Fatal(err)
		}
		all = append(all, append([]float32(nil), m.text.Logits()...))
	}
	return all
}

// randomCheckpoint is a model of normal random weights, in BF16.
func randomCheckpoint(b testing.TB) string {
	b.Helper()
	cfg := config.Config{Name: "random", Text: syntheticShapes["tiny"].text}
	dir := b.TempDir()
	err := weightstest.Folder(dir, cfg, weightstest.Options{Value: func(name string, i int) float32 {
		if len(name) > 11 && name[len(name)-11:] == "norm.weight" {
			return 1
		}
		return normal(name, i) / 16
	}})
	if err != nil {
		b.Fatal(err)
	}
	return dir
}

// normal is a random number of the normal distribution that belongs to a name
// and a place.
func normal(name string, i int) float32 {
	hash := fnv.New64a()
	hash.Write([]byte(name))
	hash.Write([]byte{byte(i), byte(i >> 8), byte(i >> 16), byte(i >> 24)})
	bits := hash.Sum64() * 0x9e3779b97f4a7c15
	u, v := float64(bits>>40+1)/(1<<24+1), float64(bits&(1<<24-1))/(1<<24)
	return float32(math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v))
}

func divergenceOf(got, want []float32) (sum float64) {
	a, b := logSum(got), logSum(want)
	for i := range want {
		p := float64(want[i]) - b
		sum += math.Exp(p) * (p - float64(got[i]) + a)
	}
	return sum
}

func likeliest(logits []float32) (at int) {
	for i, x := range logits {
		if x > logits[at] {
			at = i
		}
	}
	return at
}
