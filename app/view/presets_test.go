package view

import (
	"reflect"
	"testing"
)

// A preset is saved under a name and chosen by another conversation, which may
// change its copy. It makes the model answer that it names.
func TestSavedPresets(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.SetOwn(true)
	p := d.Preset()
	p.Params.Temperature, p.SystemMode, p.System = 0.7, SystemOwn, "Rhyme."
	d.SetModel("large")
	d.SavePreset(" Poet ")
	if d.Host.Choice.Model != "large" || d.Preset().Name != "Poet" {
		t.Fatalf("%q answers, under the preset %+v", d.Host.Choice.Model, d.Preset())
	}
	d.NewChat()
	d.Switch(Choice{Model: "small"})
	d.ChoosePreset("Poet")
	if d.Host.Choice.Model != "large" || !d.Own() {
		t.Errorf("after choosing the preset %q answers", d.Host.Choice.Model)
	}
	d.ask("one")
	if r := d.engine.asked[0]; r.Sampling.Temperature != 0.7 || r.Messages[0].Parts[0].Text != "Rhyme." {
		t.Errorf("it was asked at %v with %q", r.Sampling.Temperature, r.Messages[0].Parts[0].Text)
	}
	d.Preset().Params.Temperature = 0.1
	if d.Settings.Presets[0].Params.Temperature != 0.7 {
		t.Error("a conversation's change went into the saved preset")
	}
	again, err := LoadSettings(d.Settings.path)
	if err != nil || !reflect.DeepEqual(again.Presets, d.Settings.Presets) {
		t.Errorf("remembered are %+v, %v", again.Presets, err)
	}
	if d.ForgetPreset("Poet"); len(d.Settings.Presets) != 0 || d.Preset().Name != "" {
		t.Errorf("forgotten, it is still in %+v", d.Settings.Presets)
	}
}

// A conversation that names a model is only looked at with whatever answers, and
// asked with its own. Another choice in the models page is its choice from then on.
func TestConversationNamesItsModel(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.SetOwn(true)
	d.SetModel("http://gpu-box:8000")
	d.ask("one")
	id := d.Conversation
	d.NewChat()
	d.Switch(Choice{Model: "small"})
	d.ask("two")
	d.Open(id)
	d.until("it is open again", func() bool { return d.Conversation == id })
	if d.Host.Choice.Model != "small" || d.Answers() != "http://gpu-box:8000, from the next question on" {
		t.Errorf("opened, %q answers and %q is shown", d.Host.Choice.Model, d.Answers())
	}
	d.ask("three")
	if d.Host.Choice != (Choice{Remote: "http://gpu-box:8000"}) || d.Answers() != d.Host.Line() {
		t.Errorf("the question went to %+v", d.Host.Choice)
	}
	d.Switch(Choice{Model: "large"})
	d.ask("four")
	if d.Host.Choice.Model != "large" || d.Preset().Model != "large" {
		t.Errorf("after another choice %q answers, %q is named", d.Host.Choice.Model, d.Preset().Model)
	}
	d.SetModel("")
	d.Switch(Choice{Model: "small"})
	if d.Preset().Model != "" {
		t.Errorf("a conversation that names no model names %q", d.Preset().Model)
	}
}
