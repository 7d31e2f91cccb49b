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
}

// OpenToolbox opens the tools of the list in the user's config folder, and the
// built-in ones. What cannot be opened is left out; the error says why.
func OpenToolbox(ctx context.Context) (*Toolbox, error) {
	permits, failure := tools.OpenPermits(tools.PermitsPath())
	config, err := toolbox.Read(tools.ConfigPath(), toolbox.Options{})
	if err != nil {
		config = &tools.Config{}
		if errors.Is(err, os.ErrNotExist) {
			err = nil
		}
	}
	set, unreachable := config.Open(ctx)
	return &Toolbox{Set: set, Named: config.Builtin != nil, Permits: permits}, errors.Join(err, failure, unreachable)
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
	box   *Toolbox      // may be nil
	close context.CancelFunc
}

func (w *Window) openTools(open func(context.Context) (*Toolbox, error)) {
	ctx, cancel := context.WithCancel(context.Background())
	k := &kit{ready: make(chan struct{}), close: cancel}
	w.kit = k
	if open == nil {
		close(k.ready)
		return
	}
	crash.Go(func() {
		var err error
		k.box, err = open(ctx)
		close(k.ready)
		w.UIQueue.Post(func() {
			if err != nil && ctx.Err() == nil {
				w.notify(err)
			}
			w.measure()
		})
	})
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
	j.tools = box.offered(j.builtin)
	j.loop.Tools, j.loop.Permits, j.loop.Use = box.Set, box.Permits, box.use(j.builtin)
	j.loop.Approver = tools.ApproverFunc(func(ctx context.Context, q tools.Question) (tools.Verdict, error) {
		return w.approve(ctx, j.message.Answer, q)
	})
}
