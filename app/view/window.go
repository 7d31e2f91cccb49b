package view

import (
	"context"
	"errors"
	"time"

	"sirocco/app/crash"
	"sirocco/app/history"
	"sirocco/app/library"
	"sirocco/app/tools"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
	"sirocco/model/imageproc"
)

// Dirty says which parts of the window must be drawn anew.
type Dirty uint

// The parts of the window.
const (
	DirtyMessages Dirty = 1 << iota // which messages there are
	DirtyAnswer                     // the answer that is growing
	DirtyAttachments
	DirtyHost // model, device, loading
	DirtyContextMeter
	DirtyList
	DirtyNotice
	DirtyModels
	DirtyTools   // the MCP servers
	DirtyTraffic // what they say
)

// Window is everything the main window shows.
type Window struct {
	UIQueue      *UIQueue
	Host         *Host
	Attachments  *Attachments
	List         *List
	Settings     *Settings
	ModelList    *ModelList
	LocalServer  *LocalServer
	KVStore      *KVStore
	ContextMeter ContextMeter

	Conversation int64 // 0: a new one that has no message yet
	Title        string
	Messages     []*Message
	Answering    *Message // the answer that is growing, or nil
	Notice       *Notice
	Plan         *Plan // of the model that answers; nil while it is not known

	// AskInput asks for a value that an entry of the list of tools leaves open.
	AskInput func(InputAsked)
	// Elicit puts a server's question to the person.
	Elicit func(Elicited)
	// OpenAddress opens a web address; it may be called from any goroutine.
	OpenAddress func(address string) error

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
	Tools func(context.Context, ToolboxOptions) (*Toolbox, error)
	// Do runs a function in the window's goroutine, After follows each batch.
	Do    func(func())
	After func()
}

// New makes a window's state and starts its engine.
func New(o Options) *Window {
	w := &Window{engines: o.Engines, store: o.Store, Settings: o.Settings, now: time.Now, thumbs: map[*chat.Image]Thumb{}, loops: map[int64]*tools.Loop{}}
	w.UIQueue = NewUIQueue(o.Do, o.After)
	w.Host = &Host{engines: o.Engines, queue: w.UIQueue}
	w.Attachments = &Attachments{queue: w.UIQueue, Rule: imageproc.Rule{PatchSize: 14, MaxSize: 1540, Merge: 2},
		changed: func() { w.touch(DirtyAttachments); w.measure() }}
	w.Attachments.models = func(paths []string) { w.Offer(paths) }
	w.List = &List{store: o.Store, queue: w.UIQueue, changed: func() { w.touch(DirtyList) }, now: w.now}
	w.List.fault = w.notify
	w.ModelList = &ModelList{library: library.Default(), queue: w.UIQueue, changed: func() { w.touch(DirtyModels) }, fault: w.notify}
	w.ModelList.Reload()
	w.LocalServer = &LocalServer{window: w}
	w.KVStore = &KVStore{folder: o.Kept}
	w.budget = budgeter{queue: w.UIQueue, done: func(g ContextMeter) { w.ContextMeter = g; w.touch(DirtyContextMeter) }}
	w.openTools(o.Tools)
	w.Use(o.Settings.Choice)
	w.List.Reload()
	w.findDevices()
	w.tidyKept()
	ctx, cancel := context.WithCancel(context.Background())
	w.leave = cancel
	crash.Go(func() { w.watchIdle(ctx) })
	if notice := o.Store.Notice(); notice != "" {
		w.notify(errors.New(notice))
	}
	return w
}

// shutdownTimeout is how long engine and tools may take to go when the window closes. One
// that takes longer goes by itself: it notices that nobody is there any more.
const shutdownTimeout = 300 * time.Millisecond

// Close ends the answer, the engine, the tools and the feed.
func (w *Window) Close() {
	w.Stop()
	w.leave()
	if w.LocalServer.stop != nil {
		w.LocalServer.stop()
	}
	w.UIQueue.Close()
	w.ModelList.Pause()
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
	case <-time.After(shutdownTimeout):
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

// notify shows an error across the window.
func (w *Window) notify(err error) {
	w.Notice = &Notice{Text: capital(err.Error())}
	w.touch(DirtyNotice)
}

// Tell shows a sentence across the window.
func (w *Window) Tell(err error) { w.notify(err) }

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
	w.LocalServer.renew()
	w.plan(c)
	w.touch(DirtyHost | DirtyMessages)
	ready := w.Host.ready
	crash.Go(func() {
		<-ready // the vocabulary after the engine: a broken model is told once
		tok, rule, err := w.engines.Vocabulary(c)
		w.UIQueue.Post(func() {
			w.touch(DirtyHost)
			if w.Host.opens(ready) {
				w.Settings.Choice = c
				w.Settings.Save()
			}
			if err == nil && w.Host.ready == ready {
				w.budget.tokenizer, w.budget.rule = tok, rule
				w.Attachments.SetRule(rule, w.budget.count)
				w.measure()
				w.LocalServer.renew()
			}
		})
	})
}

// Offer asks whether model files that were dropped should answer from now on.
func (w *Window) Offer(paths []string) {
	path := paths[0]
	w.Notice = &Notice{Text: i18n.T("%s is a model.", path), Action: i18n.T("Use it"), Do: func() {
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
		w.UIQueue.Post(func() {
			if w.loading != id {
				return
			}
			w.loading = 0
			if err != nil {
				w.notify(err)
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
	question := chat.Message{Role: chat.User, Parts: append(w.Attachments.Parts(), chat.Part{Text: w.queued})}
	w.budget.measure(*request, question, total)
}

// Draft tells the context meter what stands in the entry.
func (w *Window) Draft(text string) {
	w.queued = text
	w.measure()
}

// DropOldest leaves the oldest questions and answers out of what is sent, until
// the rest fits; the conversation keeps them.
func (w *Window) DropOldest() {
	w.skip = min(w.skip+2, len(w.Messages))
	w.measure()
	w.touch(DirtyContextMeter)
}

// Seen shows a picture of the attachments as the model will see it: made as small as
// its grid says.
func (w *Window) Seen(item *Item, done func(Thumb)) {
	turns, width, height := item.Turns, item.Grid.Width, item.Grid.Height
	crash.Go(func() {
		thumb, err := shrunk(item.data, turns, max(width, height))
		if err == nil {
			w.UIQueue.Post(func() { done(Thumb{Image: thumb, Width: width, Height: height}) })
		}
	})
}
