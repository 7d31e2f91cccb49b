//go:build !headless

package ui

import (
	"fmt"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
	"sirocco/app/view"
	"sirocco/app/view/i18n"
)

// settingsPage is where everything about answers and looks is chosen.
func (w *window) settingsPage() *page {
	keep, tell := w.keepSetting()
	p := w.newPage(pageSettings, i18n.T("Settings"),
		section(i18n.T("Appearance"), w.themeSetting(), w.scaleSetting(), w.languageSetting()),
		section(i18n.T("Answers"), w.samplingSettings()...),
		section(i18n.T("System prompt"), w.systemSetting()...),
		section(i18n.T("Tools"), w.toolSettings()...),
		section(i18n.T("Conversations"), w.historySetting(), keep),
		section(i18n.T("Keyboard"), keyRows()...))
	p.refresh = tell
	return p
}

func (w *window) themeSetting() fyne.CanvasObject {
	names := []string{i18n.T("As the desktop"), i18n.T("Light"), i18n.T("Dark")}
	values := []string{view.ThemeSystem, view.ThemeLight, view.ThemeDark}
	return w.setting(i18n.T("Theme"), "Ctrl+Shift+T", w.pick(names, values, w.view.Settings.Theme, func(v string) {
		w.view.Settings.Theme = v
		w.view.Settings.Save()
		w.rebuild()
	}))
}

func (w *window) scaleSetting() fyne.CanvasObject {
	var names, values []string
	for _, percent := range []int{80, 90, 100, 110, 125, 150, 175, 200, 250, 300} {
		names, values = append(names, fmt.Sprintf("%d %%", percent)), append(values, strconv.Itoa(percent))
	}
	now := w.view.Settings.TextScale
	control := w.pick(names, values, strconv.Itoa(now), func(v string) {
		w.view.Settings.TextScale, _ = strconv.Atoi(v)
		w.view.Settings.Save()
		w.rebuild()
	})
	control.PlaceHolder = fmt.Sprintf("%d %%", now)
	return w.setting(i18n.T("Text size"), "Ctrl+=   Ctrl+-   Ctrl+0", control)
}

func (w *window) languageSetting() fyne.CanvasObject {
	names, values := []string{i18n.T("As the desktop")}, []string{""}
	for _, l := range i18n.Languages {
		names, values = append(names, l.Name), append(values, l.Code)
	}
	return w.setting(i18n.T("Language"), "", w.pick(names, values, w.view.Settings.Language, func(v string) {
		w.view.Settings.Language = v
		w.view.Settings.Save()
		Speak(w.view.Settings)
		w.rebuild()
	}))
}

// samplingSettings are the numbers that decide how words are drawn.
func (w *window) samplingSettings() []fyne.CanvasObject {
	s := w.view.Preset()
	p := &s.Params
	seed := w.number(float64(p.Seed), 0, 1e9, func(v float64) { p.Seed = uint64(v) })
	enable(seed, s.Fixed)
	fixed := w.newCheck(i18n.T("The same seed every time"), s.Fixed, func(on bool) { s.Fixed = on; enable(seed, on); w.view.KeepPreset() })
	return append(w.presetSettings(),
		w.setting(i18n.T("Temperature"), i18n.T("0 is the same answer every time; the model's makers advise 0.15"), w.slide(p.Temperature, 0, 1.5, 0.05, func(v float64) { p.Temperature = v })),
		w.setting("Top P", i18n.T("1 is off"), w.slide(orOne(p.TopP), 0.05, 1, 0.05, func(v float64) { p.TopP = v })),
		w.setting("Min P", i18n.T("0 is off"), w.slide(p.MinP, 0, 0.5, 0.01, func(v float64) { p.MinP = v })),
		w.setting("Top K", i18n.T("0 is off"), w.number(float64(p.TopK), 0, 1000, func(v float64) { p.TopK = int(v) })),
		w.setting(i18n.T("Repeat penalty"), i18n.T("1 is off"), w.slide(orOne(p.RepeatPenalty), 1, 1.5, 0.01, func(v float64) { p.RepeatPenalty = v })),
		w.setting(i18n.T("Longest answer"), i18n.T("in tokens; 0 is as long as fits"), w.number(float64(s.MaxTokens), 0, 131072, func(v float64) { s.MaxTokens = int(v) })),
		w.setting(i18n.T("Seed"), "", container.NewVBox(fixed, seed)))
}

// historySetting brings back what was saved as JSON.
func (w *window) historySetting() fyne.CanvasObject {
	load := w.solidButton(i18n.T("Import…"), theme.FolderOpenIcon(), i18n.T("A conversation that was saved as JSON"), func() { w.importChat() })
	return w.setting(i18n.T("Import a conversation"), i18n.T("from a JSON file that Sirocco saved; the list's menu saves one"), container.NewHBox(load))
}

