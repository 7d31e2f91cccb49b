package view

import (
	"context"
	"errors"
	"time"

	"sirocco/app/crash"
	"sirocco/app/history"
	"sirocco/app/library"
	"sirocco/app/tools"
	"sirocco/app/view/words"
	"sirocco/model/chat"
	"sirocco/model/patch"
)

// Dirty says which parts of the window must be drawn anew.
type Dirty uint

// The parts of the window.
const (
	DirtyMessages Dirty = 1 << iota // which messages there are
	DirtyAnswer                     // the answer that is growing
	DirtyTray
	DirtyHost // model, device, loading
	DirtyGauge
	DirtyList
	DirtyNotice
	DirtyModels
)

// Window is everything the main window shows.
type Window struct {
	Feed     *Feed
	Host     *Host
	Tray     *Tray
	List     *List
	Settings *Settings
	Shelf    *Shelf
	Share    *Share
	Keep     *Keep
	Gauge    Gauge

	Conversation int64 // 0: a new one that has no message yet
	Title        string
	Messages     []*Message
	Answering    *Message // the answer that is growing, or nil
	Notice       *Notice
	Plan         *Plan // of the model that answers; nil while it is not known

	engines      Engines
	own          *Preset // of the open conversation; nil: the settings'
	store        *history.Store
	stop         func() // ends the growing answer
	leave        context.CancelFunc
	dirty        Dirty
	now          func() time.Time
	budget       budgeter
	loading      int64  // conversation being read from disk
	skip         int    // so many of the oldest messages are not sent
	queued       string // what stands in the entry
	devices      []Device
	advice       recommended
	fits         fits
	alternatives int // of each token, asked for while the inspector is open
	thumbs       map[*chat.Image]Thumb
	kit          *kit
	loops        map[int64]*tools.Loop // of each conversation that was asked
}

// Notice is a line across the window, with something to undo perhaps.
type Notice struct {
	Text   string
	Action string // a button's words, or ""
	Do     func()
}

// Options are what a Window is made of.
type Options struct {
	Engines  Engines
	Store    *history.Store
	Settings *Settings
	// Kept is the folder for what the model has read.
	Kept string
	// Tools opens what the model may call; nil: nothing. It may take long.
	Tools func(context.Context) (*Toolbox, error)
	// Do runs a function in the window's goroutine, After follows each batch.
	Do    func(func())
	After func()
}

// New makes a window's state and starts its engine.
func New(o Options) *Window {
	w := &Window{engines: o.Engines, store: o.Store, Settings: o.Settings, now: time.Now, thumbs: map[*chat.Image]Thumb{}, loops: map[int64]*tools.Loop{}}
	w.Feed = NewFeed(o.Do, o.After)
	w.Host = &Host{engines: o.Engines, feed: w.Feed}
	w.Tray = &Tray{feed: w.Feed, Rule: patch.Rule{PatchSize: 14, MaxSize: 1540, Merge: 2},
		changed: func() { w.touch(DirtyTray); w.measure() }}
	w.Tray.models = func(paths []string) { w.Offer(paths) }
	w.List = &List{store: o.Store, feed: w.Feed, changed: func() { w.touch(DirtyList) }, now: w.now}
	w.List.fault = w.say
	w.Shelf = &Shelf{library: library.Default(), feed: w.Feed, changed: func() { w.touch(DirtyModels) }, fault: w.say}
	w.Shelf.Reload()
	w.Share = &Share{window: w}
	w.Keep = &Keep{folder: o.Kept}
	w.budget = budgeter{feed: w.Feed, done: func(g Gauge) { w.Gauge = g; w.touch(DirtyGauge) }}
	w.openTools(o.Tools)
	w.Use(o.Settings.Choice)
	w.List.Reload()
	w.findDevices()
	w.tidyKept()
	ctx, cancel := context.WithCancel(context.Background())
	w.leave = cancel
	crash.Go(func() { w.watchIdle(ctx) })
	if notice := o.Store.Notice(); notice != "" {
		w.say(errors.New(notice))
	}
	return w
}

// farewell is how long engine and tools may take to go when the window closes. One
// that takes longer goes by itself: it notices that nobody is there any more.
const farewell = 300 * time.Millisecond

// Close ends the answer, the engine, the tools and the feed.
func (w *Window) Close() {
	w.Stop()
	w.leave()
	if w.Share.stop != nil {
		w.Share.stop()
	}
	w.Feed.Close()
	w.Shelf.Pause()
	w.Host.stop()
	engine := w.Host.swap(nil, nil)
	w.kit.close()
	box := w.kit.opened()
	gone := make(chan struct{})
	crash.Go(func() {
		defer close(gone)
		if engine != nil {
			engine.Close()
		}
		if box != nil {
			_ = box.Set.Close()
		}
	})
	select {
	case <-gone:
	case <-time.After(farewell):
	}
}

