//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
	"sirocco/app/ui/alive"
	"sirocco/app/ui/inspector"
	"sirocco/app/view"
)

// window is the main window.
type window struct {
	app     fyne.App
	win     fyne.Window
	options Options
	view    *view.Window
	theme   *appTheme
	tips    *tips

	root       *fyne.Container
	alive      *alive.Watch // keeps the toolkit painting
	shell      *shell
	header     *header
	side       *side
	transcript *transcript
	finder     *finder
	composer   *composer
	notice     *fyne.Container
	band       *fyne.Container
	empty      *fyne.Container
	chat       *fyne.Container
	page       *page         // settings or models, over the conversation; or nil
	reopen     string        // a page that goes on after everything was made anew
	popup      *widget.PopUp // a picture shown large; or nil
	rebuilding bool
	started    chan struct{} // closed when the toolkit runs
	dump       *dump
	inspector  *inspector.Inspector // the second window; or nil
	allow      *button              // of a call that waits for permission; or nil
}

func newWindow(a fyne.App, o Options) *window {
	w := &window{app: a, options: o, win: a.NewWindow("Sirocco"), started: make(chan struct{})}
	a.Lifecycle().SetOnStarted(func() { close(w.started) })
	w.view = view.New(view.Options{
		Engines: o.Engines, Store: o.Store, Settings: o.Settings, Kept: o.Kept, Tools: view.OpenToolbox,
		Do:    func(f func()) { <-w.started; fyne.DoAndWait(f) },
		After: w.refresh,
	})
	w.view.AskInput, w.view.OpenAddress, w.view.Elicit = w.askInput, w.openAddress, w.elicit
	w.dump = newDump(w, o.Dump)
	w.rebuild()
	w.win.SetMaster()
	w.win.SetPadded(false)
	w.win.Resize(fyne.NewSize(max(480, o.Settings.Width), max(400, o.Settings.Height)))
	w.win.SetOnDropped(func(_ fyne.Position, uris []fyne.URI) { crash.Call(func() { w.dropped(uris) }) })
	w.win.SetCloseIntercept(func() { crash.Call(w.close) })
	w.keys()
	a.Settings().AddListener(func(fyne.Settings) { w.rebuild() })
	if o.Notice != nil {
		w.view.Tell(o.Notice)
	}
	if o.Settings.Conversation != 0 {
		w.view.Open(o.Settings.Conversation)
	}
	w.view.Attachments.Add(o.Files)
	w.win.Canvas().Focus(w.composer.entry)
	w.dump.forget() // up to here nothing was shown
	return w
}

// rebuild makes all widgets anew: for another theme, text size or language. What
// stands in the entry stays.
func (w *window) rebuild() {
	if w.rebuilding { // the theme's own listener calls back
		return
	}
	w.rebuilding = true
	defer func() { w.rebuilding = false }()
	defer w.dump.lap("rebuild")()
	draft := ""
	if w.composer != nil {
		draft = w.composer.entry.Text
	}
	w.theme = newAppTheme(w.view.Settings)
	w.win.SetContent(container.NewStack()) // or the theme would draw all that goes once more
	w.app.Settings().SetTheme(w.theme)
	w.build()
	w.composer.entry.SetText(draft)
	w.win.SetContent(w.root)
	const words = view.DirtyMessages | view.DirtyAnswer
	w.draw(^words)
	rest := func() {
		if len(w.shell.middle.Objects) == 0 {
			w.show(w.reopen)
		}
		w.reopen = ""
		w.focusEntry()
		w.refreshOnly(words)
	}
	select {
	case <-w.started: // keys may be heard between the two
		fyne.Do(rest)
	default:
		rest()
	}
}

// build makes the widgets; a page that was open is made anew later.
func (w *window) build() {
	if w.page != nil {
		w.reopen = w.page.name
	}
	w.page = nil
	w.tips = newTips()
	w.header, w.side, w.transcript, w.finder = w.newHeader(), w.newSide(), w.newTranscript(), w.newFinder()
	w.notice, w.band, w.empty = container.NewStack(), container.NewStack(), container.NewStack()
	w.composer = w.newComposer()
	w.chat = container.NewBorder(column(w.band, w.finder.object), w.composer.object, nil, nil, container.NewStack(w.transcript.stack, w.empty))
	w.shell = newShell(w)
	if w.reopen != "" {
		w.shell.middle.Objects = nil
	}
	w.alive = alive.Keep(w.win)
	w.root = container.NewStack(w.shell.object, w.tips.layer, w.alive)
}

// refresh draws what has changed in the view.
func (w *window) refresh() {
	lap := w.dump.lap("update")
	w.draw(w.view.Take())
	lap()
	w.dump.write()
}

// refreshAll draws everything.
func (w *window) refreshAll() { w.refreshOnly(^view.Dirty(0)) }

// refreshOnly draws some parts, changed or not.
func (w *window) refreshOnly(parts view.Dirty) {
	lap := w.dump.lap("draw all")
	w.draw(w.view.Take() | parts)
	lap()
	w.dump.write()
}

func (w *window) draw(d view.Dirty) {
	if d&view.DirtyMessages != 0 {
		w.transcript.show(w.view.Messages)
		w.composer.refresh()
		w.showEmpty()
	} else if d&view.DirtyAnswer != 0 && w.view.Answering != nil {
		w.transcript.update(w.view.Answering)
	}
	if d&(view.DirtyAttachments|view.DirtyHost) != 0 {
		w.composer.attachments.refresh()
		w.layoutChat()
	}
	if d&view.DirtyContextMeter != 0 {
		w.composer.showMeter()
	}
	if d&(view.DirtyHost|view.DirtyMessages) != 0 {
		w.header.refresh()
		w.showBand()
	}
	if d&(view.DirtyHost|view.DirtyMessages|view.DirtyModels) != 0 && len(w.view.Messages) == 0 && !w.view.Settings.Welcomed {
		w.showEmpty()
	}
	if d&(view.DirtyHost|view.DirtyModels) != 0 && w.page != nil && w.page.refresh != nil {
		w.page.refresh()
	}
	if d&view.DirtyTools != 0 && w.page != nil && w.page.tools != nil {
		w.page.tools()
	}
	if d&view.DirtyTraffic != 0 && w.page != nil && w.page.traffic != nil {
		w.page.traffic()
	}
	if d&view.DirtyList != 0 {
		w.side.refresh()
	}
	if d&view.DirtyNotice != 0 {
		w.showNotice()
	}
	if d != 0 {
		w.alive.Wake()
	}
}

// layoutChat gives the composer the height it needs now. Refreshing the container
// would draw the whole conversation again.
func (w *window) layoutChat() {
	if w.chat != nil {
		w.chat.Layout.Layout(w.chat.Objects, w.chat.Size())
	}
}

// close keeps the window's state and closes it.
func (w *window) close() {
	s := w.view.Settings
	s.Width, s.Height = w.win.Canvas().Size().Width, w.win.Canvas().Size().Height
	s.Save()
	w.win.Close()
}

// raise brings the window forward for a second start of the program.
func (w *window) raise(files []string) {
	w.win.RequestFocus()
	w.view.Attachments.Add(files)
}
