//go:build unix

package model

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sirocco/gpu"
	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/weightstest"
	"sirocco/model/config"
)

// The published model in both of its formats, as files that are nothing but
// headers and a hole: they are opened and planned in a moment, and the plan has
// the bytes of docs/model.md, section 8.
func TestPlanFullSizeFiles(t *testing.T) {
	data, err := os.ReadFile("config/testdata/mistral-small-3.2.params.json")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.ParseParams(data)
	if err != nil {
		t.Fatal(err)
	}
	safetensors, gguf := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(safetensors, "params.json"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	hole(t, filepath.Join(safetensors, "consolidated.safetensors"), safetensorsHeader(cfg), 2*parameters(cfg))
	header, length := ggufHeader(cfg)
	path := filepath.Join(gguf, "model-q8_0.gguf")
	hole(t, path, header, length-int64(len(header)))

	for _, c := range []struct {
		path    string
		weights int64 // of the text on the device
	}{
		{safetensors, 47_144_806_400 + 2*(2*40+1)*5120}, // norms are widened
		{path, 25_046_896_640},
	} {
		before := busy(t)
		plan, err := PlanFor(c.path, Options{GPU: gpu.Options{MaxMemory: 80 << 30, MaxBinding: 2 << 30}})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: planning took %v of work", c.path, busy(t)-before)
		sum := int64(0)
		for _, item := range plan.Items {
			if strings.HasPrefix(item.Name, "decoder") || strings.HasPrefix(item.Name, "embedding") || strings.HasPrefix(item.Name, "output") {
				sum += item.Bytes
			}
		}
		if sum != c.weights || plan.Context != 32768 || len(plan.Places) != 1 || plan.Places[0].Layers != 40 {
			t.Errorf("%s: the text takes %d bytes, want %d\n%+v", c.path, sum, c.weights, plan)
		}
	}
}

// hole writes a header and leaves the rest of the file unwritten.
func hole(t *testing.T, path string, header []byte, rest int64) {
	t.Helper()
	err := os.WriteFile(path, header, 0o644)
	if err == nil {
		err = os.Truncate(path, int64(len(header))+rest)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func parameters(cfg config.Config) (n int64) {
	for _, need := range checkpoint.Required(cfg) {
		n += int64(checkpoint.Tensor{Shape: need.Shape}.Elements())
	}
	return n
}

func safetensorsHeader(cfg config.Config) []byte {
	entries, at := map[string]any{}, int64(0)
	for _, need := range checkpoint.Required(cfg) {
		end := at + 2*int64(checkpoint.Tensor{Shape: need.Shape}.Elements())
		entries[need.Name] = map[string]any{"dtype": "BF16", "shape": need.Shape, "data_offsets": []int64{at, end}}
		at = end
	}
	text, err := json.Marshal(entries)
	if err != nil {
		panic(fmt.Sprintf("numbers and names always encode: %v", err))
	}
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...)
}

// ggufHeader is that of the text in Q8_0.
func ggufHeader(cfg config.Config) (header []byte, length int64) {
	cfg.Vision = nil
	var tensors []weightstest.Tensor
	var sizes []int64
	for _, need := range checkpoint.Required(cfg) {
		name, _ := weightstest.GGUFName(need.Name, weightstest.Mistral)
		elements := int64(checkpoint.Tensor{Shape: need.Shape}.Elements())
		tensor, size := weightstest.Tensor{Name: name, Type: "F32", Shape: need.Shape}, 4*elements
		if len(need.Shape) > 1 {
			tensor.Type, size = "Q8_0", elements/32*34
		}
		tensors, sizes = append(tensors, tensor), append(sizes, size)
	}
	return weightstest.GGUFHeader(weightstest.GGUFText("llama", cfg), tensors, sizes)
}

// busy is the time this process has been at work: other programs do not count.
func busy(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
