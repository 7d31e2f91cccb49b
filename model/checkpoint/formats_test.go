package checkpoint_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/ggml"
	"sirocco/model/checkpoint/weightstest"
	"sirocco/model/config"
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
var refusedTypes = []checkpoint.Type{"IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "TQ1_0", "TQ2_0", "MXFP4", "NVFP4"}

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

const (
	formatsPage = "../../docs/formats.md"
	readme      = "../../README.md"
	renew       = "SIROCCO_UPDATE=1 go test -tags headless -run FormatsTable ./model/checkpoint"
)

// Every form in every type is written, opened and read back, and what came of
// it is the table in docs/formats.md and, types that fare alike in one row, in
// the README. SIROCCO_UPDATE=1 writes both anew.
func TestFormatsTable(t *testing.T) {
	rows := formatRows(t)
	checkPage(t, formatsPage, "", `# What checkpoints are read

Written by `+"`"+renew+"`"+`; the same test fails when this page is not what
it finds. For each "yes" it wrote a small model in that form with its matrices in that type, opened it by its folder, and found every
row of every tensor where it belongs. Computing with each type is held against transformers in `+"`model/parity_test.go`"+`.

`+markdown(rows)+`
"by name": refused with a sentence that names the type or the method. "-": there is no such file.
`)
	have, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(have), "<!-- formats -->\n")
	_, after, closed := strings.Cut(rest, "<!-- /formats -->")
	if !ok || !closed {
		t.Fatal("README.md has no place for the table of formats")
	}
	checkPage(t, readme, string(have), before+"<!-- formats -->\n"+markdown(alike(rows))+"<!-- /formats -->"+after)
}

// checkPage compares a page with what the test found; have is read where it is empty.
func checkPage(t *testing.T, path, have, want string) {
	t.Helper()
	if os.Getenv("SIROCCO_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		have = want
	}
	if have == "" {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		have = string(page)
	}
	if have != want {
		t.Errorf("%s is not what the test finds; run: %s\n%s", path, renew, want)
	}
}

// formatRows are the titles and a row for every type.
func formatRows(t *testing.T) [][]string {
	titles := []string{"stored as"}
	for _, f := range forms {
		titles = append(titles, f.title)
	}
	rows := [][]string{titles}
	for _, kind := range ggml.Types() {
		rows = append(rows, cells(t, checkpoint.Type(kind.String())))
	}
	for _, kind := range refusedTypes {
		rows = append(rows, cells(t, kind))
	}
	for _, method := range refusedMethods {
		rows = append(rows, methodCells(t, method.field, method.name))
	}
	return rows
}

// alike makes one row of neighbours whose cells are the same.
func alike(rows [][]string) (short [][]string) {
	for _, row := range rows {
		if last := len(short) - 1; last >= 0 && slices.Equal(short[last][1:], row[1:]) {
			short[last][0] += ", " + row[0]
		} else {
			short = append(short, slices.Clone(row))
		}
	}
	return short
}

func markdown(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(&b, "|%s\n", strings.Repeat(" --- |", len(row)))
		}
	}
	return b.String()
}

// cells are the row of one type.
func cells(t *testing.T, kind checkpoint.Type) []string {
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
func tryForm(t *testing.T, f form, kind checkpoint.Type) string {
	t.Helper()
	cfg := tiny()
	cfg.Text.Layers, cfg.Text.Dim, cfg.Text.FFN, cfg.Text.HeadDim = 1, 256, 256, 64
	dir, o := t.TempDir(), weightstest.Options{Type: kind, Value: cheap}
	if err := f.write(dir, cfg, o); err != nil {
		t.Fatal(err)
	}
	c, err := checkpoint.Open(dir)
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
func compareCheap(t *testing.T, c *checkpoint.Checkpoint, kind checkpoint.Type) {
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
		_, err := checkpoint.Open(dir)
		if err == nil || !strings.Contains(err.Error(), "quantised by "+name) {
			t.Errorf("%s in %s: %v", f.title, name, err)
		}
		row = append(row, "by name")
	}
	return row
}
