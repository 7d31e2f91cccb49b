package view

import (
	"time"

	"sirocco/app/crash"
	"sirocco/app/library"
	"sirocco/app/view/i18n"
)

// Fit is whether a model that does not answer now would run here.
type Fit struct {
	Plan  *Plan
	Fault *Trouble // why there is no plan
	at    time.Time
}

// stale is the age at which a fit is worked out again when somebody looks: other
// programs take memory and give it back.
const stale = time.Minute

// fitRequest is what a fit is for: a choice on its device and with its context, or a
// product of the catalogue there.
type fitRequest struct {
	choice  Choice
	product string
}

// fits are those known so far, worked out one after the other in the background.
type fits struct {
	known map[fitRequest]Fit
	busy  bool
}

// Fit is what is known of a model that is installed; ok is false until it is.
func (w *Window) Fit(m ModelEntry) (fit Fit, ok bool) {
	fit, ok = w.fits.known[w.about(m)]
	return fit, ok
}

// FitOf is what is known of a model that could be fetched.
func (w *Window) FitOf(p library.Product) (fit Fit, ok bool) {
	fit, ok = w.fits.known[w.aboutProduct(p)]
	return fit, ok
}

func (w *Window) about(m ModelEntry) fitRequest {
	c := m.Choice
	c.Device, c.Context = w.Host.Choice.Device, w.Host.Choice.Context
	return fitRequest{choice: c}
}

func (w *Window) aboutProduct(p library.Product) fitRequest {
	return fitRequest{Choice{Device: w.Host.Choice.Device, Context: w.Host.Choice.Context}, p.Name}
}

// CheckAll works out what is not known yet of the models that do not answer. It may be
// called often.
func (w *Window) CheckAll() {
	if w.fits.busy || w.engines.PlanFor == nil || w.Host.Phase == Starting {
		return
	}
	what, product, ok := w.unknown()
	if !ok {
		return
	}
	w.fits.busy = true
	freed := w.holds()
	crash.Go(func() {
		plan, err := w.engines.PlanFor(what.choice, product, freed)
		w.UIQueue.Post(func() {
			w.fits.busy = false
			fit := Fit{Plan: plan, at: w.now()}
			if err != nil {
				fit.Plan, fit.Fault = nil, Explain(err)
			}
			if w.fits.known == nil {
				w.fits.known = map[fitRequest]Fit{}
			}
			w.fits.known[what] = fit
			w.touch(DirtyModels)
			w.CheckAll()
		})
	})
}

// unknown is the next model nothing is known of.
func (w *Window) unknown() (what fitRequest, product *library.Product, ok bool) {
	for _, m := range w.Models() {
		what = w.about(m)
		if !w.fresh(what) && !m.Current && m.Choice.Remote == "" {
			return what, nil, true
		}
	}
	for _, p := range w.ModelList.Catalogue {
		what = w.aboutProduct(p)
		if !w.fresh(what) && !w.ModelList.Has(p) {
			return what, &p, true
		}
	}
	return what, nil, false
}

func (w *Window) fresh(what fitRequest) bool {
	fit, known := w.fits.known[what]
	return known && w.now().Sub(fit.at) < stale
}

// holds is what the model that answers takes of the first device, which is given
// back when another is loaded.
func (w *Window) holds() int64 {
	if w.Plan == nil || len(w.Plan.Places) == 0 || w.Host.Phase != Ready {
		return 0
	}
	return w.Plan.Places[0].Bytes
}

// Fits tells whether it would run, as far as is known.
func (f Fit) Fits() bool {
	if f.Plan == nil {
		return false
	}
	for _, place := range f.Plan.Places {
		if place.Missing > 0 {
			return false
		}
	}
	return true
}

// Line says in a few words whether it would run here.
func (f Fit) Line() string {
	if f.Fault != nil {
		return f.Fault.Sentence
	}
	return capital(f.verdict())
}

func (f Fit) verdict() string {
	var bytes, free, missing int64
	for _, place := range f.Plan.Places {
		bytes, free, missing = bytes+place.Bytes, free+place.Free, missing+place.Missing
	}
	switch {
	case missing > 0:
		return i18n.T("does not fit here: %s too much for %s free", Size(missing), Size(free))
	case f.Plan.Host > 0:
		return i18n.T("fits here with %s in the machine's own memory, which is slow", Size(f.Plan.Host))
	case free == 0:
		return i18n.T("takes %s here; how much is free is not known", Size(bytes))
	}
	return i18n.T("fits here: %s of %s free, with %s tokens of context", Size(bytes), Size(free), Number(f.Plan.Context))
}
