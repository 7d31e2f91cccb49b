package checkpoint_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/weightstest"
)

// Whichever file of a model stopped short, and wherever, it is refused by a sentence that names it, at no more cost than the file's length:
// shards and parts beside whole ones, a vision file, and a text and tower in one.
func TestAnyFileCutAnywhere(t *testing.T) {
	cfg := tiny()
	cheaply := weightstest.Options{Value: cheap}
	for name, c := range map[string]struct {
		write  func(dir string) (path string, err error) // what is opened
		file   string                                    // what is cut
		mmproj string
	}{
		"a shard": {func(dir string) (string, error) {
			return dir, weightstest.Folder(dir, cfg, weightstest.Options{Value: cheap, Style: weightstest.HFNew, Shards: 3})
		}, "model-00002-of-00003.safetensors", ""},
		"a part": {func(dir string) (string, error) {
			return weightstest.GGUFFolder(dir, cfg, weightstest.Options{Value: cheap, Shards: 3})
		}, filepath.Base(weightstest.GGUFPart("", 1, 3)), "mmproj.gguf"},
		"a vision file": {func(dir string) (string, error) { return weightstest.GGUFFolder(dir, cfg, cheaply) }, "mmproj.gguf", "mmproj.gguf"},
		"Ollama's blob": {func(dir string) (string, error) { return weightstest.OllamaFile(dir, cfg, cheaply) }, "", ""},
	} {
		dir := t.TempDir()
		path, err := c.write(dir)
		if err != nil {
			t.Fatal(err)
		}
		cut := filepath.Join(dir, c.file)
		if c.file == "" {
			cut = path
		}
		o := checkpoint.Options{}
		if c.mmproj != "" {
			o.MMProj = filepath.Join(dir, c.mmproj)
		}
		whole, err := os.ReadFile(cut)
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(5, 6))
		for keep := range 4 + 200 { // the first bytes, and anywhere
			if keep >= 4 {
				keep = random.IntN(len(whole) - 31) // GGUF ends with up to 31 bytes of padding
			}
			if err := os.WriteFile(cut, whole[:keep], 0o644); err != nil {
				t.Fatal(err)
			}
			opened, err := checkpoint.OpenWith(path, o)
			if err == nil {
				opened.Close()
				t.Errorf("%s, cut after %d of %d bytes: accepted", name, keep, len(whole))
			} else if !strings.Contains(err.Error(), filepath.Base(cut)) {
				t.Errorf("%s, cut after %d of %d bytes: %v", name, keep, len(whole), err)
			}
		}
	}
}
