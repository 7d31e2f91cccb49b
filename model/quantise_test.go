package model

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sirocco/model/chat"
	"sirocco/model/checkpoint"
	"sirocco/model/tokenizer"
)

// What is packed is close to what it was made from. The weights are random: a
// trained model's distance would say how sharply it tells tokens apart, and
// change with every training; docs/quantise.md has both.
func TestQuantisedIsClose(t *testing.T) {
	path, o := randomCheckpoint(t), Options{Context: 256, KV: "f32", Tokenizer: filepath.Join(breeze, "tekken.json")}
	want := positions(t, path, o)
	for kind, tolerance := range map[string]float64{"q8": 0.05, "q4": 0.7} {
		o.Quantize = kind
		var off, sharp float64
		for i, got := range positions(t, path, o) {
			off += distance(got, want[i])
			sharp += deviation(want[i])
		}
		t.Logf("%s: log-probabilities are %.3g of the logits' deviation away", kind, off/sharp)
		if off == 0 || off > tolerance*sharp {
			t.Errorf("%s: log-probabilities are %g away on average, where logits deviate by %g", kind, off, sharp)
		}
	}
}

// What is packed while it is loaded, and what was packed and kept in GGUF files,
// are the same model, bit for bit.
func TestQuantiseAndKeep(t *testing.T) {
	ids := []int32{1, 3, 1066, 1200, 1066, 1077, 4}
	whole := open(t, Options{Context: 256})
	for _, kind := range []string{"q8", "q4"} {
		packed := open(t, Options{Context: 256, Quantize: kind})
		got := logitsOf(t, packed, ids)
		if plan, whole := packed.plan.Bytes(), whole.plan.Bytes(); plan >= whole {
			t.Errorf("%s: the plan has %d bytes, unpacked %d", kind, plan, whole)
		}
		folder, done := filepath.Join(t.TempDir(), "kept"), chat.Load{}
		path, err := ExportGGUF(context.Background(), breeze, folder, ExportOptions{Quantize: kind, Progress: func(l chat.Load) { done = l }})
		if err != nil {
			t.Fatal(err)
		}
		if done.Done == 0 || done.Done > done.Total {
			t.Errorf("%s: the progress ended at %+v", kind, done)
		}
		kept, err := Open(context.Background(), path, Options{Context: 256})
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range logitsOf(t, kept, ids) {
			if math.Float32bits(x) != math.Float32bits(got[i]) {
				t.Fatalf("%s: logit %d is %g when kept and %g when packed on the way", kind, i, x, got[i])
			}
		}
		if kept.vision == nil || kept.SystemPrompt() != whole.SystemPrompt() {
			t.Errorf("%s: the copy has a tower: %t, and the system prompt %q", kind, kept.vision != nil, kept.SystemPrompt())
		}
		kept.Close()
		packed.Close()
		standsAlone(t, path, whole.Tokenizer())
	}
}

// standsAlone takes away the tekken.json beside a kept file: its own vocabulary
// gives the same ids.
func standsAlone(t *testing.T, path string, want *tokenizer.Tokenizer) {
	t.Helper()
	if err := os.Remove(filepath.Join(filepath.Dir(path), "tekken.json")); err != nil {
		t.Fatal(err)
	}
	c, err := checkpoint.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got, err := c.Tokenizer()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"What is in the picture?", "naïve — 2,048 × 3\n\n\tif x { 🌬️ }", "[INST] и \xff \x00", strings.Repeat("ab ", 100)} {
		if ids := got.Encode(text); !slices.Equal(ids, want.Encode(text)) {
			t.Errorf("%q: the kept file's own vocabulary gives %v, tekken.json %v", text, ids, want.Encode(text))
		}
	}
	if got.Version() != want.Version() || got.NumSpecial() != want.NumSpecial() || *got.Image() != *want.Image() {
		t.Errorf("the kept file's own vocabulary is of version %s with %d special tokens", got.Version(), got.NumSpecial())
	}
	// Kept once more, from a folder without a tekken.json.
	if _, err := ExportGGUF(context.Background(), path, t.TempDir(), ExportOptions{Quantize: "q4"}); err != nil {
		t.Error(err)
	}
}

// A chat template that came with a checkpoint goes into the kept file and from there into the next, word for word; one that did not is not
// made up.
func TestKeepTheTemplate(t *testing.T) {
	source := t.TempDir()
	if err := os.CopyFS(source, os.DirFS(filepath.Join("testdata", "tiny", "hf-one-file"))); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"", "{%- for message in messages %}[INST]{{ message['content'] }}[/INST]{% endfor %}\n"} {
		if want != "" {
			if err := os.WriteFile(filepath.Join(source, "chat_template.jinja"), []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		path := source
		for range 2 {
			var err error
			if path, err = ExportGGUF(context.Background(), path, t.TempDir(), ExportOptions{Quantize: "q8"}); err != nil {
				t.Fatal(err)
			}
			c, err := checkpoint.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := c.ChatTemplate(); got != want || err != nil {
				t.Errorf("kept %q (%v), want %q", got, err, want)
			}
			c.Close()
		}
	}
}

// A cancelled Keep leaves no file that looks like a model.
func TestKeepCancelled(t *testing.T) {
	folder := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := ExportGGUF(ctx, breeze, folder, ExportOptions{Quantize: "q4"}); err == nil {
		t.Fatal("a cancelled copy was made")
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*.gguf*")); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	if _, err := ExportGGUF(context.Background(), breeze, folder, ExportOptions{Quantize: "q3"}); err == nil {
		t.Error("q3 was made")
	}
	if _, err := os.Stat(folder); err != nil {
		t.Error(err)
	}
}

func logitsOf(t *testing.T, m *Model, ids []int32) []float32 {
	t.Helper()
	m.text.Truncate(0)
	if err := m.text.Prefill(context.Background(), ids, nil, func(int) error { return nil }); err != nil {
		t.Fatal(err)
	}
	return append([]float32(nil), m.text.Logits()...)
}

// distance is the mean difference of log-probabilities, each weighted by what
// the second says is probable.
func distance(got, want []float32) (sum float64) {
	a, b := logSum(got), logSum(want)
	for i := range want {
		p := float64(want[i]) - b
		sum += math.Exp(p) * math.Abs(float64(got[i])-a-p)
	}
	return sum
}

// deviation is the standard deviation of logits.
func deviation(logits []float32) float64 {
	var sum, squares float64
	for _, x := range logits {
		sum += float64(x)
		squares += float64(x) * float64(x)
	}
	n := float64(len(logits))
	return math.Sqrt(squares/n - (sum/n)*(sum/n))
}

func logSum(logits []float32) float64 {
	most, sum := math.Inf(-1), 0.0
	for _, x := range logits {
		most = max(most, float64(x))
	}
	for _, x := range logits {
		sum += math.Exp(float64(x) - most)
	}
	return most + math.Log(sum)
}
