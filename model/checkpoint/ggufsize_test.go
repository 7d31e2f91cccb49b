//go:build unix

package checkpoint_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/ggml"
	"sirocco/model/checkpoint/weightstest"
	"sirocco/model/config"
)

// The published model as Q4_K_M, with a vocabulary and merges of full size: 14 GB of which the header is read, in a second. The
// bytes of the tensors are those of docs/model.md, section 8, and the configuration is that of params.json. Not on Windows, where a hole takes disk
// space.
func TestFullSizeHeader(t *testing.T) {
	const published = 14326026240
	data, err := os.ReadFile("../config/testdata/mistral-small-3.2.params.json")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.ParseParams(data)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "Mistral-Small-3.2-24B-Instruct-2506-Q4_K_M.gguf")
	writeHole(t, path, cfg)
	started, before := time.Now(), busy(t)
	c := open(t, path)
	took, worked := time.Since(started), busy(t)-before
	t.Logf("the header of a file of %d bytes was read and checked in %v, %v of them at work", c.Info().Bytes, took, worked)
	want, got := cfg, c.Config()
	want.Vision, want.Name = nil, got.Name
	if got != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	total := 0
	for _, name := range c.Names() {
		tensor, _ := c.Tensor(name)
		total += len(tensor.Data)
	}
	if total != published || len(c.Names()) != 363 || c.Info().Parameters != 23572403200 {
		t.Errorf("%d tensors, %d bytes, %d parameters", len(c.Names()), total, c.Info().Parameters)
	}
}

// busy is the time this process has been at work.
func busy(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// writeHole writes the header of the text model and a hole where the weights would be.
func writeHole(t *testing.T, path string, cfg config.Config) {
	t.Helper()
	var tensors []weightstest.Tensor
	var sizes []int64
	text := cfg
	text.Vision = nil
	for _, need := range checkpoint.Required(text) {
		name, _ := weightstest.GGUFName(need.Name, weightstest.Mistral)
		tensor := weightstest.Tensor{Name: name, Type: mixture(name, need), Shape: need.Shape}
		kind, _ := ggml.Named(string(tensor.Type))
		values, bytes := kind.Block()
		sizes = append(sizes, int64(checkpoint.Tensor{Shape: need.Shape}.Elements()/values*bytes))
		tensors = append(tensors, tensor)
	}
	list := make([]string, cfg.Text.Vocab)
	for i := range list {
		list[i] = fmt.Sprintf("Ġtoken%d", i)
	}
	merges := make([]string, 269443)
	for i := range merges {
		merges[i] = fmt.Sprintf("Ġto ken%d", i)
	}
	pairs := append(weightstest.GGUFText("llama", cfg), keys("tokenizer.ggml.tokens", list, "tokenizer.ggml.merges", merges)...)
	header, length := weightstest.GGUFHeader(pairs, tensors, sizes)
	err := os.WriteFile(path, header, 0o644)
	if err == nil {
		err = os.Truncate(path, length)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// mixture is the recipe of Q4_K_M (docs/model.md, section 8).
func mixture(name string, need checkpoint.Need) checkpoint.Type {
	layer := 0
	if _, err := fmt.Sscanf(name, "blk.%d.", &layer); err != nil {
		layer = -1
	}
	more := layer >= 0 && (layer < 5 || layer >= 35 || (layer-5)%3 == 2)
	switch {
	case len(need.Shape) == 1:
		return "F32"
	case name == "output.weight", more && (strings.Contains(name, "attn_v") || strings.Contains(name, "ffn_down")):
		return "Q6_K"
	}
	return "Q4_K"
}
