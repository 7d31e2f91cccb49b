package checkpoint_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/weightstest"
	"sirocco/model/config"
)

// One model, written in every way that GGUF files keep one, reads back as the same numbers in the same order, whether the file
// is named or the folder.
func TestEveryGGUFIsTheSameModel(t *testing.T) {
	small := tiny()
	textOnly := tiny()
	textOnly.Vision = nil
	gelu := tiny()
	gelu.Vision.Activation = config.GELU
	biased := tiny()
	biased.Vision.ProjectorBias = true
	for name, c := range map[string]struct {
		cfg     config.Config
		o       weightstest.Options
		ollama  bool
		notices int
	}{
		"text and mmproj": {small, weightstest.Options{}, false, 0},
		"f16":             {small, weightstest.Options{Type: checkpoint.F16}, false, 0},
		"f32":             {small, weightstest.Options{Type: checkpoint.F32}, false, 0},
		"tied":            {small, weightstest.Options{Tied: true}, false, 0},
		"split":           {small, weightstest.Options{Shards: 3}, false, 0},
		"text alone":      {textOnly, weightstest.Options{}, false, 1},
		"an early mmproj": {gelu, weightstest.Options{}, false, 1},
		"biases":          {biased, weightstest.Options{}, false, 0},
		"ollama":          {small, weightstest.Options{}, true, 0},
		"ollama, tied":    {small, weightstest.Options{Tied: true}, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writer, layout := weightstest.GGUFFolder, "llama.cpp"
			if c.ollama {
				writer, layout = weightstest.OllamaFile, "Ollama"
			}
			c.o.Value = cheap
			path, err := writer(dir, c.cfg, c.o)
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{path, dir} {
				checkpoint := open(t, path)
				want, got := c.cfg, checkpoint.Config()
				want.Text.TiedEmbeddings, want.Name = c.o.Tied, got.Name
				if !reflect.DeepEqual(got, want) {
					t.Errorf("config: got %+v %+v, want %+v %+v", got, got.Vision, want, want.Vision)
				}
				info := checkpoint.Info()
				if info.Format != "GGUF" || info.Layout != layout || len(info.Notices) != c.notices || info.Folder != dir {
					t.Errorf("info: %+v", info)
				}
				compareGGUF(t, checkpoint, c.o.Type)
			}
		})
	}
}

// tiny is smaller than Small, for tests that write many files.
func tiny() config.Config {
	cfg := weightstest.Small()
	cfg.Text.Dim, cfg.Text.FFN, cfg.Text.Vocab = 8, 8, 16
	cfg.Vision.FFN, cfg.Vision.Layers = 8, 2
	return cfg
}

// cheap is content that both types of half hold exactly: a small number that depends on name and place.
func cheap(name string, i int) float32 { return float32((i*7+len(name)*31)%251-125) / 64 }

func compareGGUF(t *testing.T, c *checkpoint.Checkpoint, kind checkpoint.Type) {
	t.Helper()
	for _, need := range checkpoint.Required(c.Config()) {
		tensor, ok := c.Tensor(need.Name)
		if !ok {
			if !need.Optional {
				t.Fatalf("%s is not there", need.Name)
			}
			continue
		}
		_, isVision := weightstest.GGUFName(need.Name, weightstest.Mistral)
		kind := weightstest.KindOf(need, kind, isVision)
		if tensor.Type != kind || !reflect.DeepEqual(tensor.Shape, need.Shape) {
			t.Fatalf("%s: %s %v, want %s %v", need.Name, tensor.Type, tensor.Shape, kind, need.Shape)
		}
		width := tensor.Elements() / tensor.Shape[0]
		for row := range tensor.Shape[0] {
			want := make([]float32, width)
			for i := range want {
				want[i] = cheap(need.Name, row*width+i)
			}
			if !bytes.Equal(tensor.Row(row), weightstest.Pack(kind, want)) {
				t.Fatalf("%s: row %d differs", need.Name, row)
			}
		}
	}
}

