//go:build !headless

// Package inspector is the second window: what really happened in a turn, and the
// buttons that change it and run on. It shows a controller.TurnView and holds no logic of
// its own. Open this file first, then timeline.go for the upper half and
// prompt.go, call.go, tokens.go and compare.go for the panes below.
package inspector

import (
	"context"
	"time"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
	"sirocco/app/inspect"
	"sirocco/app/inspect/controller"
	"sirocco/app/ui/alive"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// Options are what the inspector is given by the main window.
type Options struct {
	App        fyne.App
	Controller *controller.Controller
	// Changed is told a conversation that has a new branch.
	Changed func(conversation int64)
	// Closed is called when the window is closed.
	Closed func()
	// Lap, if there is one, times what is done in the toolkit's goroutine from its
	// call until what it returns is called.
	Lap func(name string) func()
	// Do has something done in the toolkit's goroutine and returns when it is done; nil
	// is fyne.DoAndWait.
	Do func(func())
	// Stepped, if there is one, is called in the toolkit's goroutine when the window has
	// looked at the history, four times a second.
	Stepped func()
}

// Inspector is the open window.
type Inspector struct {
	options    Options
	controller *controller.Controller
	win        fyne.Window
	view       *controller.TurnView
	opening    int // how often a turn was asked for
	round      int // the answer that the panes show
	turns      []int64

	head     *head
	timeline *timeline
	tabs     *container.AppTabs
	prompt   *promptPane
	call     *callPane
	tokens   *tokensPane
	pictures *picturesPane
	sampling *samplingPane
	compare  *comparePane
	stop     context.CancelFunc // ends what runs on, or nil
	done     chan struct{}
}

// The tabs in their order.
const (
	tabPrompt = iota
	tabCall
	tabTokens
	tabPictures
	tabSampling
	tabCompare
)

// New opens the window on the newest turn of a conversation. It must be called in
// the toolkit's goroutine.
func New(o Options, conversation int64) *Inspector {
	i := &Inspector{options: o, controller: o.Controller, win: o.App.NewWindow(i18n.T("Inspector")), done: make(chan struct{})}
	if i.options.Do == nil {
		i.options.Do = fyne.DoAndWait
	}
	i.head, i.timeline = newHead(i), newTimeline(i)
	i.prompt, i.call, i.tokens = newPromptPane(i), newCallPane(i), newTokensPane(i)
	i.pictures, i.sampling, i.compare = newPicturesPane(i), newSamplingPane(i), newComparePane(i)
	i.tabs = container.NewAppTabs(
		container.NewTabItem(i18n.T("Prompt"), i.prompt.object), container.NewTabItem(i18n.T("Call"), i.call.object), container.NewTabItem(i18n.T("Tokens"), i.tokens.object),
		container.NewTabItem(i18n.T("Pictures"), i.pictures.object), container.NewTabItem(i18n.T("Sampling"), i.sampling.object), container.NewTabItem(i18n.T("Compare"), i.compare.object))
	i.tabs.OnSelected = func(*container.TabItem) {
		defer i.lap("pane")()
		i.showPane()
	}
	split := container.NewVSplit(i.timeline.object, i.tabs)
	split.Offset = 0.36
	i.win.SetContent(container.NewStack(container.NewBorder(i.head.object, nil, nil, nil, split), alive.Keep(i.win)))
	i.win.Resize(fyne.NewSize(1120, 780))
	i.win.SetOnClosed(i.closed)
	i.shortcuts()
	i.Show(conversation)
	i.win.Show()
	crash.Go(func() { i.followEvents() })
	return i
}

// shortcuts closes the window with Ctrl+W and turns to a pane with Ctrl and its number.
func (i *Inspector) shortcuts() {
	on := func(key fyne.KeyName, do func()) {
		i.win.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) { crash.Call(do) })
	}
	on(fyne.KeyW, i.win.Close)
	for n := range i.tabs.Items {
		on(fyne.KeyName(rune('1'+n)), func() { i.tabs.SelectIndex(n) })
	}
}

// Show turns to the newest turn of a conversation.
func (i *Inspector) Show(conversation int64) {
	turn, err := i.controller.Latest(conversation)
	if err != nil || turn == 0 {
		i.fail(err)
		i.head.empty()
		return
	}
	i.open(turn)
}

// ShowCall turns to a call of a turn.
func (i *Inspector) ShowCall(turn int64, round, call int) {
	i.openAt(turn, func() {
		i.round = max(0, min(round, len(i.view.Rounds)-1))
		i.call.selectCall(round, call)
		i.tabs.SelectIndex(tabCall)
	})
}

// Raise brings the window to the front.
func (i *Inspector) Raise() { i.win.RequestFocus() }

func (i *Inspector) closed() {
	close(i.done)
	for _, stop := range []context.CancelFunc{i.stop, i.pictures.stop} {
		if stop != nil {
			stop()
		}
	}
	if i.options.Closed != nil {
		i.options.Closed()
	}
}

// open shows a turn.
func (i *Inspector) open(turn int64) { i.openAt(turn, func() {}) }

