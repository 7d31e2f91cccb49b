package view

import (
	"context"
	"sync"
	"time"

	"sirocco/app/crash"
	"sirocco/app/library"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
)

// Choice is which model answers, where and how.
type Choice struct {
	Model   string // path; "" is the miniature, or what the library has chosen
	MMProj  string
	Device  string
	Context int
	Remote  string // address of a server in place of a local model
}

// Engines is what the window needs of the world behind it. app/gui.go makes one
// of the engine's child process, tests one of a script.
type Engines struct {
	// Open starts the engine; it may take long and reports how far it is.
	Open func(ctx context.Context, c Choice, progress func(chat.Load)) (chat.Engine, error)
	// Vocabulary is the tokenizer of a choice and how it cuts pictures up, to
	// count tokens before anything is sent.
	Vocabulary func(c Choice) (*tokenizer.Tokenizer, imageproc.Rule, error)
	// System is the system prompt recommended for a choice, filled in.
	System func(c Choice, name string) string
	// Miniature is the name by which Open knows the embedded model.
	Miniature string
	// Devices lists what can compute; nil when that is not known.
	Devices func() []Device
	// Plan is what a choice takes of each device's memory; nil where that is not known.
	Plan func(Choice) (*Plan, error)
	// PlanFor is the same of what does not answer now: a choice, or what could be
	// fetched. Nothing is loaded, and so many bytes in use count as free.
	PlanFor func(c Choice, p *library.Product, freed int64) (*Plan, error)
}

// Phase is how far the engine's start is.
type Phase int

// The phases of an engine.
const (
	Off Phase = iota
	Starting
	Ready
	Broken
)

// Host holds the engine that answers, and starts it anew when another model or
// device is chosen. Its exported fields belong to the view.
type Host struct {
	Choice Choice
	Phase  Phase
	About  chat.About
	Doing  string
	Share  float64
	Fault  *Trouble
	// Models are what a server lists, those that talk first; nil of a local model.
	Models []string
	// Notices are what the engine said of itself when it opened.
	Notices []string
	used    time.Time // when it was last asked

	engines Engines
	queue   *UIQueue
	cancel  context.CancelFunc
	ready   chan struct{} // closed when the start is over, well or not

	mu     sync.Mutex // guards what the answering goroutines read
	engine chat.Engine
	err    error
}

// start opens the chosen engine in the background; one that is open is closed
// first, so that two never share the device's memory.
func (h *Host) start(c Choice) {
	h.stop()
	ctx, cancel := context.WithCancel(context.Background())
	ready := make(chan struct{})
	h.Choice, h.Phase, h.Fault, h.Share, h.About = c, Starting, nil, -1, chat.About{}
	h.Models, h.Notices = nil, nil
	h.Doing, h.cancel, h.ready = i18n.T("Loading the model…"), cancel, ready
	old := h.swap(nil, nil)
	began := time.Now()
	crash.Go(func() {
		if old != nil {
			crash.Call(old.Close)
		}
		var engine chat.Engine
		err := crash.Try(func() (err error) {
			engine, err = h.engines.Open(ctx, c, func(l chat.Load) {
				h.queue.Post(func() { h.progress(ready, l, time.Since(began)) })
			})
			return err
		})
		if err != nil {
			engine = nil // whatever came with the error cannot answer
		}
		if ctx.Err() != nil { // another was chosen meanwhile
			if engine != nil {
				engine.Close()
			}
			close(ready)
			return
		}
		h.swap(engine, err)
		close(ready)
		h.queue.Post(func() { h.opened(ready, engine, err) })
	})
}

func (h *Host) progress(ready chan struct{}, l chat.Load, elapsed time.Duration) {
	if h.ready != ready || h.Phase != Starting {
		return
	}
	h.Doing, h.Share = Loading(l, elapsed), -1
	if l.Total > 0 {
		h.Share = float64(l.Done) / float64(l.Total)
	}
}

func (h *Host) opened(ready chan struct{}, engine chat.Engine, err error) {
	if h.ready != ready {
		return
	}
	h.Doing, h.Share = "", -1
	if err != nil {
		h.Phase, h.Fault = Broken, Explain(err)
		return
	}
	h.Phase, h.About, h.used = Ready, engine.About(), time.Now()
	if server, ok := engine.(interface{ Models() []string }); ok {
		h.Models = server.Models()
	}
	// What a local engine says when it opens is for a terminal: it speaks of flags.
	if speaks, ok := engine.(interface{ Notices() []string }); ok && h.Choice.Remote != "" {
		h.Notices = speaks.Notices()
	}
}

// stop gives up a start that goes on, and forgets the engine.
func (h *Host) stop() {
	if h.cancel != nil {
		h.cancel()
	}
	h.cancel = nil
}

// Unload closes the engine; the next question starts it again.
func (h *Host) Unload() {
	h.stop()
	h.Phase = Off
	if old := h.swap(nil, nil); old != nil {
		crash.Go(func() { old.Close() })
	}
}

func (h *Host) swap(engine chat.Engine, err error) (old chat.Engine) {
	h.mu.Lock()
	defer h.mu.Unlock()
	old, h.engine, h.err = h.engine, engine, err
	return old
}

// opens reports whether the start that ready belongs to went well.
func (h *Host) opens(ready chan struct{}) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ready == ready && h.engine != nil && h.err == nil
}

// wait is the engine once it is open.
func (h *Host) wait(ctx context.Context, ready chan struct{}) (chat.Engine, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-ready:
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.engine == nil && h.err == nil {
		return nil, context.Canceled
	}
	return h.engine, h.err
}

// String names a phase.
func (p Phase) String() string {
	return [...]string{"off", "starting", "ready", "broken"}[p]
}

// Line says in few words what answers, and where.
func (h *Host) Line() string {
	switch h.Phase {
	case Off:
		return i18n.T("No model loaded")
	case Starting:
		return h.Doing
	case Broken:
		return i18n.T("The model could not be opened")
	}
	line := h.About.Model.Name
	if h.About.Model.Miniature {
		line = i18n.T("Miniature")
	}
	if h.About.Device.Name != "" {
		line += " · " + h.About.Device.Name
	}
	return line
}
