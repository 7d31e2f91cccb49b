package weights_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sirocco/model/config"
	"sirocco/model/weights"
	"sirocco/model/weights/ggml"
	"sirocco/model/weights/weightstest"
)

// form is one way in which people have a model on disk.
type form struct {
	title string
	write func(dir string, cfg config.Config, o weightstest.Options) error
	gguf  bool
}

func safetensors(style weightstest.Style, shards int) func(string, config.Config, weightstest.Options) error {
	return func(dir string, cfg config.Config, o weightstest.Options) error {
		o.Style, o.Shards = style, shards
		return weightstest.Folder(dir, cfg, o)
	}
}

func ggufFiles(shards int) func(string, config.Config, weightstest.Options) error {
	return func(dir string, cfg config.Config, o weightstest.Options) error {
		o.Shards = shards
		_, err := weightstest.GGUFFolder(dir, cfg, o)
		return err
	}
}

var forms = []form{
	{"Hugging Face, one file", safetensors(weightstest.HFOld, 1), false},
	{"Hugging Face, shards", safetensors(weightstest.HFNew, 3), false},
	{"Mistral", safetensors(weightstest.Mistral, 1), false},
	{"GGUF and mmproj", ggufFiles(1), true},
	{"GGUF in parts and mmproj", ggufFiles(3), true},
	{"Ollama's GGUF", func(dir string, cfg config.Config, o weightstest.Options) error {
		_, err := weightstest.OllamaFile(dir, cfg, o)
		return err
	}, true},
}

// refusedTypes are those that GGUF files may have and that are refused by name.
var refusedTypes = []weights.Type{"IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "TQ1_0", "TQ2_0", "MXFP4", "NVFP4"}

// refusedMethods are ways of quantising safetensors, as their configuration
// names them, and the name that the complaint has for them.
var refusedMethods = []struct{ field, name string }{
	{`"quantization_config": {"quant_method": "fp8"}`, "FP8"},
	{`"quantization_config": {"quant_method": "awq"}`, "AWQ"},
	{`"quantization_config": {"quant_method": "gptq"}`, "GPTQ"},
	{`"quantization_config": {"quant_method": "bitsandbytes"}`, "bitsandbytes"},
	{`"quantization_config": {"quant_method": "compressed-tensors"}`, "compressed-tensors"},
	{`"quantization": {"group_size": 64, "bits": 4}`, "MLX"},
}

const formatsPage = "../../docs/formats.md"

// Every form in every type is written, opened and read back, and what came of
// it is the table in docs/formats.md. SIROCCO_UPDATE=1 writes the table anew.
func TestFormatsTable(t *testing.T) {
	page := formatsTable(t)
	if os.Getenv("SIROCCO_UPDATE") != "" {
		if err := os.WriteFile(formatsPage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(formatsPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != page {
		t.Errorf("docs/formats.md is not what the test finds; run: SIROCCO_UPDATE=1 go test -tags headless -run FormatsTable ./model/weights\n%s", page)
	}
}

func formatsTable(t *testing.T) string {
	var page strings.Builder
	page.WriteString(`# What checkpoints are read

Written by ` + "`SIROCCO_UPDATE=1 go test -tags headless -run FormatsTable ./model/weights`" + `; the same test fails when this page is not what
it finds. For each "yes" it wrote a small model in that form with its matrices in that type, opened it by its folder, and found every
row of every tensor where it belongs. Computing with each type is held against transformers in ` + "`model/parity_test.go`" + `.

`)
	row := func(cells ...string) { fmt.Fprintf(&page, "| %s |\n", strings.Join(cells, " | ")) }
	titles, line := []string{"stored as"}, []string{"---"}
	for _, f := range forms {
		titles, line = append(titles, f.title), append(line, "---")
	}
	row(titles...)
	row(line...)
	for _, kind := range ggml.Types() {
		row(cells(t, weights.Type(kind.String()))...)
	}
	for _, kind := range refusedTypes {
		row(cells(t, kind)...)
	}
	for _, method := range refusedMethods {
		row(methodCells(t, method.field, method.name)...)
	}
	page.WriteString("\n\"by name\": refused with a sentence that names the type or the method. \"-\": there is no such file.\n")
	return page.String()
}

// cells are the row of one type.
func cells(t *testing.T, kind weights.Type) []string {
	row := []string{string(kind)}
	for _, f := range forms {
		switch {
		case !f.gguf && kind.Size() == 0:
			row = append(row, "-")
		default:
			row = append(row, tryForm(t, f, kind))
		}
	}
	return row
}

// tryForm writes a model and reads it back.
func tryForm(t *testing.T, f form, kind weights.Type) string {
	t.Helper()
	cfg := tiny()
	cfg.Text.Layers, cfg.Text.Dim, cfg.Text.FFN, cfg.Text.HeadDim = 1, 256, 256, 64
	dir, o := t.TempDir(), weightstest.Options{Type: kind, Value: cheap}
	if err := f.write(dir, cfg, o); err != nil {
		t.Fatal(err)
	}
	c, err := weights.Open(dir)
	if err != nil {
		if strings.Contains(err.Error(), "stored as "+string(kind)+",") {
			return "by name"
		}
		t.Errorf("%s in %s: %v", f.title, kind, err)
		return "no"
	}
	defer c.Close()
	if len(c.Info().Notices) > 0 {
		t.Errorf("%s in %s: %q", f.title, kind, c.Info().Notices)
	}
	if f.gguf {
		compareGGUF(t, c, kind)
	} else {
		compareCheap(t, c, kind)
	}
	if t.Failed() {
		return "no"
	}
	return "yes"
}

// compareCheap is compareGGUF for files in which norms have the type of the rest.
func compareCheap(t *testing.T, c *weights.Checkpoint, kind weights.Type) {
	t.Helper()
	for _, name := range c.Names() {
		tensor, _ := c.Tensor(name)
		width := tensor.Elements() / tensor.Shape[0]
		for row := range tensor.Shape[0] {
			want := make([]float32, width)
			for i := range want {
				want[i] = cheap(name, row*width+i)
			}
			if tensor.Type != kind || !bytes.Equal(tensor.Row(row), weightstest.Pack(kind, want)) {
				t.Fatalf("%s: row %d differs", name, row)
			}
		}
	}
}

// methodCells are the row of one way of quantising safetensors.
func methodCells(t *testing.T, field, name string) []string {
	row := []string{name}
	for _, f := range forms {
		if f.gguf {
			row = append(row, "-")
			continue
		}
		dir := t.TempDir()
		if err := f.write(dir, tiny(), weightstest.Options{Value: cheap}); err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"config.json", "params.json"} {
			path := filepath.Join(dir, file)
			if data, err := os.ReadFile(path); err == nil {
				put(t, dir, file, strings.Replace(string(data), "{", "{"+field+",", 1))
			}
		}
		_, err := weights.Open(dir)
		if err == nil || !strings.Contains(err.Error(), "quantised by "+name) {
			t.Errorf("%s in %s: %v", f.title, name, err)
		}
		row = append(row, "by name")
	}
	return row
}