// openAt shows a turn and turns to something in it. It is read in the background: a
// long one takes a while, and the last one asked for is the one that is shown.
func (i *Inspector) openAt(turn int64, turnTo func()) {
	i.opening++
	mine := i.opening
	crash.Go(func() {
		view, err := i.controller.Open(turn)
		var turns []int64
		if err == nil {
			turns, err = i.controller.Store.Turns(view.Conversation)
		}
		i.do("open", func() {
			switch {
			case mine != i.opening:
				return
			case view == nil:
				i.fail(err)
				return
			}
			i.view, i.turns, i.round = view, turns, 0
			i.win.SetTitle(i18n.T("Inspector — %s, turn %d", view.Title, view.Number))
			i.timeline.list.UnselectAll()
			if i.tabs.SelectedIndex() == tabCall && len(view.Calls()) == 0 {
				i.tabs.SelectIndex(tabTokens) // there is no call to show
			}
			turnTo()
			i.refresh()
			i.fail(err)
		})
	})
}

// refresh draws everything that is in sight.
func (i *Inspector) refresh() {
	i.head.refresh()
	i.timeline.refresh()
	i.showPane()
}

// showPane draws the pane that is in sight; the others wait until they are.
func (i *Inspector) showPane() {
	if i.view == nil {
		return
	}
	switch i.tabs.SelectedIndex() {
	case tabPrompt:
		i.prompt.show()
	case tabCall:
		i.call.show()
	case tabTokens:
		i.tokens.show()
	case tabPictures:
		i.pictures.show()
	case tabSampling:
		i.sampling.show()
	case tabCompare:
		i.compare.show()
	}
}

// followEvents takes in what happens in a live turn, four times a second, and the turns
// that begin.
func (i *Inspector) followEvents() {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-i.done:
			return
		case <-tick.C:
			i.options.Do(func() {
				i.step()
				if i.options.Stepped != nil {
					i.options.Stepped()
				}
			})
		}
	}
}

// step is one look at the history. Reading a few new events takes a
// millisecond; a turn that is over costs nothing.
func (i *Inspector) step() {
	defer i.lap("follow")()
	if i.view == nil {
		return
	}
	i.compare.followRun()
	if !i.view.Live {
		i.next()
		return
	}
	changed, err := i.controller.Follow(i.view)
	if err != nil {
		i.view.Live = false
		i.fail(err)
	}
	if changed {
		i.refresh()
	}
}

// next turns to a turn that has begun since, if the newest was shown.
func (i *Inspector) next() {
	if i.compare.calling {
		return
	}
	latest, err := i.controller.Latest(i.view.Conversation)
	if err == nil && len(i.turns) > 0 && i.view.ID == i.turns[len(i.turns)-1] && latest > i.view.ID {
		i.open(latest)
	}
}

// answer is the round that the panes show, nil while there is none.
func (i *Inspector) answer() *inspect.Round {
	if i.view == nil || i.round >= len(i.view.Rounds) {
		return nil
	}
	return i.view.Rounds[i.round]
}

// runOn answers a request as a branch and follows it.
func (i *Inspector) runOn(request *chat.Request, err error) {
	if err != nil {
		i.fail(err)
		return
	}
	view := i.view
	request.Logprobs = max(request.Logprobs, 5)
	i.run(view, func(ctx context.Context) error {
		return i.controller.Continue(ctx, view, request, func(turn int64) { i.do("branch", func() { i.open(turn) }) })
	}, func() {})
}

// run has something answered in the background, in place of what is being answered
// for this window, and tells the main window that a turn's conversation has changed.
func (i *Inspector) run(of *controller.TurnView, answer func(context.Context) error, ended func()) {
	if i.stop != nil {
		i.stop()
	}
	ctx, cancel := context.WithCancel(context.Background())
	i.stop = cancel
	crash.Go(func() {
		defer cancel()
		err := answer(ctx)
		i.do("run on", func() {
			if i.options.Changed != nil {
				i.options.Changed(of.Conversation)
			}
			if ctx.Err() == nil {
				i.fail(err)
			}
			ended()
		})
	})
}

// do has something done in the toolkit's goroutine.
func (i *Inspector) do(name string, what func()) {
	i.options.Do(func() {
		defer i.lap(name)()
		what()
	})
}

// lap times a callback.
func (i *Inspector) lap(name string) func() {
	if i.options.Lap == nil {
		return func() {}
	}
	return i.options.Lap("inspector " + name)
}

// fail shows an error as a sentence; nil is none.
func (i *Inspector) fail(err error) {
	if err == nil {
		return
	}
	text := widget.NewLabel(capital(err.Error()))
	text.Wrapping = fyne.TextWrapWord
	d := dialog.NewCustom(i18n.T("That did not work"), i18n.T("Close"), text, i.win)
	d.Resize(fyne.NewSize(520, 180))
	d.Show()
}

// capital begins a sentence with a capital letter.
func capital(sentence string) string {
	first, size := utf8.DecodeRuneInString(sentence)
	return string(unicode.ToUpper(first)) + sentence[size:]
}

// Window is the toolkit's window, for dialogs.
func (i *Inspector) Window() fyne.Window { return i.win }
