//go:build !headless

package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"sirocco/app/crash"
	"sirocco/app/view/i18n"
)

// Whose answers the settings are for, beside the names of saved presets.
const (
	forAll = "all"
	forOne = "own"
	saved  = "saved: " // before a name
)

// presetSettings choose whose answers are set below: those of all conversations, or
// of the one that is open, which may follow a preset that was saved.
func (w *window) presetSettings() []fyne.CanvasObject {
	rows := []fyne.CanvasObject{w.ownSetting()}
	if w.view.Own() {
		rows = append(rows, w.ownModelSetting())
	}
	return append(rows, w.savePresetSetting())
}

func (w *window) ownSetting() fyne.CanvasObject {
	names := []string{i18n.T("All conversations"), i18n.T("This conversation only")}
	values := []string{forAll, forOne}
	now := forAll
	if w.view.Own() {
		now = forOne
	}
	for _, p := range w.view.Settings.Presets {
		names, values = append(names, i18n.T("This conversation: %s", p.Name)), append(values, saved+p.Name)
		if w.view.Own() && p.Name == w.view.Preset().Name {
			now = saved + p.Name
		}
	}
	return w.setting(i18n.T("These settings are for"), i18n.T("answers and system prompt"), w.pick(names, values, now, func(v string) {
		if name, ok := strings.CutPrefix(v, saved); ok {
			w.view.ChoosePreset(name)
		} else {
			w.view.SetOwn(v == forOne)
		}
		w.again(pageSettings)
	}))
}

// ownModelSetting is the model that the open conversation names.
func (w *window) ownModelSetting() fyne.CanvasObject {
	names, values := []string{i18n.T("Whichever answers in the window")}, []string{""}
	now := w.view.Preset().Model
	known := now == ""
	for _, m := range w.view.Models() {
		names, values = append(names, short(m.Name, 40)), append(values, m.Choice.Named())
		known = known || m.Choice.Named() == now
	}
	if !known { // it is not installed any more, or somewhere else
		names, values = append(names, short(now, 40)), append(values, now)
	}
	return w.setting(i18n.T("Model"), i18n.T("that answers this conversation"), w.pick(names, values, now, func(v string) {
		w.view.SetModel(v)
		w.refresh()
	}))
}

// savePresetSetting saves what is set under a name, for other conversations to choose.
func (w *window) savePresetSetting() fyne.CanvasObject {
	name := newField(w, i18n.T("Name of a preset"))
	name.SetText(w.view.Preset().Name)
	save := func() {
		if strings.TrimSpace(name.Text) != "" {
			w.view.SavePreset(name.Text)
			w.again(pageSettings)
		}
	}
	name.OnSubmitted = func(string) { crash.Call(save) }
	keep := w.solidButton(i18n.T("Save"), nil, "", save)
	buttons := container.NewHBox(keep)
	if current := w.view.Preset().Name; current != "" {
		buttons.Add(w.iconButton(theme.DeleteIcon(), i18n.T("Take this preset away"), func() { w.view.ForgetPreset(current); w.again(pageSettings) }))
	}
	return w.setting(i18n.T("Save as a preset"), i18n.T("for other conversations to choose"), container.NewBorder(nil, nil, nil, buttons, name))
}

// again shows a page anew, after what it lists has changed.
func (w *window) again(page string) {
	w.show("")
	w.show(page)
	w.refresh()
	w.header.refresh()
}
