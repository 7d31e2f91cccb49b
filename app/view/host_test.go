package view

import (
	"context"
	"errors"
	"testing"
	"time"

	"sirocco/model/chat"
)

// closesBadly is an engine whose nil pointer cannot be closed.
type closesBadly struct {
	scripted
	open bool
}

func (e *closesBadly) Close() { e.open = false }

// A model that cannot be opened traps nobody: another one can be chosen, it can be
// tried again, the window closes, and the next start begins with what worked.
func TestModelThatCannotBeOpened(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.until("the model is open", func() bool { return d.Host.Phase == Ready })
	works := d.Settings.Choice
	good := d.engines.Open
	var none *closesBadly
	d.engines.Open = func(_ context.Context, c Choice, _ func(chat.Load)) (chat.Engine, error) {
		return none, errors.New("no server answers at " + c.Remote) // as a careless constructor does
	}
	d.Host.engines = d.engines
	for _, address := range []string{"http://127.0.0.1:1", "http://127.0.0.1:2"} { // twice: the second closes what the first left
		d.UseServer(address)
		d.until("the failure is told", func() bool { return d.Host.Phase == Broken })
		if d.Host.Fault == nil {
			t.Fatal("nothing says what happened")
		}
	}
	d.Use(d.Host.Choice) // Try again
	d.until("the failure is told again", func() bool { return d.Host.Phase == Broken })
	if d.Settings.Choice != works {
		t.Errorf("the next start would begin with %+v, want %+v", d.Settings.Choice, works)
	}
	d.engines.Open = good
	d.Host.engines = d.engines
	d.Use(works)
	d.until("the old model is back", func() bool { return d.Host.Phase == Ready })
}

// What worked is what the next start begins with.
func TestChoiceIsKeptWhenItOpens(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.UseServer("http://127.0.0.1:1")
	d.until("the choice is kept", func() bool { return d.Settings.Choice.Remote == "http://127.0.0.1:1" })
}

// A fault of ours while a model is opened or answers ends that, and the window goes on.
func TestFaultWhileOpeningIsTold(t *testing.T) {
	done := make(chan struct{})
	feed := NewUIQueue(func(f func()) { f() }, func() {})
	defer feed.Close()
	h := &Host{queue: feed, engines: Engines{Open: func(context.Context, Choice, func(chat.Load)) (chat.Engine, error) {
		panic("a fault")
	}}}
	feed.Post(func() { panic("a fault in the window's own goroutine") })
	feed.Post(func() { h.start(Choice{}) })
	go func() {
		for phase := Off; phase != Broken; {
			asked := make(chan Phase)
			feed.Post(func() { asked <- h.Phase })
			phase = <-asked
		}
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Minute):
		t.Fatal("the start never ends")
	}
}
