//go:build !headless

package ui

import (
	"fmt"
	"net/url"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
	"sirocco/app/tools"
	"sirocco/app/view"
	"sirocco/app/view/i18n"
)

// elicit shows a question of a server's, in the middle of a call, as a form.
func (w *window) elicit(e view.Elicited) {
	title := i18n.T("%s asks", short(e.Server, 40))
	if e.URL != "" {
		w.elicitPage(title, e)
		return
	}
	entries := map[string]string{}
	form := container.NewVBox(pad(snug(prose(e.Message)), 0, 6, 0, 0))
	fault := prose("")
	fault.Importance = widget.DangerImportance
	for _, f := range e.Fields {
		entries[f.Name] = f.Default
		label := f.Name
		if f.Required {
			label += " *"
		}
		if f.Kind != "boolean" { // whose switch says it
			form.Add(caption(label))
		}
		form.Add(w.elicitEntry(f, entries))
		if f.Description != "" {
			form.Add(snug(remark(f.Description)))
		}
	}
	form.Add(fault)
	scroll := container.NewVScroll(form)
	scroll.SetMinSize(fyne.NewSize(440, min(420, form.MinSize().Height+40)))
	var ask *dialog.CustomDialog
	answer := func(action string) func() {
		return func() { e.Answer(tools.ElicitationAnswer{Action: action, Entries: entries}); ask.Hide() }
	}
	send := w.solidButton(i18n.T("Answer"), nil, "", func() {
		for _, f := range e.Fields {
			if text := f.Fits(entries[f.Name]); text != "" {
				fault.SetText(fmt.Sprintf("%s: %s", f.Name, text))
				return
			}
		}
		answer(tools.Accepted)()
	})
	send.Importance = widget.HighImportance
	ask = dialog.NewCustomWithoutButtons(title, scroll, w.win)
	ask.SetButtons([]fyne.CanvasObject{
		w.solidButton(i18n.T("Cancel"), nil, "", answer(tools.Cancelled)),
		w.solidButton(i18n.T("Decline"), nil, i18n.T("The server is told that you do not answer"), answer(tools.Declined)), send})
	ask.Show()
}

// elicitEntry is where an answer is written.
func (w *window) elicitEntry(f tools.Field, entries map[string]string) fyne.CanvasObject {
	set := func(text string) { entries[f.Name] = text }
	if f.Kind == "boolean" {
		entries[f.Name] = fmt.Sprint(f.Default == "true")
		return w.newCheck(f.Name, f.Default == "true", func(on bool) { set(fmt.Sprint(on)) })
	}
	if len(f.Choices) > 0 {
		p := w.pick(f.Choices, f.Choices, f.Default, set)
		p.name = f.Name
		return p.shown()
	}
	e := newField(w, f.Name)
	e.SetText(f.Default)
	e.OnChanged = func(text string) { crash.Call(func() { set(text) }) }
	return e
}

// elicitPage asks whether a page of the server's is to be opened: it sees what is
// written there, the model does not.
func (w *window) elicitPage(title string, e view.Elicited) {
	address := prose(e.URL)
	address.Wrapping = fyne.TextWrapBreak
	body := container.NewVBox(prose(e.Message), address)
	ask := dialog.NewCustomConfirm(title, i18n.T("Open"), i18n.T("Decline"), body, func(yes bool) {
		action := tools.Declined
		if u, err := url.Parse(e.URL); yes && err == nil && w.app.OpenURL(u) == nil {
			action = tools.Accepted
		}
		e.Answer(tools.ElicitationAnswer{Action: action})
	}, w.win)
	ask.Resize(fyne.NewSize(480, 0))
	ask.Show()
}
