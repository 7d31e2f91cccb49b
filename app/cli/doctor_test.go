package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/tune"
	"sirocco/shaders"
)

// The report says which shapes of kernels an adapter gets, and whether they were measured on it.
func TestDoctorTellsKernels(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	adapters, err := gpu.Adapters()
	if err != nil {
		t.Fatal(err)
	}
	report := func() string {
		var out bytes.Buffer
		if err := new(Doctor).Run(context.Background(), &Streams{Out: &out, Err: &out}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if text := report(); strings.Contains(text, "measured on") || !strings.Contains(text, "decoding ") {
		t.Errorf("before:\n%s", text)
	}
	a := adapters[0]
	knobs := gpu.DefaultTuning(a)
	knobs.Plain.Tile.From = 25
	e := tune.Entry{Adapter: a.Name, Backend: a.Backend, Driver: a.Driver, Kernels: shaders.Version(), Date: "2026-11-23", Tuning: knobs}
	if err := tune.Save(tune.DefaultFile(), e); err != nil {
		t.Fatal(err)
	}
	if text := report(); !strings.Contains(text, "measured on 2026-11-23") || !strings.Contains(text, "tokens × 32 from 25 tokens on") {
		t.Errorf("after:\n%s", text)
	}
}
