package tune

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/shaders"
)

// open is a device of the test's own, whose knobs may be turned.
func open(t *testing.T) *gpu.Device {
	t.Helper()
	gputest.Device(t) // says what to install where there is none
	d, err := gpu.Open(gpu.Options{Device: os.Getenv("SIROCCO_DEVICE")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// Measuring says how far it is, leaves knobs that are allowed, and keeps them for the next time, which measures nothing.
func TestApply(t *testing.T) {
	d, file := open(t), filepath.Join(t.TempDir(), "new", "kernels.json")
	heard, last := 0, 0
	o := Options{Mode: Now, File: file, Progress: func(done, total int) {
		if done <= last && done != total {
			t.Errorf("%d of %d after %d", done, total, last)
		}
		heard, last = heard+1, done
	}}
	before := d.Allocated()
	if notice, err := Apply(context.Background(), d, o); notice != "" || err != nil {
		t.Fatal(notice, err)
	}
	if heard < 5 || d.Allocated() != before {
		t.Errorf("heard %d times; %d bytes were not given back", heard, d.Allocated()-before)
	}
	entry, ok := Find(file, d.Info())
	if !ok || entry.Tuning != d.Tuning() || entry.Tuning.Check(d.Limits()) != nil {
		t.Fatalf("kept %+v, set %+v", entry, d.Tuning())
	}
	chosen := map[string]int{}
	for _, f := range entry.Measured {
		if f.Seconds <= 0 {
			t.Errorf("%+v took no time", f)
		}
		if f.Selected {
			chosen[f.Param]++
		}
	}
	for _, knob := range []string{"quantised.vector", "quantised.tile", "plain.vector", "plain.tile", "attend", "split"} {
		if chosen[knob] != 1 {
			t.Errorf("%s: %d were chosen", knob, chosen[knob])
		}
	}
}

// kept writes an entry for the device that no measurement would find.
func kept(t *testing.T, d *gpu.Device, change func(*Entry)) (path string, knobs gpu.TuningParams) {
	t.Helper()
	knobs = gpu.DefaultTuning(d.Info())
	knobs.Plain.Tile.From = 999
	a := d.Info()
	e := Entry{Adapter: a.Name, Backend: a.Backend, Driver: a.Driver, Kernels: shaders.Version(), Tuning: knobs}
	change(&e)
	path = filepath.Join(t.TempDir(), "kernels.json")
	if err := Save(path, e); err != nil {
		t.Fatal(err)
	}
	return path, knobs
}

// What was measured counts for its adapter, driver and kernels alone; without it software keeps the defaults.
func TestAuto(t *testing.T) {
	d := open(t)
	defaults := d.Tuning()
	path, knobs := kept(t, d, func(*Entry) {})
	if _, err := Apply(context.Background(), d, Options{Mode: Auto, File: path}); err != nil || d.Tuning() != knobs {
		t.Errorf("knobs %+v, error %v", d.Tuning(), err)
	}
	for name, change := range map[string]func(*Entry){
		"another driver": func(e *Entry) { e.Driver = "older" }, "other kernels": func(e *Entry) { e.Kernels = "older" },
		"another adapter": func(e *Entry) { e.Adapter = "another" }, "knobs that cannot be": func(e *Entry) { e.Tuning.Split = 7 },
	} {
		path, _ := kept(t, d, change)
		if _, ok := Find(path, d.Info()); ok {
			t.Errorf("%s: taken", name)
		}
	}
	d.SetTuning(defaults)
	if _, err := Apply(context.Background(), d, Options{Mode: Off, File: path}); err != nil || d.Tuning() != defaults {
		t.Errorf("off: knobs %+v, error %v", d.Tuning(), err)
	}
}

// Pinned shapes are taken whatever they were measured with; a file that has none, or wrong ones, is answered by a sentence.
func TestPinned(t *testing.T) {
	d := open(t)
	path, knobs := kept(t, d, func(e *Entry) { e.Driver, e.Kernels = "older", "older" })
	if _, err := Apply(context.Background(), d, Options{Mode: path}); err != nil || d.Tuning() != knobs {
		t.Errorf("knobs %+v, error %v", d.Tuning(), err)
	}
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, []byte(`[{"adapter"`), 0o644); err != nil {
		t.Fatal(err)
	}
	wrong, _ := kept(t, d, func(e *Entry) { e.Tuning.Plain.Vector.Lanes = 7 })
	another, _ := kept(t, d, func(e *Entry) { e.Adapter = "another" })
	for path, says := range map[string]string{broken: "neither off, auto nor now", "quickly": "neither off, auto nor now", wrong: "plain.vector", another: "--tune now measures"} {
		if _, err := Apply(context.Background(), d, Options{Mode: path}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A tile counts from where it takes less time than vectors, eight tokens at a time.
func TestFrom(t *testing.T) {
	tile := gpu.Tile{Rows: 4, Tokens: 4} // 64 tokens wide
	for _, c := range []struct {
		eight, tiled float64 // tiled: 128 tokens
		want         int
	}{{1, 2, 9}, {1, 6, 25}, {1, 15, 57}, {1, 16, 0}, {1, 40, 0}} {
		if got := from(tile, c.eight, c.tiled, 128); got != c.want {
			t.Errorf("eight tokens take %g, 128 in tiles %g: from %d, want %d", c.eight, c.tiled, got, c.want)
		}
	}
}

// Another entry for the same adapter takes the place of the first; others stay.
func TestKeep(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kernels.json")
	for _, e := range []Entry{{Adapter: "a", Date: "1"}, {Adapter: "b"}, {Adapter: "a", Date: "2"}} {
		if err := Save(path, e); err != nil {
			t.Fatal(err)
		}
	}
	all, err := read(path)
	if err != nil || len(all) != 2 || all[0].Date != "2" || all[1].Adapter != "b" {
		t.Errorf("%+v, %v", all, err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("%v left behind, %v", left, err)
	}
}
