package view

import (
	"sirocco/app/crash"
	"sirocco/app/history"
	"sirocco/model/chat"
)

// How the system prompt is chosen.
const (
	SystemRecommended = "" // the model's own, with name and date filled in
	SystemOwn         = "own"
	SystemNone        = "none"
)

// Preset is how answers are made: in every conversation, or in one that has a
// preset of its own (presets.go).
type Preset struct {
	Name       string // under which it was saved; "" for none
	Model      string // that answers, or a server's address; "" is whichever does in the window
	Params     chat.Sampling
	Fixed      bool // the same seed for every answer
	MaxTokens  int
	SystemMode string
	System     string
}

// Sampling is how the next answer is drawn: with a seed of its own, so that
// regenerating gives another answer, unless the user fixed it.
func (p *Preset) Sampling() chat.Sampling {
	s := p.Params
	if !p.Fixed {
		s.Seed = freshSeed()
	}
	return s
}

// stored is the preset as the history keeps it; a nil one is none.
func (p *Preset) stored() history.Preset {
	if p == nil {
		return history.Preset{}
	}
	params := p.Params
	kept := history.Preset{Name: p.Name, Model: p.Model, Sampling: &params, FixedSeed: p.Fixed, MaxTokens: p.MaxTokens}
	switch p.SystemMode {
	case SystemOwn:
		system := p.System
		kept.System = &system
	case SystemNone:
		kept.System = new(string)
	}
	return kept
}

// presetOf is a conversation's own preset, nil where it has none.
func presetOf(kept history.Preset) *Preset {
	if kept.Sampling == nil {
		return nil
	}
	p := &Preset{Name: kept.Name, Model: kept.Model, Params: *kept.Sampling, Fixed: kept.FixedSeed, MaxTokens: kept.MaxTokens}
	switch {
	case kept.System == nil:
	case *kept.System == "":
		p.SystemMode = SystemNone
	default:
		p.SystemMode, p.System = SystemOwn, *kept.System
	}
	return p
}

// Preset is the one in use: the open conversation's own, or everybody's.
func (w *Window) Preset() *Preset {
	if w.own != nil {
		return w.own
	}
	return &w.Settings.Preset
}

// Own tells whether the open conversation has a preset of its own.
func (w *Window) Own() bool { return w.own != nil }

// SetOwn gives the open conversation a preset of its own, which begins as what is
// in use, or takes it away.
func (w *Window) SetOwn(own bool) {
	begin := *w.Preset()
	begin.Name = ""
	w.own = nil
	if own {
		w.own = &begin
	}
	w.storePreset()
	w.measure()
}

// KeepPreset saves the preset in use after it was changed.
func (w *Window) KeepPreset() {
	if w.own == nil {
		w.Settings.Save()
	} else {
		w.storePreset()
	}
	w.measure()
}

// storePreset writes the open conversation's preset to the history. One that has
// no message yet gets it with its first.
func (w *Window) storePreset() {
	id, kept := w.Conversation, w.own.stored()
	if id == 0 {
		return
	}
	crash.Go(func() {
		if err := w.store.SetPreset(id, kept); err != nil {
			w.UIQueue.Post(func() { w.notify(err) })
		}
	})
}
