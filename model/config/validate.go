package config

import (
	"fmt"
	"math"
)

// Ceilings, several times what any Mistral3 checkpoint uses. They are low
// enough that every product of sizes taken from a Config fits 63 bits.
const (
	maxWidth     = 1 << 17
	maxLayers    = 1 << 10
	maxHeads     = 1 << 10
	maxHeadDim   = 1 << 10
	maxFFN       = 1 << 20
	maxVocab     = 1 << 21
	maxPositions = 1 << 24
	maxPatch     = 1 << 8
	maxMerge     = 1 << 3
	maxImage     = 1 << 14
)

// Validate refuses sizes that no model has and sizes that do not fit together,
// so that code behind it may multiply and divide without looking. The parsers
// call it; other readers of model files must too.
func (c Config) Validate() error {
	if err := c.Text.validate(); err != nil {
		return err
	}
	if c.Vision == nil {
		return nil
	}
	return c.Vision.validate(c.Text.Vocab)
}

func (t Text) validate() error {
	err := firstOutside("text decoder", []bound{
		{"width", t.Dim, maxWidth}, {"number of layers", t.Layers, maxLayers},
		{"head size", t.HeadDim, maxHeadDim}, {"feed-forward width", t.FFN, maxFFN},
		{"number of heads", t.Heads, maxHeads}, {"number of key-value heads", t.KVHeads, maxHeads},
		{"vocabulary size", t.Vocab, maxVocab}, {"number of positions", t.MaxPositions, maxPositions},
	})
	switch {
	case err != nil:
		return err
	case t.HeadDim%2 != 0:
		return fmt.Errorf("the text decoder's head size is %d; rotary positions need an even one", t.HeadDim)
	case t.Heads%t.KVHeads != 0:
		return fmt.Errorf("the text decoder's %d query heads cannot be shared out over %d key-value heads", t.Heads, t.KVHeads)
	}
	return rates("text decoder", t.RopeTheta, t.NormEps)
}

func (v Vision) validate(vocab int) error {
	err := firstOutside("vision tower", []bound{
		{"width", v.Hidden, maxWidth}, {"number of layers", v.Layers, maxLayers},
		{"number of heads", v.Heads, maxHeads}, {"head size", v.HeadDim, maxHeadDim},
		{"feed-forward width", v.FFN, maxFFN}, {"number of channels", v.Channels, 3},
		{"patch size", v.PatchSize, maxPatch}, {"image size", v.ImageSize, maxImage},
		{"merge size", v.Merge, maxMerge},
	})
	switch {
	case err != nil:
		return err
	case v.Channels != 3:
		return fmt.Errorf("the vision tower's number of channels is %d; pictures have 3", v.Channels)
	case v.Heads*v.HeadDim != v.Hidden:
		return fmt.Errorf("the vision tower's %d heads of %d do not make up its width of %d", v.Heads, v.HeadDim, v.Hidden)
	case v.HeadDim%4 != 0:
		return fmt.Errorf("the vision tower's head size is %d; positions in two directions need a multiple of 4", v.HeadDim)
	case v.ImageSize < v.MergedPatch():
		return fmt.Errorf("the vision tower's image size is %d pixels, less than one token's %d", v.ImageSize, v.MergedPatch())
	}
	if err := rates("vision tower", v.RopeTheta, v.NormEps); err != nil {
		return err
	}
	if err := rates("projector", v.RopeTheta, v.ProjectorNormEps); err != nil {
		return err
	}
	return v.checkTokens(vocab)
}

func (v Vision) checkTokens(vocab int) error {
	for _, id := range []int32{v.ImageToken, v.BreakToken, v.EndToken} {
		if id < 0 || int(id) >= vocab {
			return fmt.Errorf("an image token's id (%d) lies outside the vocabulary of %d", id, vocab)
		}
	}
	if v.ImageToken == v.BreakToken || v.ImageToken == v.EndToken || v.BreakToken == v.EndToken {
		return fmt.Errorf("the image, break and end tokens share ids: %d, %d, %d", v.ImageToken, v.BreakToken, v.EndToken)
	}
	return nil
}

type bound struct {
	what  string
	value int
	most  int
}

func firstOutside(whose string, bounds []bound) error {
	for _, b := range bounds {
		if b.value < 1 || b.value > b.most {
			return fmt.Errorf("the %s's %s is %d; it must be between 1 and %d", whose, b.what, b.value, b.most)
		}
	}
	return nil
}

// rates checks the two numbers that are no counts. Both are later rounded to
// float32, where they must not vanish.
func rates(whose string, theta, eps float64) error {
	if !(theta >= 1 && theta <= 1e15) {
		return fmt.Errorf("the %s's rope_theta is %g; it must be between 1 and 1e15", whose, theta)
	}
	if !(eps > math.SmallestNonzeroFloat32 && eps <= 0.1) {
		return fmt.Errorf("the %s's norm epsilon is %g; it must be above 0 and at most 0.1", whose, eps)
	}
	return nil
}
