//go:build !headless

package ui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/inspect"
	"sirocco/app/inspect/controller"
	"sirocco/app/tools"
	"sirocco/app/ui/inspector"
	"sirocco/app/view"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// inspect opens the inspector on the conversation that is shown, or brings it to
// the front.
func (w *window) inspect() {
	if w.inspector != nil {
		w.inspector.Show(w.view.Conversation)
		w.inspector.Raise()
		return
	}
	w.view.Watch(true)
	w.inspector = inspector.New(inspector.Options{
		App: w.app,
		Controller: &controller.Controller{
			Store: w.options.Store, Engine: w.view.Engine, Tools: w.view.Tools, Approver: tools.ApproverFunc(w.approve),
			Servers: func() []string { return w.view.Settings.Servers },
			Connect: func(ctx context.Context, address string) (chat.Engine, error) {
				return w.options.Engines.Open(ctx, view.Choice{Remote: address}, func(chat.Load) {})
			},
			Words: func() inspect.Vocabulary {
				if tok := w.view.Vocabulary(); tok != nil {
					return tok
				}
				return nil
			},
		},
		Changed: func(id int64) { w.view.UIQueue.Post(func() { w.view.Reread(id) }) },
		Closed:  func() { w.inspector = nil; w.view.Watch(false) },
		Lap:     w.dump.lap,
		Stepped: w.dump.stepped,
	}, w.view.Conversation)
}

// inspectCall opens the inspector at a call.
func (w *window) inspectCall(turn int64, round, call int) {
	if turn == 0 { // it was never saved
		return
	}
	w.inspect()
	w.inspector.ShowCall(turn, round, call)
}

// approve asks whether a tool may run. It is called from the loop's goroutine.
func (w *window) approve(ctx context.Context, q tools.Question) (tools.Verdict, error) {
	answer := make(chan tools.Verdict, 1)
	fyne.Do(func() {
		arguments := widget.NewLabel(q.Call.Arguments)
		arguments.Wrapping = fyne.TextWrapBreak
		arguments.TextStyle.Monospace = true
		source := widget.NewLabel(q.Tool.Source)
		source.Importance, source.Wrapping = widget.LowImportance, fyne.TextWrapBreak
		d := dialog.NewCustomConfirm(i18n.T("Run %s?", q.Tool.Name), i18n.T("Run"), i18n.T("Do not run"), container.NewVBox(arguments, source), func(ok bool) {
			decision := chat.Deny
			if ok {
				decision = chat.AllowOnce
			}
			answer <- tools.Verdict{Decision: decision}
		}, w.inspectorWindow())
		d.Resize(fyne.NewSize(480, 240))
		d.Show()
	})
	select {
	case v := <-answer:
		return v, nil
	case <-ctx.Done():
		return tools.Verdict{}, ctx.Err()
	}
}

func (w *window) inspectorWindow() fyne.Window {
	if w.inspector != nil {
		return w.inspector.Window()
	}
	return w.win
}
