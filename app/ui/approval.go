//go:build !headless

package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/view"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// showApproval shows a call that waits for a word, in the place of the answer.
func (r *row) showApproval(a *view.Answer) {
	show(r.approval, a.Ask != nil)
	if r.asking == a.Ask {
		return
	}
	r.asking, r.approval.Objects = a.Ask, nil
	if a.Ask != nil {
		r.approval.Objects = []fyne.CanvasObject{r.w.askCard(a.Ask)}
	} else {
		r.w.allow = nil
		r.w.focusEntry()
	}
	r.approval.Refresh()
}

// askCard asks whether a call may run.
func (w *window) askCard(ask *view.Ask) fyne.CanvasObject {
	arguments := newArgumentsEntry(w, ask.Arguments)
	decide := func(decision string) func() {
		return func() { ask.Decide(decision, arguments.Text) }
	}
	once := w.textButton(i18n.T("Allow once"), theme.ConfirmIcon(), i18n.T("Run it with these arguments (Ctrl+J comes here)"), decide(chat.AllowOnce))
	once.Importance = widget.HighImportance
	buttons := container.NewHBox(once,
		w.textButton(i18n.T("For this conversation"), nil, i18n.T("Do not ask about this tool again in this conversation"), decide(chat.AllowConversation)),
		w.textButton(i18n.T("Always"), nil, i18n.T("Never ask about this tool again; the settings take it back"), decide(chat.AllowAlways)),
		w.textButton(i18n.T("Deny"), theme.CancelIcon(), i18n.T("The model is told that you did not allow it"), decide(chat.Deny)))
	w.allow = once
	about := ask.Source
	if ask.ReadOnly {
		about += " · " + i18n.T("its maker says that it changes nothing")
	}
	who := widget.NewRichText(&widget.TextSegment{Text: about, Style: small()})
	who.Wrapping = fyne.TextWrapWord // all of it: this is what would run
	body := column(pad(heading(i18n.T("May %s run?", ask.Name), theme.SizeNameText), 6, 0, 4, 0), pad(snug(who), 0, 4, 4, 0), arguments)
	if ask.Changed != "" {
		changed := prose(ask.Changed)
		changed.Importance = widget.WarningImportance
		body.Add(changed)
	}
	if ask.Fault != "" {
		fault := prose(ask.Fault)
		fault.Importance = widget.DangerImportance
		body.Add(fault)
	}
	body.Add(pad(w.newSideScroll(buttons), 6, 2, 0, 0))
	bar := canvas.NewRectangle(shade(theme.ColorNamePrimary))
	bar.SetMinSize(fyne.NewSize(3, 1))
	return container.NewStack(box(colorBubble, 8), container.NewBorder(nil, nil, bar, nil, pad(body, 4, 4, 6, 6)))
}

// toApproval goes to the call that waits for a word, if there is one.
func (w *window) toApproval() {
	if w.allow != nil && w.page == nil {
		w.transcript.toEnd()
		w.win.Canvas().Focus(w.allow)
		w.dump.write()
	}
}

// argumentsEntry holds a call's arguments. Tab leaves it, as it does a button.
type argumentsEntry struct {
	widget.Entry
	w *window
}

func newArgumentsEntry(w *window, text string) *argumentsEntry {
	e := &argumentsEntry{w: w}
	e.ExtendBaseWidget(e)
	e.MultiLine, e.Wrapping = true, fyne.TextWrapBreak
	e.TextStyle.Monospace = true
	e.SetMinRowsVisible(min(10, strings.Count(text, "\n")+1))
	e.SetText(text)
	return e
}

// AccessibilityLabel is what a screen reader says.
func (e *argumentsEntry) AccessibilityLabel() string { return i18n.T("Arguments") }

// AcceptsTab leaves tabs to the focus.
func (e *argumentsEntry) AcceptsTab() bool { return false }

// TypedKey stops the answer with Esc.
func (e *argumentsEntry) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		e.w.escape()
		return
	}
	e.Entry.TypedKey(k)
}

// TypedShortcut lets the window's shortcuts work here too.
func (e *argumentsEntry) TypedShortcut(s fyne.Shortcut) {
	if !e.w.shortcut(s) {
		e.Entry.TypedShortcut(s)
	}
}
