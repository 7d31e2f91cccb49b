package view

import (
	"path/filepath"
	"slices"

	"sirocco/app/view/words"
)

// ModelEntry is a model that can answer.
type ModelEntry struct {
	Path    string // "" is the miniature
	Name    string
	Meaning string
}

// Device is one that can compute.
type Device struct{ Spec, Name string }

// Models lists the miniature and the models used before.
func (w *Window) Models() []ModelEntry {
	list := []ModelEntry{{Name: words.T("Miniature"), Meaning: words.T("inside this program; a toy next to the real model")}}
	for _, path := range w.Settings.Models {
		list = append(list, ModelEntry{Path: path, Name: filepath.Base(path), Meaning: path})
	}
	return list
}

// Devices lists what can compute, as far as that is known by now.
func (w *Window) Devices() []Device { return w.devices }

// findDevices asks the driver in the background.
func (w *Window) findDevices() {
	if w.engines.Devices == nil {
		return
	}
	go func() {
		found := w.engines.Devices()
		w.Feed.Post(func() { w.devices = found })
	}()
}

// UseModel switches to a model's folder or file and remembers it.
func (w *Window) UseModel(path string) {
	if path != "" && !slices.Contains(w.Settings.Models, path) {
		w.Settings.Models = append(w.Settings.Models, path)
	}
	c := w.Host.Choice
	c.Model, c.MMProj = path, ""
	w.Use(c)
}

// SystemText is the system prompt in use, for people to read.
func (w *Window) SystemText() string { return w.system() }

// Describe says what the engine is: size, form, context, device.
func (h *Host) Describe() string {
	m, d := h.About.Model, h.About.Device
	text := words.T("%s parameters, %s, context of %s tokens", millions(m.Parameters), m.Format, Number(m.Context))
	if d.Name != "" {
		text += ", " + words.T("on %s (%s)", d.Name, d.Backend)
	}
	return text
}
