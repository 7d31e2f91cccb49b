package model

import (
	"path/filepath"
	"slices"
	"testing"

	"sirocco/gpu/gputest"
)

// sameModel are the folders that hold one and the same model: as Hugging Face
// shards, in Mistral's layout, and as GGUF files with a vision file
// (tools/goldens/same_tiny.py).
var sameModel = []string{"hf-shards", "same-mistral", "same-gguf"}

// Whatever form a model comes in, its 32 greedy tokens and its log-probabilities
// are those that transformers computes, and the three agree bit for bit: what
// differs is gone once the weights are on the device.
func TestSameModelInEveryForm(t *testing.T) {
	var first []float32
	for _, name := range sameModel {
		m, g := openForm(t, name)
		p := g.build(t, m)
		if worst, where := g.distance(t, m, p, 7); worst > 2e-3 {
			t.Errorf("%s: off by %.2e at %s", name, worst, where)
		}
		logits := slices.Clone(m.text.Logits())
		if first == nil {
			first = logits
		}
		if !slices.Equal(logits, first) {
			t.Errorf("%s: the last logits are not those of %s", name, sameModel[0])
		}
		request := g.request(t)
		request.MaxTokens, request.NoGuard = len(g.Answer), true
		done, _ := answer(t, m, request)
		var ids []int32
		for _, token := range done.Tokens {
			ids = append(ids, token.ID)
		}
		if len(ids) != 32 || !slices.Equal(ids, g.Answer) {
			t.Errorf("%s: the answer is %v, the reference's %v", name, ids, g.Answer)
		}
	}
}

// openForm loads one form of the model, with the golden of the first.
func openForm(t *testing.T, name string) (*Model, *golden) {
	t.Helper()
	gputest.Device(t)
	m, err := Open(t.Context(), filepath.Join("testdata", "tiny", name), Options{KV: "f32", Context: 512})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	g, dir := &golden{}, filepath.Join("testdata", "tiny", sameModel[0])
	readJSON(t, filepath.Join(dir, "golden.json"), g)
	for i, picture := range g.Pictures {
		g.Pictures[i] = filepath.Join(dir, picture)
	}
	return m, g
}
