//go:build !headless

package inspector

import (
	"context"
	"errors"
	"io"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
	"sirocco/app/inspect"
	"sirocco/app/inspect/controller"
	"sirocco/app/ui/files"
	"sirocco/app/view/i18n"
)

// exportMenu offers what can be made of a turn.
func (i *Inspector) exportMenu(below fyne.CanvasObject) {
	items := []*fyne.MenuItem{
		fyne.NewMenuItem(i18n.T("Page (HTML)…"), func() { i.save("turn.html", i.controller.Page) }),
		fyne.NewMenuItem(i18n.T("Session (JSON)…"), func() { i.save("session.json", i.saveSession(nil)) }),
	}
	if endpoint := os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT"); endpoint != "" {
		items = append(items, fyne.NewMenuItem(i18n.T("Send as trace to %s", endpoint), func() { i.sendTrace(endpoint) }))
	}
	place := fyne.CurrentApp().Driver().AbsolutePositionForObject(below).AddXY(0, below.Size().Height)
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), i.win.Canvas(), place)
}

// saveCase saves the turn with what it must give when it is asked again.
func (i *Inspector) saveCase() {
	expect := controller.Expectations(i.view)
	if len(expect) == 0 {
		i.fail(errors.New(i18n.T("The turn made no call and said nothing, so there is nothing to expect of it.")))
		return
	}
	i.save("case.json", i.saveSession(expect))
}

// saveSession saves a session file and says how many secrets were taken out.
func (i *Inspector) saveSession(expect []inspect.Expect) func(*controller.TurnView, string) error {
	return func(v *controller.TurnView, path string) error {
		n, err := i.controller.Save(v, path, expect)
		if err == nil && n > 0 {
			fyne.Do(func() {
				dialog.ShowInformation(i18n.T("Secrets were taken out"), i18n.T("%d texts that look like keys or passwords are not in the file; the lists of tokens, which would spell them, are left out too.", n), i.win)
			})
		}
		return err
	}
}

// save asks for a file and writes it.
func (i *Inspector) save(name string, write func(*controller.TurnView, string) error) {
	view := i.view
	files.Save(i.win, name, func(file io.WriteCloser, path string, err error) {
		if err != nil {
			i.fail(err)
			return
		}
		file.Close()
		i.fail(write(view, path))
	})
}

// sendTrace posts the turn to a collector.
func (i *Inspector) sendTrace(endpoint string) {
	view := i.view
	crash.Go(func() {
		trace := inspect.Trace{Endpoint: endpoint}
		err := trace.Send(context.Background(), view.Turn, view.Created)
		fyne.Do(func() { i.fail(err) })
	})
}

func (i *Inspector) copyText() {
	if r := i.answer(); r != nil && r.Prompt != nil {
		i.options.App.Clipboard().SetContent(inspect.PromptText(r.Prompt, i.words()))
	}
}

func (i *Inspector) copyIDs() {
	if r := i.answer(); r != nil && r.Prompt != nil {
		i.options.App.Clipboard().SetContent(inspect.PromptIDs(r.Prompt))
	}
}

func (i *Inspector) copyCurl() {
	if i.view == nil {
		return
	}
	command, err := inspect.Curl("http://127.0.0.1:8080", i.view.Again(i.round), i.view.About.Model.Name)
	if err != nil {
		i.fail(err)
		return
	}
	i.options.App.Clipboard().SetContent(command)
}
