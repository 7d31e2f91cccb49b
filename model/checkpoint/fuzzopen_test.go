package checkpoint_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/weightstest"
)

// Whatever a text file and a vision file hold, they are refused by a sentence that names one of them, or every row of every tensor can be
// read and the vocabulary is one or is refused.
func FuzzOpenGGUF(f *testing.F) {
	cfg := tiny()
	text, vision := weightstest.GGUFTensors(cfg, weightstest.Options{Value: cheap})
	tower := weightstest.EncodeGGUF(weightstest.GGUFVision(cfg), vision)
	f.Add(weightstest.EncodeGGUF(weightstest.GGUFText("llama", cfg), text), tower)
	f.Add(weightstest.EncodeGGUF(weightstest.GGUFText("mistral3", cfg), text), tower)
	f.Add(tower, tower)
	f.Add([]byte("GGUF"), []byte{})
	f.Fuzz(func(t *testing.T, text, vision []byte) {
		dir := t.TempDir()
		model, mmproj := filepath.Join(dir, "model.gguf"), filepath.Join(dir, "mmproj.gguf")
		for path, data := range map[string][]byte{model: text, mmproj: vision} {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		c, err := checkpoint.OpenWith(model, checkpoint.Options{MMProj: mmproj})
		if err != nil {
			if !strings.Contains(err.Error(), dir) || len(err.Error()) > 4000 {
				t.Errorf("refused with %v", err)
			}
			return
		}
		defer c.Close()
		for _, name := range c.Names() {
			tensor, _ := c.Tensor(name)
			for row := range tensor.Shape[0] {
				if len(tensor.Row(row)) != tensor.RowBytes() {
					t.Fatalf("row %d of %s has %d bytes", row, name, len(tensor.Row(row)))
				}
			}
		}
		if _, err := c.Tokenizer(); err != nil && !strings.Contains(err.Error(), dir) {
			t.Errorf("the vocabulary is refused with %v", err)
		}
	})
}
