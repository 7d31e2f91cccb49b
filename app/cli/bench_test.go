package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// What is printed for people and what for scripts come from one report.
func TestBenchCommand(t *testing.T) {
	run := func(asJSON bool) string {
		var out, said bytes.Buffer
		b := &Bench{Synthetic: "tiny", Type: "q4_0", Prompt: "9", Generate: 1, Depth: "0", AtOnce: "2", Repeat: 1, Image: "none", JSON: asJSON}
		if err := b.Run(context.Background(), &Streams{Out: &out, Err: &said}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	text := run(false)
	for _, wanted := range []string{"synthetic tiny q4_0 on ", "GB/s", "prefill of 9 at depth 0", "decode of 1 at depth 0", "decode of 1 for 2 at once", "of the limit"} {
		if !strings.Contains(text, wanted) {
			t.Errorf("%q is missing in:\n%s", wanted, text)
		}
	}
	var report struct {
		Limits struct {
			Copy float64 `json:"copy_gb_per_s"`
		}
		Measurements []struct {
			Name     string
			Bytes    int64   `json:"bytes_per_token"`
			Fraction float64 `json:"fraction_of_limit"`
		}
	}
	if err := json.Unmarshal([]byte(run(true)), &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Measurements) != 4 || report.Limits.Copy <= 0 {
		t.Fatalf("%+v", report)
	}
	if decode := report.Measurements[1]; decode.Name != "decode" || decode.Bytes < 1<<20 || decode.Fraction <= 0 {
		t.Errorf("%+v", decode)
	}
}

// Flags that cannot be meant are answered by a sentence that names them.
func TestBenchFlags(t *testing.T) {
	for flag, b := range map[string]Bench{
		"--prompt":    {Prompt: "12,many", Depth: "0", Repeat: 1},
		"--depth":     {Prompt: "12", Depth: "-1", Repeat: 1},
		"--at-once":   {Prompt: "12", Depth: "0", AtOnce: "0", Repeat: 1},
		"--image":     {Prompt: "12", Depth: "0", Repeat: 1, Image: "640"},
		"--repeat":    {Prompt: "12", Depth: "0"},
		"--synthetic": {Prompt: "12", Depth: "0", Repeat: 1, Synthetic: "tiny", ModelFlags: ModelFlags{Model: "."}},
	} {
		err := b.Run(context.Background(), &Streams{Out: new(bytes.Buffer), Err: new(bytes.Buffer)})
		if !errors.As(err, new(*UsageError)) || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s: %v", flag, err)
		}
	}
}
