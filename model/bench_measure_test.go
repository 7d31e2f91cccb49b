package model

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/model/checkpoint/ggml"
)

// made opens random weights of the smallest shape.
func made(t *testing.T, s Synthetic, o Options) *Model {
	t.Helper()
	gputest.Device(t)
	m, err := OpenSynthetic(context.Background(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

// A bench of made-up weights has every line it was asked for, in the shape that
// scripts read, and every figure is a figure.
func TestBench(t *testing.T) {
	m := made(t, Synthetic{Shape: "tiny", Type: "q4_k"}, Options{Context: 64, GPU: gpu.Options{Profilable: true}})
	report, err := m.Bench(context.Background(), BenchPlan{Prompts: []int{9, 20}, Depths: []int{0, 30}, Generate: 2, Repeat: 2, Images: [][2]int{{56, 28}}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, line := range report.Measurements {
		names = append(names, line.Name)
		if line.Min <= 0 || line.Min > line.Median || line.Median > line.Max {
			t.Errorf("%s: least %g, median %g, most %g", line.Name, line.Min, line.Median, line.Max)
		}
		if f := line.Fraction; f != nil && (*f <= 0 || *f > 1.2) {
			t.Errorf("%s reaches %g of a limit", line.Name, *f)
		}
	}
	if got := strings.Join(names, " "); got != "prefill prefill prefill prefill decode decode image load" {
		t.Errorf("measured %s", got)
	}
	if !strings.Contains(string(text), `{"name":"prefill","prompt":20,"depth":30,"unit":"tokens/s"`) {
		t.Errorf("the report reads %s", text)
	}
	if m.device.Info().Timestamps && (len(report.Kernels) == 0 || !strings.Contains(string(text), `"matvec_q4_k"`)) {
		t.Errorf("the kernels are %+v", report.Kernels)
	}
}

// Random blocks of every type are weights of an ordinary size, none infinite.
func TestSyntheticTypes(t *testing.T) {
	for kind := range noise {
		blocks := randomBlocks(kind, 1<<16)
		values, size := kind.Block()
		weights := make([]float32, len(blocks)/size*values)
		if err := ggml.Dequantize(kind, blocks, weights); err != nil {
			t.Fatal(err)
		}
		squares := 0.0
		for _, w := range weights {
			squares += float64(w) * float64(w)
		}
		if deviation := math.Sqrt(squares / float64(len(weights))); !(deviation > 0.01 && deviation < 0.06) {
			t.Errorf("%s: the weights have a size of %g", kind, deviation)
		}
	}
	for _, wrong := range []Synthetic{{Shape: "huge", Type: "q4_0"}, {Shape: "tiny", Type: "iq2_xs"}} {
		if _, err := OpenSynthetic(context.Background(), wrong, Options{}); err == nil {
			t.Errorf("%+v was made up", wrong)
		}
	}
}

// The 24B is the one of docs/model.md: 23,572,403,200 parameters in the text and
// 438,958,080 in the rest, and its Q4_0 file would have 13.26 GB.
func TestFullShape(t *testing.T) {
	s, err := newSynthetic(Synthetic{Shape: "full", Type: "q4_0"})
	if err != nil {
		t.Fatal(err)
	}
	if s.info.Parameters != 24_011_361_280 {
		t.Errorf("%d parameters", s.info.Parameters)
	}
	held, err := storedIn(s.config, s, "")
	if err != nil {
		t.Fatal(err)
	}
	if text := held.sum(func(f tensorForm) bool { return isText(f.name) }); text != 13_260_902_400 {
		t.Errorf("the text takes %d bytes", text)
	}
}