// Take returns what has changed since the last call.
func (w *Window) Take() Dirty {
	d := w.dirty
	w.dirty = 0
	if w.Answering != nil {
		d |= DirtyAnswer
	}
	if w.Host.Phase == Starting {
		d |= DirtyHost
	}
	return d
}

func (w *Window) touch(d Dirty) { w.dirty |= d }

// say shows an error across the window.
func (w *Window) say(err error) {
	w.Notice = &Notice{Text: capital(err.Error())}
	w.touch(DirtyNotice)
}

// Tell shows a sentence across the window.
func (w *Window) Tell(err error) { w.say(err) }

// Dismiss takes the notice away.
func (w *Window) Dismiss() {
	w.Notice = nil
	w.touch(DirtyNotice)
}

// Use switches to another model, device or context. The next start of the program
// begins with it once it has been opened: one that cannot be opened is not met again.
func (w *Window) Use(c Choice) {
	w.Stop()
	w.Host.start(c)
	w.Share.renew()
	w.plan(c)
	w.touch(DirtyHost | DirtyMessages)
	ready := w.Host.ready
	crash.Go(func() {
		<-ready // the vocabulary after the engine: a broken model is told once
		tok, rule, err := w.engines.Vocabulary(c)
		w.Feed.Post(func() {
			w.touch(DirtyHost)
			if w.Host.opens(ready) {
				w.Settings.Choice = c
				w.Settings.Save()
			}
			if err == nil && w.Host.ready == ready {
				w.budget.tokenizer, w.budget.rule = tok, rule
				w.Tray.SetRule(rule, w.budget.count)
				w.measure()
				w.Share.renew()
			}
		})
	})
}

// Offer asks whether model files that were dropped should answer from now on.
func (w *Window) Offer(paths []string) {
	path := paths[0]
	w.Notice = &Notice{Text: words.T("%s is a model.", path), Action: words.T("Use it"), Do: func() {
		w.Dismiss()
		w.UseModel(path)
	}}
	w.touch(DirtyNotice)
}

// Miniature tells whether the toy model answers.
func (w *Window) Miniature() bool { return w.Host.About.Model.Miniature }

// NewChat leaves the conversation for an empty one.
func (w *Window) NewChat() {
	w.Stop()
	w.Conversation, w.Title, w.Messages, w.loading, w.skip, w.own = 0, "", nil, 0, 0, nil
	w.List.Selected = 0
	w.touch(DirtyMessages | DirtyList)
	w.measure()
}

// Open shows a conversation of the history, read in the background.
func (w *Window) Open(id int64) {
	if id == w.Conversation || id == 0 {
		return
	}
	w.Stop()
	w.loading = id
	w.List.Selected = id
	w.touch(DirtyList)
	w.read(id)
}

// read brings the shown branch of a conversation from the disk.
func (w *Window) read(id int64) {
	crash.Go(func() {
		about, err := w.store.Conversation(id)
		var stored []history.Message
		if err == nil {
			stored, err = w.store.Messages(id)
		}
		w.Feed.Post(func() {
			if w.loading != id {
				return
			}
			w.loading = 0
			if err != nil {
				w.say(err)
				return
			}
			if id != w.Conversation {
				w.skip = 0
			}
			w.Conversation, w.Title = id, about.Title
			w.Messages, w.own = shown(stored), presetOf(about.Preset)
			w.Settings.Conversation = id
			w.Settings.Save()
			w.touch(DirtyMessages)
			w.measure()
		})
	})
}

// Last is the last message, or nil.
func (w *Window) Last() *Message {
	if len(w.Messages) == 0 {
		return nil
	}
	return w.Messages[len(w.Messages)-1]
}

// measure counts the context anew.
func (w *Window) measure() {
	total := w.Host.About.Model.Context
	if total == 0 {
		total = w.Host.Choice.Context
	}
	request := w.request(w.Messages)
	if box := w.kit.opened(); box != nil {
		request.Tools = box.offered(w.Settings.Builtin)
	}
	question := chat.Message{Role: chat.User, Parts: append(w.Tray.Parts(), chat.Part{Text: w.queued})}
	w.budget.measure(*request, question, total)
}

// Draft tells the gauge what stands in the entry.
func (w *Window) Draft(text string) {
	w.queued = text
	w.measure()
}

// DropOldest leaves the oldest questions and answers out of what is sent, until
// the rest fits; the conversation keeps them.
func (w *Window) DropOldest() {
	w.skip = min(w.skip+2, len(w.Messages))
	w.measure()
	w.touch(DirtyGauge)
}

// Seen shows a picture of the tray as the model will see it: made as small as
// its grid says.
func (w *Window) Seen(item *Item, done func(Thumb)) {
	turns, width, height := item.Turns, item.Grid.Width, item.Grid.Height
	crash.Go(func() {
		thumb, err := shrunk(item.data, turns, max(width, height))
		if err == nil {
			w.Feed.Post(func() { done(Thumb{Image: thumb, Width: width, Height: height}) })
		}
	})
}
