package checkpoint_test

import (
	"path/filepath"
	"slices"
	"testing"

	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/ggml"
	"sirocco/model/tokenizer"
)

// Files written by PyPI's gguf (tools/goldens/gguf_tiny.py), in the three ways that people have them.
func TestGGUFFromTheReference(t *testing.T) {
	want, err := tokenizer.Open(filepath.Join("..", "testdata", "tiny", "mistral", "tekken.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		layout string
		files  []string
		wq, v  checkpoint.Type // of the decoder's first layer and of the tower's
		rows   checkpoint.RowOrder
	}{
		"gguf-f16":    {"llama.cpp", []string{"tiny-00001-of-00003.gguf", "tiny-00002-of-00003.gguf", "tiny-00003-of-00003.gguf", "mmproj-tiny.gguf"}, "F16", "F16", checkpoint.Canonical},
		"gguf-ollama": {"Ollama", []string{"sha256-tiny"}, "Q8_0", "F16", checkpoint.HalfSplit},
		"gguf-mixed":  {"llama.cpp", []string{"tiny.gguf", "mmproj-tiny.gguf"}, "Q5_0", "Q8_0", checkpoint.Canonical},
	} {
		opened := open(t, filepath.Join("..", "testdata", "tiny", name))
		info := opened.Info()
		var files []string
		for _, path := range info.Files {
			files = append(files, filepath.Base(path))
		}
		if info.Layout != c.layout || !slices.Equal(files, c.files) || len(info.Notices) > 0 {
			t.Errorf("%s: %s, %v, %v", name, info.Layout, files, info.Notices)
		}
		wq, _ := opened.Tensor("layers.0.attention.wq.weight")
		v, _ := opened.Tensor("vision_encoder.transformer.layers.0.attention.wq.weight")
		if wq.Type != c.wq || wq.Rows != checkpoint.Canonical || v.Type != c.v || v.Rows != c.rows {
			t.Errorf("%s: %s %v, %s %v", name, wq.Type, wq.Rows, v.Type, v.Rows)
		}
		tok, err := opened.Tokenizer()
		if err != nil {
			t.Fatal(err)
		}
		const text = "Compare the two, please: [INST] 12 é\n"
		if !slices.Equal(tok.Encode(text), want.Encode(text)) || tok.Version() != want.Version() || *tok.Image() != *want.Image() || tok.VocabSize() != want.VocabSize() {
			t.Errorf("%s: another tokenizer than that of tekken.json", name)
		}
		if id, ok := tok.Special("[ARGS]"); !ok || id != 32 {
			t.Errorf("%s: [ARGS] is %d", name, id)
		}
	}
}

// The mixed file has every type that is read.
func TestEveryTypeIsThere(t *testing.T) {
	opened := open(t, filepath.Join("..", "testdata", "tiny", "gguf-mixed"))
	seen := map[checkpoint.Type]bool{}
	for _, name := range opened.Names() {
		tensor, _ := opened.Tensor(name)
		kind, ok := ggml.Named(string(tensor.Type))
		values, size := kind.Block()
		if !ok || tensor.Elements()/values*size != len(tensor.Data) {
			t.Fatalf("%s: %d bytes of %s for %v", name, len(tensor.Data), tensor.Type, tensor.Shape)
		}
		seen[tensor.Type] = true
	}
	for _, kind := range ggml.Types() {
		if !seen[checkpoint.Type(kind.String())] {
			t.Errorf("no tensor is %s", kind)
		}
	}
}
