package view

import (
	"cmp"
	"os"
	"path/filepath"

	"sirocco/app/crash"
	"sirocco/app/view/i18n"
)

// ModelEntry is a model that can answer.
type ModelEntry struct {
	Choice  Choice
	Name    string
	Meaning string
	Current bool // it answers now
}

// Device is one that can compute.
type Device struct{ Spec, Name string }

// Models lists the miniature, the library and the servers used before.
func (w *Window) Models() []ModelEntry {
	list := []ModelEntry{{Name: i18n.T("Miniature"), Meaning: i18n.T("inside this program; a toy next to the real model"), Choice: Choice{Model: w.engines.Miniature}}}
	for _, e := range w.ModelList.Installed {
		list = append(list, ModelEntry{Name: e.Name, Meaning: e.Path, Choice: Choice{Model: e.Name}})
	}
	for _, url := range w.Settings.Servers {
		list = append(list, ModelEntry{Name: url, Meaning: i18n.T("a server"), Choice: Choice{Remote: url}})
	}
	for i := range list {
		list[i].Current = w.uses(list[i].Choice)
	}
	return list
}

// uses tells whether a choice names the model that answers.
func (w *Window) uses(c Choice) bool {
	now := w.Host.Choice
	if now.Named() == "" {
		now.Model = cmp.Or(w.ModelList.Current, w.engines.Miniature)
	}
	return c.Named() == now.Named()
}

// Devices lists what can compute, as far as that is known by now.
func (w *Window) Devices() []Device { return w.devices }

// findDevices asks the driver in the background.
func (w *Window) findDevices() {
	if w.engines.Devices == nil {
		return
	}
	crash.Go(func() {
		found := w.engines.Devices()
		w.UIQueue.Post(func() { w.devices = found })
	})
}

// Switch makes another model answer, on the device and with the context in use. A
// conversation that names its model names that from now on.
func (w *Window) Switch(to Choice) {
	if w.own != nil && w.own.Model != "" && w.own.Model != to.Named() {
		w.own.Model = to.Named()
		w.storePreset()
	}
	c := w.Host.Choice
	c.Model, c.Remote, c.MMProj = to.Model, to.Remote, ""
	w.Use(c)
}

// UseModel switches to a model's folder or file and adds it to the library.
func (w *Window) UseModel(path string) {
	if info, err := os.Stat(path); err == nil && isModel(path, info) {
		if full, err := filepath.Abs(path); err == nil {
			path = full
		}
		w.ModelList.Add(path)
	}
	w.Switch(Choice{Model: path})
}

// UseServer switches to a server and remembers its address.
func (w *Window) UseServer(url string) {
	known := false
	for _, old := range w.Settings.Servers {
		known = known || old == url
	}
	if !known {
		w.Settings.Servers = append(w.Settings.Servers, url)
	}
	w.Switch(Choice{Remote: url})
}

// UseServerModel makes another of the server's models answer.
func (w *Window) UseServerModel(name string) {
	c := w.Host.Choice
	c.Model = name
	w.Use(c)
}

// SystemText is the system prompt in use, for people to read.
func (w *Window) SystemText() string { return w.system() }

// Describe says what the engine is: size, form, context, device.
func (h *Host) Describe() string {
	m, d := h.About.Model, h.About.Device
	if m.Parameters == 0 && m.Context == 0 {
		return i18n.T("a server that does not say how long its context is")
	}
	if m.Parameters == 0 {
		return i18n.T("a server; context of %s tokens", Number(m.Context))
	}
	text := i18n.T("%s parameters, %s, context of %s tokens", millions(m.Parameters), m.Format, Number(m.Context))
	if d.Name != "" {
		text += ", " + i18n.T("on %s (%s)", d.Name, d.Backend)
	}
	return text
}
