package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"testing"

	"sirocco/model"
)

// Recording is measured beside decoding without it, and leaves nothing behind.
func TestBenchRecording(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var out bytes.Buffer
	b := &Bench{Synthetic: "tiny", Type: "q4_0", Prompt: "none", Generate: 2, Depth: "0", Repeat: 1, Image: "none", Recording: true, NoKernels: true, JSON: true}
	if err := b.Run(context.Background(), &Streams{Out: &out, Err: new(bytes.Buffer)}); err != nil {
		t.Fatal(err)
	}
	var report struct {
		Measurements []struct {
			Name    string
			Median  float64
			Repeats int
			Cost    *model.Cost
		}
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, m := range report.Measurements {
		switch m.Name {
		case "decode unrecorded", "decode recorded":
			found++
			if m.Median <= 0 || m.Repeats != 3 || (m.Cost != nil) != (m.Name == "decode recorded") {
				t.Errorf("%+v", m)
			}
		}
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); found != 2 || err != nil || len(left) > 0 {
		t.Errorf("%d lines, %v left behind, %v", found, left, err)
	}
}
