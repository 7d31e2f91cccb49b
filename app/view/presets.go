package view

import (
	"cmp"
	"slices"
	"strings"

	"sirocco/app/view/i18n"
)

// Presets are saved under names in the settings; a conversation that chooses one
// gets a copy, which it may change. One that names a model makes that answer.

// SavePreset saves what is in use under a name, in place of what had that name.
func (w *Window) SavePreset(name string) {
	name = strings.TrimSpace(name)
	if name == "" {
		return
	}
	kept := *w.Preset()
	kept.Name = name
	list := without(w.Settings.Presets, name)
	w.Settings.Presets = append(list, kept)
	slices.SortFunc(w.Settings.Presets, func(a, b Preset) int { return strings.Compare(a.Name, b.Name) })
	if w.own != nil {
		w.own.Name = name
		w.storePreset()
	}
	w.Settings.Save()
}

// ForgetPreset takes a saved one away; conversations that chose it keep their copy.
func (w *Window) ForgetPreset(name string) {
	w.Settings.Presets = without(w.Settings.Presets, name)
	if w.own != nil && w.own.Name == name {
		w.own.Name = ""
		w.storePreset()
	}
	w.Settings.Save()
}

func without(list []Preset, name string) []Preset {
	return slices.DeleteFunc(slices.Clone(list), func(p Preset) bool { return p.Name == name })
}

// ChoosePreset makes the open conversation be answered by a saved preset from now
// on, and by its model if it names one.
func (w *Window) ChoosePreset(name string) {
	for _, p := range w.Settings.Presets {
		if p.Name == name {
			w.own = &p
			w.storePreset()
			w.switchToPresetModel()
			w.measure()
		}
	}
}

// SetModel names the model that answers the open conversation, "" for whichever
// does in the window. It needs a preset of the conversation's own.
func (w *Window) SetModel(name string) {
	if w.own == nil {
		return
	}
	w.own.Model = name
	w.storePreset()
	w.switchToPresetModel()
}

// switchToPresetModel switches to the model that the open conversation names, if another answers.
func (w *Window) switchToPresetModel() {
	if c, ok := w.presetModel(); ok {
		w.Switch(c)
	}
}

// presetModel is the model that the open conversation names, if that is not what answers.
func (w *Window) presetModel() (Choice, bool) {
	if w.own == nil || w.own.Model == "" {
		return Choice{}, false
	}
	c := choiceNamed(w.own.Model)
	return c, !w.uses(c)
}

// choiceNamed is the choice that a preset's Model stands for.
func choiceNamed(name string) Choice {
	if strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://") {
		return Choice{Remote: name}
	}
	return Choice{Model: name}
}

// Named is how a preset names a choice.
func (c Choice) Named() string { return cmp.Or(c.Remote, c.Model) }

// Answers says in few words what answers, and what will answer the open
// conversation's next question where that is another model.
func (w *Window) Answers() string {
	if c, ok := w.presetModel(); ok {
		return i18n.T("%s, from the next question on", c.Named())
	}
	return w.Host.Line()
}
