package checkpoint_test

import (
	"path/filepath"
	"slices"
	"testing"

	"sirocco/model/checkpoint"
	"sirocco/model/config"
)

// Folders written by transformers and the safetensors library
// (tools/goldens/tiny.py), one in each layout.
func TestFoldersFromTheReference(t *testing.T) {
	for name, want := range map[string]struct {
		layout string
		files  int
		tied   bool
		norm   checkpoint.Type
		matrix checkpoint.Type
		wq     []int
		rows   checkpoint.RowOrder
	}{
		"hf-one-file": {"Hugging Face", 1, false, checkpoint.BF16, checkpoint.BF16, []int{512, 48}, checkpoint.HalfSplit},
		"hf-tied":     {"Hugging Face", 1, true, checkpoint.BF16, checkpoint.BF16, []int{512, 40}, checkpoint.HalfSplit},
		"hf-shards":   {"Hugging Face", 3, false, checkpoint.F32, checkpoint.F16, []int{384, 56}, checkpoint.HalfSplit},
		"mistral":     {"Mistral", 1, false, checkpoint.BF16, checkpoint.BF16, []int{256, 48}, checkpoint.Canonical},
	} {
		c := open(t, filepath.Join("..", "testdata", "tiny", name))
		info, cfg := c.Info(), c.Config()
		norm, _ := c.Tensor("norm.weight")
		wq, _ := c.Tensor("layers.0.attention.wq.weight")
		_, hasOutput := c.Tensor("output.weight")
		if info.Layout != want.layout || len(info.Files) != want.files || len(info.Notices) > 0 || info.Tokenizer == "" {
			t.Errorf("%s: %+v", name, info)
		}
		if cfg.Name != name || cfg.Text.Vocab != 1280 || cfg.Text.TiedEmbeddings != want.tied || hasOutput == want.tied {
			t.Errorf("%s: %+v", name, cfg.Text)
		}
		if norm.Type != want.norm || wq.Type != want.matrix || !slices.Equal(wq.Shape, want.wq) || wq.Rows != want.rows || wq.HeadDim != cfg.Text.HeadDim {
			t.Errorf("%s: norm %s, wq %s %v rows %d of %d", name, norm.Type, wq.Type, wq.Shape, wq.Rows, wq.HeadDim)
		}
		if tied := cfg.Vision.Activation == config.GELU && cfg.Vision.ProjectorBias; tied != want.tied {
			t.Errorf("%s: %+v", name, *cfg.Vision)
		}
	}
}