// Quantised blocks come as they lie in the file; norms cannot be quantised.
func TestQuantisedBlocks(t *testing.T) {
	cfg := tiny()
	cfg.Vision = nil
	cfg.Text.Dim, cfg.Text.FFN = 256, 256
	text, _ := weightstest.GGUFTensors(cfg, weightstest.Options{Value: cheap})
	for i := range text {
		switch {
		case strings.Contains(text[i].Name, "attn_v"):
			quantise(&text[i], "Q8_0", 32, 34)
		case strings.Contains(text[i].Name, "ffn_down"):
			quantise(&text[i], "Q6_K", 256, 210)
		case strings.Contains(text[i].Name, "token_embd"):
			quantise(&text[i], "Q4_K", 256, 144)
		}
	}
	path := filepath.Join(t.TempDir(), "model.gguf")
	put(t, filepath.Dir(path), "model.gguf", string(weightstest.EncodeGGUF(weightstest.GGUFText("llama", cfg), text)))
	c := open(t, path)
	for name, want := range map[string]struct {
		kind checkpoint.Type
		row  int
	}{
		"layers.0.attention.wv.weight": {"Q8_0", 256 / 32 * 34}, "layers.1.feed_forward.w2.weight": {"Q6_K", 210},
		"tok_embeddings.weight": {"Q4_K", 144}, "output.weight": {"BF16", 512},
	} {
		tensor, _ := c.Tensor(name)
		if tensor.Type != want.kind || tensor.RowBytes() != want.row || !bytes.Equal(tensor.Row(3), tensor.Data[3*want.row:4*want.row]) {
			t.Errorf("%s: %s, %d bytes a row", name, tensor.Type, tensor.RowBytes())
		}
	}
	for i := range text {
		if text[i].Name == "output_norm.weight" {
			quantise(&text[i], "Q8_0", 32, 34)
		}
	}
	put(t, filepath.Dir(path), "model.gguf", string(weightstest.EncodeGGUF(weightstest.GGUFText("llama", cfg), text)))
	failsWith(t, path, "model.gguf", `tensor "output_norm.weight"`, "stored as Q8_0", "only matrices")
}

// quantise gives a tensor blocks of another type, with content that tells places apart.
func quantise(t *weightstest.Tensor, kind checkpoint.Type, values, size int) {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	t.Type, t.Data = kind, make([]byte, n/values*size)
	for i := range t.Data {
		t.Data[i] = byte(i * 7)
	}
}

