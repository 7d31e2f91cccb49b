package view

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sirocco/app/library"
)

// What does not answer is planned without being loaded, each once: what is installed,
// and what could be fetched. What answers now gives its memory back before.
func TestWhatFitsThisMachine(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.until("it is ready", func() bool { return d.Host.Phase == Ready && len(d.ModelList.Catalogue) == 2 })
	clock := time.Now()
	d.now = func() time.Time { return clock }
	d.Plan = &Plan{Places: []PlanPlace{{Bytes: 15e9}}}
	d.ModelList.Installed = []library.Entry{{Name: "large", Path: "/m/large"}, {Name: "broken", Path: "/m/broken"}}
	d.Settings.Servers = []string{"http://gpu-box:8000"}
	var planned []string
	d.engines.PlanFor = func(c Choice, p *library.Product, freed int64) (*Plan, error) {
		if freed != 15e9 {
			t.Errorf("%d bytes are freed", freed)
		}
		if p != nil {
			planned = append(planned, p.Name)
			return &Plan{Context: 8192, Host: 3e9, Places: []PlanPlace{{Bytes: 12e9, Free: 16e9}}}, nil
		}
		planned = append(planned, c.Model)
		if c.Model == "broken" {
			return nil, errors.New("reading /m/broken: it is no model")
		}
		return &Plan{Context: 32768, Places: []PlanPlace{{Bytes: 20e9, Free: 16e9, Missing: 5e9}}}, nil
	}
	d.CheckAll()
	d.until("all are planned", func() bool { return len(d.fits.known) == 4 && !d.fits.busy })
	if want := []string{"large", "broken", "mistral-small-3.2", "mistral-small-3.2-bf16"}; !slices.Equal(planned, want) {
		t.Errorf("planned were %q", planned)
	}
	for i, want := range []string{"", "Does not fit here: 5.0 GB too much for 16.0 GB free", "Reading /m/broken: it is no model", ""} {
		fit, ok := d.Fit(d.Models()[i])
		if ok != (want != "") || ok && (fit.Line() != want || fit.Fits()) {
			t.Errorf("model %d: %+v", i, fit)
		}
	}
	fit, _ := d.FitOf(d.ModelList.Catalogue[0])
	if want := "Fits here with 3.0 GB in the machine's own memory, which is slow"; fit.Line() != want || !fit.Fits() {
		t.Errorf("the product: %q", fit.Line())
	}
	if d.CheckAll(); d.fits.busy {
		t.Error("what is known was planned again")
	}
	clock = clock.Add(2 * stale)
	if d.CheckAll(); !d.fits.busy {
		t.Error("what was known long ago is not planned again")
	}
	d.until("it is", func() bool { return !d.fits.busy })
	if len(planned) != 8 {
		t.Errorf("planned were %q", planned)
	}
}

func TestFitLine(t *testing.T) {
	for want, plan := range map[string]Plan{
		"Fits here: 15.0 GB of 24.0 GB free, with 32,768 tokens of context": {Context: 32768, Places: []PlanPlace{{Bytes: 15e9, Free: 24e9}}},
		"Takes 15.0 GB here; how much is free is not known":                 {Places: []PlanPlace{{Bytes: 15e9}}},
	} {
		if got := (Fit{Plan: &plan}).Line(); got != want {
			t.Errorf("%q", got)
		}
	}
}