// keepSetting is the switch for keeping what was read, and a way to say how much
// there is when that changes.
func (w *window) keepSetting() (fyne.CanvasObject, func()) {
	line := muted("")
	tell := func() {
		line.Segments[0].(*widget.TextSegment).Text = w.view.KeptLine()
		line.Refresh()
	}
	tell()
	on := w.newCheck(i18n.T("Keep on disk what the model has read"), w.view.Settings.KeepRead, func(on bool) { w.view.KeepRead(on); w.refresh() })
	meaning := i18n.T("An old conversation, with its pictures, is then not read again after a start. Switched off, the files are removed; a conversation that is deleted takes its own along.")
	return container.NewVBox(on, snug(muted(meaning)), snug(line)), tell
}

func orOne(v float64) float64 {
	if v == 0 {
		return 1
	}
	return v
}

// slide is a slider with its value beside it.
func (w *window) slide(now, from, to, step float64, set func(float64)) fyne.CanvasObject {
	value := widget.NewLabel("")
	tell := func(v float64) { value.SetText(strconv.FormatFloat(v, 'f', 2, 64)) }
	s := w.newSlider(from, to, step, now)
	tell(now)
	s.OnChanged = tell
	s.OnChangeEnded = func(v float64) {
		crash.Call(func() { set(v); w.view.KeepPreset() })
	}
	return container.NewBorder(nil, nil, nil, value, s.shown())
}

// number is an entry for a whole number; what is none is refused at once.
func (w *window) number(now, from, to float64, set func(float64)) *field {
	e := newField(w, "")
	e.SetText(strconv.FormatFloat(now, 'f', 0, 64))
	e.Validator = func(text string) error {
		v, err := strconv.ParseUint(text, 10, 63)
		if err != nil || float64(v) < from || float64(v) > to {
			return fmt.Errorf("%s", i18n.T("a whole number from %s to %s", view.Number(int(from)), view.Number(int(to))))
		}
		return nil
	}
	e.OnChanged = func(text string) {
		if e.Validator(text) == nil {
			v, _ := strconv.ParseFloat(text, 64)
			crash.Call(func() { set(v); w.view.KeepPreset() })
		}
	}
	return e
}

// systemSetting chooses the system prompt and, for an own one, holds its text.
func (w *window) systemSetting() []fyne.CanvasObject {
	s := w.view.Preset()
	own := widget.NewMultiLineEntry()
	own.Wrapping = fyne.TextWrapWord
	own.SetMinRowsVisible(6)
	fill := func() {
		enable(own, s.SystemMode == view.SystemOwn)
		own.SetText(w.view.SystemText())
	}
	own.OnChanged = func(text string) {
		if s.SystemMode == view.SystemOwn {
			s.System = text
			crash.Call(w.view.KeepPreset)
		}
	}
	names := []string{i18n.T("The model's own (recommended)"), i18n.T("My own"), i18n.T("None")}
	values := []string{view.SystemRecommended, view.SystemOwn, view.SystemNone}
	choose := w.pick(names, values, s.SystemMode, func(v string) {
		if v == view.SystemOwn && s.System == "" {
			s.System = w.view.SystemText()
		}
		s.SystemMode = v
		w.view.KeepPreset()
		fill()
	})
	fill()
	return []fyne.CanvasObject{w.setting(i18n.T("Which one"), i18n.T("Name and date are filled in."), choose), own}
}

// keyRows is the keyboard's map.
func keyRows() []fyne.CanvasObject {
	var rows []fyne.CanvasObject
	for _, k := range [][2]string{
		{"Enter", i18n.T("send")},
		{"Shift+Enter", i18n.T("new line")},
		{"Esc", i18n.T("stop, or close what is open")},
		{"↑", i18n.T("edit the last question, when the entry is empty")},
		{"Ctrl+N", i18n.T("new chat")},
		{"Ctrl+W", i18n.T("close the window")},
		{"Ctrl+O", i18n.T("add pictures or text files")},
		{"Ctrl+V", i18n.T("paste text or a picture")},
		{"Ctrl+R", i18n.T("answer again")},
		{"Ctrl+F", i18n.T("find in this conversation")},
		{"Ctrl+Shift+F", i18n.T("search all conversations")},
		{"Ctrl+B", i18n.T("show or hide the conversations")},
		{"Ctrl+L", i18n.T("to the question")},
		{"Ctrl+J", i18n.T("to a call that waits for permission")},
		{"Ctrl+M", i18n.T("models")},
		{"Ctrl+,", i18n.T("settings")},
		{"Ctrl+=  Ctrl+-  Ctrl+0", i18n.T("text larger, smaller, as it was")},
		{"Ctrl+Shift+T", i18n.T("next theme")},
	} {
		key := text(k[0])
		key.TextStyle.Monospace = true
		rows = append(rows, container.NewGridWithColumns(2, pad(key, 3, 3, 0, 0), pad(text(k[1]), 3, 3, 0, 0)))
	}
	return rows
}
