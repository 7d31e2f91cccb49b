package main

import (
	"bytes"
	"math"
	"os"
	"testing"
)

// The document is what the program prints.
func TestDocumentIsWhatTheProgramPrints(t *testing.T) {
	var printed bytes.Buffer
	if err := page(&printed); err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile("../../docs/scaling.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(printed.Bytes(), document) {
		t.Error("docs/scaling.md is not what the program prints; make it anew: go run ./tools/scaling > docs/scaling.md")
	}
}

// The constants agree with each other and with the published totals.
func TestConstantsAgree(t *testing.T) {
	total := layerWeights.value + 2*headWeights.value + 5120 + towerBytes.value/2
	if total != 24_011_361_280 {
		t.Errorf("the parts have %.0f weights, the checkpoint 24,011,361,280", total)
	}
	if kvBytes.value != 2*40*8*128*2 {
		t.Errorf("keys and values take %g bytes", kvBytes.value)
	}
	for name, off := range map[string]float64{
		"work per token":        tokenFLOP.value/(2*layerWeights.value) - 1,
		"work of the output":    headFLOP.value/(2*headWeights.value) - 1,
		"the reference picture": pictureWork()/5.0e12 - 1, // 4,144 patches
	} {
		if math.Abs(off) > 0.02 {
			t.Errorf("%s is off by %.1f %%", name, 100*off)
		}
	}
	if pictureTokens() != 1064 {
		t.Errorf("the reference picture has %d tokens", pictureTokens())
	}
}

// What must hold whatever the constants: a conversation that keeps its replica
// finds at least as much, more memory holds more, and a batch is never slower
// together than one by one.
func TestShapeOfTheResults(t *testing.T) {
	r := fleets[1].replica
	for _, n := range []int{1, 2, 8} {
		any, aware := hits(r.kvTokens(), n, 1, false), hits(r.kvTokens(), n, 1, true)
		if aware < any-0.02 || any <= 0 || aware >= 1 {
			t.Errorf("%d replicas: %.2f found by any, %.2f by its own", n, any, aware)
		}
	}
	if small := (replica{"", h100, 1, false}); small.kvTokens() >= r.kvTokens() || small.batch() > r.batch() {
		t.Error("BF16 leaves as much room as FP8")
	}
	for _, f := range fleets {
		for b := 1.0; b < f.replica.batch(); b *= 2 {
			if f.replica.step(2*b)/(2*b) > f.replica.step(b)/b {
				t.Errorf("%s: %g answers at once are slower than %g", f.name, 2*b, b)
			}
		}
		if f.replica.batch() > 0 && 1/f.replica.step(f.replica.batch()) < minSpeed {
			t.Errorf("%s writes too slowly", f.name)
		}
	}
}
