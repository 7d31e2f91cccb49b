package model

import (
	"fmt"

	"sirocco/model/config"
)

// Synthetic says which made-up model to open.
type Synthetic struct {
	Shape string // "tiny", "1b" or "full", which is the 24B
	Type  string // of the matrices: q4_0, q4_k, q6_k, q8_0, f16 or bf16
	// VisionLayers leaves out all but so many layers of the tower; 0 keeps them.
	VisionLayers int
}

// Config is the shape in numbers.
func (s Synthetic) Config() (config.Config, error) {
	shape, ok := syntheticShapes[s.Shape]
	if !ok {
		return config.Config{}, fmt.Errorf("there is no synthetic model %q; there are tiny, 1b and full", s.Shape)
	}
	c := config.Config{Name: "synthetic " + s.Shape, Text: shape.text, Vision: new(config.Vision)}
	*c.Vision = shape.vision
	if s.VisionLayers > 0 {
		c.Vision.Layers = min(c.Vision.Layers, s.VisionLayers)
	}
	return c, c.Validate()
}

// syntheticShapes are those of the miniature, of something in between, and of
// Mistral-Small-3.2-24B (docs/model.md, 1.1 and 1.2).
var syntheticShapes = map[string]struct {
	text   config.Text
	vision config.Vision
}{
	"tiny": {
		config.Text{Dim: 256, Layers: 4, HeadDim: 64, FFN: 768, Heads: 8, KVHeads: 2, Vocab: 4096, RopeTheta: 1e5, NormEps: 1e-5, MaxPositions: 8192},
		tower(192, 5, 3, 576, 224),
	},
	"1b": {
		config.Text{Dim: 2048, Layers: 16, HeadDim: 128, FFN: 8192, Heads: 16, KVHeads: 4, Vocab: 32768, RopeTheta: 1e6, NormEps: 1e-5, MaxPositions: 32768},
		tower(512, 12, 8, 2048, 1540),
	},
	"peer": { // what tools/bench/peer.sh gives to other engines
		config.Text{Dim: 1024, Layers: 8, HeadDim: 128, FFN: 6656, Heads: 8, KVHeads: 2, Vocab: 32768, RopeTheta: 1e6, NormEps: 1e-5, MaxPositions: 8192},
		tower(512, 6, 8, 2048, 448),
	},
	"growth": { // a quarter of the above with a longer memory, and one layer of a tower for the largest pictures: what bench --growth follows
		config.Text{Dim: 1024, Layers: 2, HeadDim: 128, FFN: 6656, Heads: 8, KVHeads: 2, Vocab: 4096, RopeTheta: 1e6, NormEps: 1e-5, MaxPositions: 16384},
		tower(128, 1, 2, 384, 1540),
	},
	"full": {
		config.Text{Dim: 5120, Layers: 40, HeadDim: 128, FFN: 32768, Heads: 32, KVHeads: 8, Vocab: 131072, RopeTheta: 1e9, NormEps: 1e-5, MaxPositions: 131072},
		tower(1024, 24, 16, 4096, 1540),
	},
}

// tower is a Pixtral tower with heads of 64 and patches of 14 pixels.
func tower(hidden, layers, heads, ffn, image int) config.Vision {
	return config.Vision{
		Hidden: hidden, Layers: layers, Heads: heads, HeadDim: 64, FFN: ffn, Channels: 3, PatchSize: 14, ImageSize: image, Merge: 2,
		RopeTheta: 1e4, NormEps: 1e-5, Activation: config.SiLU, ProjectorAct: config.GELU, ProjectorNormEps: 1e-5,
		ImageToken: 10, BreakToken: 12, EndToken: 13,
	}
}