func TestVisionFileByName(t *testing.T) {
	dir, cfg := t.TempDir(), tiny()
	path, err := weightstest.GGUFFolder(dir, cfg, weightstest.Options{Value: cheap})
	if err != nil {
		t.Fatal(err)
	}
	vision := filepath.Join(dir, "mmproj.gguf")
	elsewhere := filepath.Join(t.TempDir(), "tower")
	copyFile(t, vision, elsewhere)
	copyFile(t, vision, filepath.Join(dir, "another.gguf"))
	failsWith(t, path, "2 vision files", "another.gguf", "mmproj.gguf", "--mmproj")
	c, err := checkpoint.OpenWith(path, checkpoint.Options{MMProj: elsewhere})
	if err != nil {
		t.Fatal(err)
	}
	if files := c.Info().Files; len(files) != 2 || files[1] != elsewhere {
		t.Errorf("got %v", files)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	remove(t, dir, "another.gguf")

	// A tower for another model is left alone where it only lies there, and refused where it is asked for.
	wider := tiny()
	wider.Text.Dim = 12
	_, tensors := weightstest.GGUFTensors(wider, weightstest.Options{Value: cheap})
	put(t, dir, "mmproj.gguf", string(weightstest.EncodeGGUF(weightstest.GGUFVision(wider), tensors)))
	if c := open(t, path); c.Config().Vision != nil || len(c.Info().Notices) != 2 || !strings.Contains(c.Info().Notices[0], "projection_dim is 12") {
		t.Errorf("%+v", c.Info())
	}
	_, err = checkpoint.OpenWith(path, checkpoint.Options{MMProj: vision})
	if err == nil || !strings.Contains(err.Error(), vision) || !strings.Contains(err.Error(), "do not belong together") {
		t.Errorf("got %v", err)
	}
	_, err = checkpoint.OpenWith(path, checkpoint.Options{MMProj: path})
	if err == nil || !strings.Contains(err.Error(), `general.architecture is "llama"; a vision file says clip`) {
		t.Errorf("got %v", err)
	}
	failsWith(t, vision, "this is a vision file")
	whole, err := weightstest.OllamaFile(dir, cfg, weightstest.Options{Value: cheap})
	if err != nil {
		t.Fatal(err)
	}
	_, err = checkpoint.OpenWith(whole, checkpoint.Options{MMProj: elsewhere})
	if err == nil || !strings.Contains(err.Error(), "its own vision tower; leave --mmproj out") {
		t.Errorf("got %v", err)
	}
}

// A half-fetched vision file is named; other damaged files beside a model that was named are nobody's business.
func TestDamagedNeighbours(t *testing.T) {
	dir, cfg := t.TempDir(), tiny()
	cfg.Vision = nil
	path, err := weightstest.GGUFFolder(dir, cfg, weightstest.Options{Value: cheap})
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "other.gguf", "GGUF")
	put(t, dir, "mmproj-F16.gguf", "GGUF\x03")
	notices := open(t, path).Info().Notices
	if len(notices) != 2 || !strings.Contains(notices[0], "left alone: "+filepath.Join(dir, "mmproj-F16.gguf")) || !strings.Contains(notices[1], "pictures are not possible") {
		t.Errorf("got %q", notices)
	}
	if notices = open(t, dir).Info().Notices; len(notices) != 3 {
		t.Errorf("for the folder: %q", notices)
	}
}

func TestChoiceInAFolder(t *testing.T) {
	dir, cfg := t.TempDir(), tiny()
	path, err := weightstest.GGUFFolder(dir, cfg, weightstest.Options{Value: cheap})
	if err != nil {
		t.Fatal(err)
	}
	copyFile(t, path, filepath.Join(dir, "other.bin"))
	failsWith(t, dir, "holds 2 models: other.bin, text.gguf")
	open(t, filepath.Join(dir, "other.bin"))
	remove(t, dir, "other.bin")
	remove(t, dir, "text.gguf")
	failsWith(t, dir, "vision file (mmproj.gguf) but no text model")
	// Safetensors come first; a GGUF file beside them is read when it is named.
	path, err = weightstest.GGUFFolder(dir, cfg, weightstest.Options{Value: cheap})
	if err == nil {
		err = weightstest.Folder(dir, cfg, weightstest.Options{Value: cheap})
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := open(t, dir).Info().Format; got != "safetensors" {
		t.Errorf("the folder is read as %s", got)
	}
	if got := open(t, path).Info().Format; got != "GGUF" {
		t.Errorf("the file is read as %s", got)
	}
	put(t, dir, "tekken.json", "{}")
	if got := open(t, path).Info().Tokenizer; got != filepath.Join(dir, "tekken.json") {
		t.Errorf("tokenizer %q", got)
	}
	if _, err := checkpoint.OpenWith(dir, checkpoint.Options{MMProj: path}); err == nil || !strings.Contains(err.Error(), "no GGUF model") {
		t.Errorf("got %v", err)
	}
}

// A file cut short while it is mapped ends in an error, as for safetensors.
func TestGGUFCutShortWhileOpen(t *testing.T) {
	dir := t.TempDir()
	path, err := weightstest.GGUFFolder(dir, weightstest.Small(), weightstest.Options{Value: cheap, Type: checkpoint.F32})
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, path)
	if err := os.Truncate(path, 4096); err != nil {
		t.Fatal(err)
	}
	tensor, _ := c.Tensor("output.weight")
	err = c.Guard(func() error { copy(make([]byte, len(tensor.Data)), tensor.Data); return nil })
	if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "output.weight") {
		t.Errorf("got %v", err)
	}
}
