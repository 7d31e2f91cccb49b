package view

import (
	"context"
	"errors"
	"os"

	"sirocco/app/crash"
	"sirocco/app/tools"
	"sirocco/app/tools/toolbox"
	"sirocco/model/chat"
)

// Toolbox is what the model may be given to call: the tools of the user's list,
// and those built in.
type Toolbox struct {
	Set *tools.Set
	// Named is true when the list itself says which built-in tools to offer; else
	// the settings do.
	Named   bool
	Permits *tools.Permits // those that may always run
	Servers *tools.Servers // of the list; may be nil
}

// OpenToolbox opens the tools of the list in the user's config folder, and the
// built-in ones. Its servers are starting then. What cannot be opened is left out;
// the error says why.
func OpenToolbox(ctx context.Context, o ToolboxOptions) (*Toolbox, error) {
	permits, failure := tools.OpenPermits(tools.PermitsPath())
	config, err := toolbox.Read(tools.ConfigPath(), toolbox.Options{Ask: o.Ask})
	if err != nil {
		config = &tools.Config{}
		if errors.Is(err, os.ErrNotExist) {
			err = nil
		}
	}
	var notes []error
	for _, note := range config.Notes {
		notes = append(notes, errors.New(note))
	}
	specs := config.Servers
	config.Servers = nil
	set, unreachable := config.Open(ctx)
	servers := tools.NewServers(specs, tools.Host{Browser: o.Browser, Ask: o.Elicit}, o.Changed)
	set.Add(servers)
	return &Toolbox{Set: set, Named: config.Builtin != nil, Permits: permits, Servers: servers},
		errors.Join(err, failure, unreachable, errors.Join(notes...))
}

// ToolboxOptions are what opening the tools needs of a window.
type ToolboxOptions struct {
	Ask     func(toolbox.Input) (string, error) // asks a person
	Changed func(traffic bool)                  // a server's state has changed, or something was sent; from any goroutine
	Browser func(address string) error          // opens an address
	Elicit  tools.Asker                         // puts a server's questions to a person
}

// settled waits until the servers have started, or failed.
func (b *Toolbox) settled(ctx context.Context) error {
	if b == nil || b.Servers == nil {
		return nil
	}
	return b.Servers.Settled(ctx)
}

// use says which tools the model is told of.
func (b *Toolbox) use(builtin bool) func(*tools.Tool) bool {
	return func(t *tools.Tool) bool { return builtin || b.Named || t.Source != tools.Builtin()[0].Source }
}

// offered are the definitions of those tools.
func (b *Toolbox) offered(builtin bool) (list []chat.Tool) {
	use := b.use(builtin)
	for _, t := range b.Set.Tools() {
		if use(&t) {
			list = append(list, t.Tool)
		}
	}
	return list
}

// kit is the toolbox of a window while it opens: servers take their time.
type kit struct {
	ready chan struct{} // closed when the box is open
	gone  chan struct{} // closed when the window is
	box   *Toolbox      // may be nil
	close context.CancelFunc
}

func (w *Window) openTools(open func(context.Context, ToolboxOptions) (*Toolbox, error)) {
	ctx, cancel := context.WithCancel(context.Background())
	k := &kit{ready: make(chan struct{}), gone: make(chan struct{})}
	k.close = func() { cancel(); close(k.gone) }
	w.kit = k
	if open == nil {
		close(k.ready)
		return
	}
	changed := func(traffic bool) {
		w.UIQueue.Post(func() {
			if traffic {
				w.touch(DirtyTraffic)
				return
			}
			w.touch(DirtyTools)
			w.measure()
		})
	}
	crash.Go(func() {
		var err error
		k.box, err = open(ctx, ToolboxOptions{Ask: w.askInput, Changed: changed, Browser: w.openAddress, Elicit: w.elicit})
		close(k.ready)
		changed(false)
		err = errors.Join(err, k.box.settled(ctx))
		w.UIQueue.Post(func() {
			if err != nil && ctx.Err() == nil {
				w.notify(err)
			}
			w.measure()
		})
	})
}

// openAddress shows an address in a browser.
func (w *Window) openAddress(address string) error {
	if w.OpenAddress == nil {
		return errors.New("there is no browser here")
	}
	return w.OpenAddress(address)
}

// opened is the box, or nil while it opens.
func (k *kit) opened() *Toolbox {
	select {
	case <-k.ready:
		return k.box
	default:
		return nil
	}
}

// Tools are all tools that can be run here. It waits until they are open.
func (w *Window) Tools() *tools.Set {
	<-w.kit.ready
	if w.kit.box == nil {
		return nil
	}
	_ = w.kit.box.settled(context.Background()) // the window has told what failed
	return w.kit.box.Set
}

// Permits are the tools that may always run.
func (w *Window) Permits() []tools.Permit {
	if box := w.kit.opened(); box != nil {
		return box.Permits.List()
	}
	return nil
}

// Revoke takes a permission back.
func (w *Window) Revoke(p tools.Permit) {
	if err := w.kit.opened().Permits.Remove(p); err != nil {
		w.notify(err)
	}
}

// loop is what runs the calls of the open conversation. It remembers what was
// allowed for it.
func (w *Window) loop() *tools.Loop {
	if loop := w.loops[w.Conversation]; loop != nil {
		return loop
	}
	loop := &tools.Loop{}
	if w.Conversation != 0 {
		w.loops[w.Conversation] = loop
	}
	return loop
}

// equip gives an answer its tools once they are open. An answer that is being
// continued has none: a call cannot begin in the middle of its words.
func (w *Window) equip(ctx context.Context, j *job) {
	select {
	case <-w.kit.ready:
	case <-ctx.Done():
		return
	}
	box := w.kit.box
	if box == nil || j.prefix != "" {
		return
	}
	if err := box.settled(ctx); err != nil && ctx.Err() != nil {
		return
	}
	j.tools = box.offered(j.builtin)
	j.loop.Tools, j.loop.Permits, j.loop.Use = box.Set, box.Permits, box.use(j.builtin)
	j.loop.Approver = tools.ApproverFunc(func(ctx context.Context, q tools.Question) (tools.Verdict, error) {
		return w.approve(ctx, j.message.Answer, q)
	})
}
