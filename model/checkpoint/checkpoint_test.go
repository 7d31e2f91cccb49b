package checkpoint_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/weightstest"
	"sirocco/model/config"
)

// One model, written in every layout that occurs, reads back as the same
// numbers in the same order.
func TestEveryLayoutIsTheSameModel(t *testing.T) {
	small := weightstest.Small()
	textOnly := weightstest.Small()
	textOnly.Vision = nil
	biased := weightstest.Small()
	biased.Vision.ProjectorBias = true
	for name, c := range map[string]struct {
		cfg config.Config
		o   weightstest.Options
	}{
		"mistral":           {small, weightstest.Options{}},
		"mistral shards":    {small, weightstest.Options{Shards: 2}},
		"hf old":            {small, weightstest.Options{Style: weightstest.HFOld}},
		"hf new":            {small, weightstest.Options{Style: weightstest.HFNew}},
		"hf shards":         {small, weightstest.Options{Style: weightstest.HFNew, Shards: 3}},
		"hf text":           {textOnly, weightstest.Options{Style: weightstest.HFOld}},
		"mistral text":      {textOnly, weightstest.Options{}},
		"tied":              {small, weightstest.Options{Style: weightstest.HFOld, Tied: true}},
		"projector biases":  {biased, weightstest.Options{Style: weightstest.HFOld}},
		"biases in mistral": {biased, weightstest.Options{}},
		"f16":               {small, weightstest.Options{Type: checkpoint.F16, Style: weightstest.HFOld}},
		"f32":               {small, weightstest.Options{Type: checkpoint.F32}},
	} {
		t.Run(name, func(t *testing.T) {
			checkpoint := open(t, write(t, c.cfg, c.o))
			want := c.cfg
			want.Text.TiedEmbeddings = c.o.Tied
			got := checkpoint.Config()
			want.Name = got.Name
			if !reflect.DeepEqual(got, want) {
				t.Errorf("config: got %+v, want %+v", got, want)
			}
			notices := strings.Join(checkpoint.Info().Notices, "\n")
			if blind := strings.Contains(notices, "pictures are not possible"); blind != (c.cfg.Vision == nil) || notices != "" && !blind {
				t.Errorf("notices: %q", notices)
			}
			compare(t, checkpoint, c.o.Type)
		})
	}
}

func compare(t *testing.T, c *checkpoint.Checkpoint, kind checkpoint.Type) {
	t.Helper()
	if kind == "" {
		kind = checkpoint.BF16
	}
	total := 0
	for _, name := range c.Names() {
		tensor, ok := c.Tensor(name)
		if !ok || tensor.Type != kind {
			t.Fatalf("%s: found %v, type %s", name, ok, tensor.Type)
		}
		width := tensor.Elements() / tensor.Shape[0]
		total += tensor.Elements()
		for row := range tensor.Shape[0] {
			want := make([]float32, width)
			for i := range want {
				want[i] = weightstest.Value(name, row*width+i)
			}
			if !bytes.Equal(tensor.Row(row), weightstest.Pack(kind, want)) {
				t.Fatalf("%s: row %d differs", name, row)
			}
		}
	}
	if got := c.Info().Parameters; got != int64(total) || total == 0 {
		t.Errorf("%d parameters reported, %d counted", got, total)
	}
}

// The rows of the check in docs/model.md, 2.3, for heads of 128 and 64.
func TestHalfSplitRows(t *testing.T) {
	text := checkpoint.Tensor{Rows: checkpoint.HalfSplit, HeadDim: 128}
	for stored, canonical := range map[int]int{0: 0, 1: 2, 63: 126, 64: 1, 65: 3, 127: 127, 128 + 64: 128 + 1} {
		if got := text.StoredRow(canonical); got != stored {
			t.Errorf("text: row %d is kept at %d, want %d", canonical, got, stored)
		}
	}
	vision := checkpoint.Tensor{Rows: checkpoint.HalfSplit, HeadDim: 64}
	for stored, canonical := range map[int]int{1: 2, 32: 1, 63: 63} {
		if got := vision.StoredRow(canonical); got != stored {
			t.Errorf("vision: row %d is kept at %d, want %d", canonical, got, stored)
		}
	}
}

func TestInfo(t *testing.T) {
	dir := write(t, weightstest.Small(), weightstest.Options{Style: weightstest.HFOld, Shards: 2})
	put(t, dir, "tekken.json", "{}")
	put(t, dir, "SYSTEM_PROMPT.txt", "Be brief.")
	info := open(t, dir).Info()
	want := checkpoint.Info{
		Folder: dir, Format: "safetensors", Layout: "Hugging Face",
		Files: []string{
			filepath.Join(dir, "model-00001-of-00002.safetensors"),
			filepath.Join(dir, "model-00002-of-00002.safetensors"),
		},
		Bytes: info.Bytes, Parameters: info.Parameters,
		Tokenizer: filepath.Join(dir, "tekken.json"), SystemPrompt: filepath.Join(dir, "SYSTEM_PROMPT.txt"),
	}
	if !reflect.DeepEqual(info, want) {
		t.Errorf("got %+v\nwant %+v", info, want)
	}
	if info.Bytes < 2*info.Parameters {
		t.Errorf("%d bytes cannot hold %d parameters", info.Bytes, info.Parameters)
	}
}

