package model

import (
	"slices"
	"testing"

	"sirocco/gpu"
)

// cardTuning are shapes of kernels that a card may choose and a processor never
// does: tiles for every product of prompts and pictures, rows shared by slices.
func cardTuning() gpu.TuningParams {
	p := gpu.Products{
		Vector: gpu.Vector{Rows: 1, Lanes: 32, Slices: 4}, Tile: gpu.Tile{Rows: 4, Tokens: 4, Depth: 16, From: 9},
	}
	return gpu.TuningParams{Quantised: p, Plain: p, Attend: gpu.Attend{Rows: 16, Keys: 2, Group: 64, Quads: 1}, Split: 64}
}

// Whatever the shapes of kernels, the text and the tower are transformers': log-
// probabilities within 2e-3, and the greedy answer token for token.
func TestShapesOfKernelsChangeNoAnswer(t *testing.T) {
	m, g := openTiny(t, "hf-tied", "f32")
	m.device.SetTuning(cardTuning())
	p := g.build(t, m)
	if worst, where := g.distance(t, m, p, len(p.IDs)/3); worst > 2e-3 {
		t.Errorf("off by %.2e at %s", worst, where)
	}
	first := slices.Clone(m.text.Logits())
	g.distance(t, m, p, len(p.IDs))
	if !slices.Equal(first, m.text.Logits()) {
		t.Error("the same shapes gave other bits the second time")
	}
	request := g.request(t)
	request.MaxTokens, request.NoGuard = len(g.Answer), true
	done, _ := answer(t, m, request)
	var ids []int32
	for _, token := range done.Tokens {
		ids = append(ids, token.ID)
	}
	if !slices.Equal(ids, g.Answer) {
		t.Errorf("the answer is %v, the reference's %v", ids, g.Answer)
	}
}
