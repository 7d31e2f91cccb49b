package view

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"sirocco/model/chat"
)

// A conversation with settings of its own is answered by them, today and when it
// is opened again; the others are not.
func TestPresetOfOneConversation(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.SetOwn(true)
	p := d.Preset()
	p.Params.Temperature, p.Params.Seed, p.Fixed, p.SystemMode, p.System = 0.9, 7, true, SystemOwn, "Rhyme."
	d.KeepPreset()
	d.ask("one")
	id := d.Conversation
	d.NewChat()
	d.ask("two")
	d.Open(id)
	d.until("it is open again", func() bool { return d.Conversation == id })
	d.Preset().MaxTokens = 9
	d.KeepPreset()
	d.ask("three")
	for i, want := range []struct {
		temperature float64
		system      string
	}{{0.9, "Rhyme."}, {0.15, "Be brief."}, {0.9, "Rhyme."}} {
		r := d.engine.asked[i]
		if r.Sampling.Temperature != want.temperature || r.Messages[0].Parts[0].Text != want.system {
			t.Errorf("question %d was asked at %v with %q", i, r.Sampling.Temperature, r.Messages[0].Parts[0].Text)
		}
	}
	if r := d.engine.asked[2]; r.Sampling.Seed != 7 || r.MaxTokens != 9 {
		t.Errorf("the third question has seed %d and at most %d tokens", r.Sampling.Seed, r.MaxTokens)
	}
	if d.SetOwn(false); d.Preset().Params.Temperature != 0.15 || d.Own() {
		t.Errorf("without settings of its own it is %+v", d.Preset())
	}
}

// An idle model is unloaded after its time, and not before; the next question
// loads it again.
func TestIdleModelRests(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.until("it is ready", func() bool { return d.Host.Phase == Ready })
	clock := time.Now()
	d.now = func() time.Time { return clock }
	d.Settings.IdleMinutes = 5
	d.ask("one")
	clock = clock.Add(4 * time.Minute)
	if d.idleUnload(); d.Host.Phase != Ready {
		t.Fatalf("after four minutes it is %v", d.Host.Phase)
	}
	clock = clock.Add(time.Minute)
	if d.idleUnload(); d.Host.Phase != Off {
		t.Fatalf("after five minutes it is %v", d.Host.Phase)
	}
	if a := d.ask("two").Answer; a.State != Finished {
		t.Errorf("the next answer is %+v", a)
	}
}

// What pictures cost is judged by those that were seen on this device.
func TestSecondsOfAPicture(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.until("it is ready", func() bool { return d.Host.Phase == Ready })
	item := &Item{data: []byte("x"), Tokens: 1000}
	if got := d.Seconds(item); got != "" {
		t.Errorf("before any was seen a picture takes %q", got)
	}
	a := NewAnswer(time.Now(), 2)
	for _, tokens := range []int{100, 1000} {
		a.Apply(chat.Event{Kind: chat.KindImage, Image: &chat.ImageEncoded{Grid: chat.Grid{Tokens: tokens}, Seconds: float64(tokens*tokens) / 1e6}}, time.Now())
	}
	a.Timings.PrefillPerSec, a.Usage.PromptTokens = 500, 1100
	d.learn(a)
	if got := d.Seconds(item); got != "about 3.0 s" { // one to look, two to read
		t.Errorf("a picture of 1,000 tokens takes %q", got)
	}
	again, err := LoadSettings(d.Settings.path)
	if err != nil || again.Speeds[d.Host.place()].Prompt != 1.0/500 {
		t.Errorf("remembered is %+v, %v", again.Speeds, err)
	}
}

func TestFindInConversation(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.ask("Harbour and sea")
	d.ask("only sea")
	if places := d.Find(" harbour"); len(places) != 2 || places[0].Message != d.Messages[0] || places[1] != (Place{d.Messages[1], 0}) {
		t.Errorf("found are %v", places)
	}
	if len(d.Find("sea")) != 4 || len(d.Find("ship")) != 0 || len(d.Find(" ")) != 0 {
		t.Errorf("found are %v, %v, %v", d.Find("sea"), d.Find("ship"), d.Find(" "))
	}
}

// A conversation that was saved as JSON comes back as one more.
func TestImport(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.ask("one two")
	first, file := d.Conversation, filepath.Join(t.TempDir(), "saved.json")
	saved := make(chan error, 1)
	d.Export(first, true, func(data []byte) error {
		err := os.WriteFile(file, data, 0o600)
		saved <- err
		return err
	})
	if err := <-saved; err != nil {
		t.Fatal(err)
	}
	d.Import(file)
	d.until("the copy is open", func() bool { return d.Conversation != first })
	if d.said() != "one two | → one two" {
		t.Errorf("the copy says %q", d.said())
	}
	d.Import(filepath.Join(t.TempDir(), "none.json"))
	d.until("it is said that there is none", func() bool { return d.Notice != nil && d.Notice.Text != "Saved." })
}