// Published folders hold both layouts; one is read, and it is said which.
func TestBothLayouts(t *testing.T) {
	dir := write(t, weightstest.Small(), weightstest.Options{Style: weightstest.HFOld})
	if err := weightstest.Folder(dir, weightstest.Small(), weightstest.Options{}); err != nil {
		t.Fatal(err)
	}
	c := open(t, dir)
	if got := c.Info(); got.Layout != "Mistral" || len(got.Notices) != 1 || !strings.Contains(got.Notices[0], "consolidated.safetensors") {
		t.Errorf("got %+v", got)
	}
	// Half of one layout is no reason not to read the other.
	if err := os.Remove(filepath.Join(dir, "params.json")); err != nil {
		t.Fatal(err)
	}
	if got := open(t, dir).Info(); got.Layout != "Hugging Face" || len(got.Notices) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestUnusedTensorsAreCounted(t *testing.T) {
	dir := t.TempDir()
	cfg := weightstest.Small()
	put(t, dir, "params.json", string(weightstest.ParamsJSON(cfg)))
	tensors := append(weightstest.Tensors(cfg, weightstest.Options{}), weightstest.Tensor{
		Name: "rope.inv_freq", Type: "F64", Shape: []int{2}, Data: make([]byte, 16)})
	if err := weightstest.Write(filepath.Join(dir, "consolidated.safetensors"), tensors); err != nil {
		t.Fatal(err)
	}
	if got := open(t, dir).Info().Notices; len(got) != 1 || got[0] != "1 tensor not used by this model: rope.inv_freq" {
		t.Errorf("got %q", got)
	}
}

// A file cut short while it is mapped makes reads fault; the process must live
// and the error must say where. A cut inside the last page reads as zeros and
// must be noticed all the same.
func TestFileCutShortWhileOpen(t *testing.T) {
	dir := write(t, weightstest.Small(), weightstest.Options{Type: checkpoint.F32})
	path := filepath.Join(dir, "consolidated.safetensors")
	c := open(t, dir)
	tensor, _ := c.Tensor("output.weight")
	var sum float64
	read := func() error {
		for i := 0; i+4 <= len(tensor.Data); i += 4 {
			sum += float64(math.Float32frombits(binary.LittleEndian.Uint32(tensor.Data[i:])))
		}
		return nil
	}
	if err := c.Guard(read); err != nil {
		t.Fatalf("an intact file: %v", err)
	}
	if err := os.Truncate(path, c.Info().Bytes-1); err != nil {
		t.Fatal(err)
	}
	if err := c.Guard(read); err == nil || !strings.Contains(err.Error(), "shrank") {
		t.Errorf("one byte short: got %v", err)
	}
	if err := os.Truncate(path, 8192); err != nil {
		t.Fatal(err)
	}
	err := c.Guard(read)
	if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "output.weight") {
		t.Errorf("cut short: got %v, want a sentence with file and tensor", err)
	}
	// The same through the copy the runtime does in assembly.
	if err := c.Guard(func() error { copy(make([]byte, len(tensor.Data)), tensor.Data); return nil }); err == nil {
		t.Error("copying from a file cut short went unnoticed")
	}
}

// A file that is taken away, replaced or written to makes no fault, and is
// noticed.
func TestFileChangedWhileOpen(t *testing.T) {
	for want, change := range map[string]func(path string) error{
		"was taken away": os.Remove,
		"was replaced": func(path string) error {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if err := os.Rename(path, path+".old"); err != nil {
				return err
			}
			return os.WriteFile(path, data, 0o644)
		},
		"was written to": func(path string) error { return os.Chtimes(path, time.Time{}, time.Unix(1e9, 0)) },
	} {
		dir := write(t, weightstest.Small(), weightstest.Options{})
		path := filepath.Join(dir, "consolidated.safetensors")
		c := open(t, dir)
		read := func() error { return nil }
		if err := c.Guard(read); err != nil {
			t.Fatalf("an intact file: %v", err)
		}
		if err := change(path); err != nil {
			t.Fatal(err)
		}
		if err := c.Guard(read); err == nil || !strings.Contains(err.Error(), path+" "+want) {
			t.Errorf("got %v, want a sentence with %q", err, want)
		}
	}
}

func TestGuardLetsOtherPanicsPass(t *testing.T) {
	c := open(t, write(t, weightstest.Small(), weightstest.Options{}))
	defer func() {
		if recover() == nil {
			t.Error("a programmer's mistake was swallowed")
		}
	}()
	_ = c.Guard(func() error { panic("mistake") })
}

func write(t *testing.T, cfg config.Config, o weightstest.Options) string {
	t.Helper()
	dir := t.TempDir()
	if err := weightstest.Folder(dir, cfg, o); err != nil {
		t.Fatal(err)
	}
	return dir
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dir string) *checkpoint.Checkpoint {
	t.Helper()
	c, err := checkpoint.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}
