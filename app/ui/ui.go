//go:build !headless

// Package ui is the window: widgets that show what package view holds, and hand
// on what a person does. There is no logic here that a test would need a display
// for. Open ui.go first, then window.go; transcript.go and row.go show the
// conversation, composer.go the place where a question is written.
//
// Everything here runs in the toolkit's goroutine. Only view.Feed brings work
// from elsewhere, through fyne.Do and at most 20 times a second.
package ui

import (
	"context"
	"errors"
	"fmt"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
	"sirocco/app/history"
	"sirocco/app/view"
	"sirocco/app/view/i18n"
)

// Options are what the window is given.
type Options struct {
	ID, Version string
	Icon        []byte // PNG
	Sample      []byte // a picture to try the program on
	Engines     view.Engines
	Store       *history.Store
	Settings    *view.Settings
	Notice      error // something the user should read at the start
	Instance    *view.Instance
	Files       []string // to be put into the attachments
	Crashes     string   // folder for reports of faults
	Kept        string   // folder for what the model has read of conversations
	Dump        string   // file that the state is written to, for tests
}

// Run opens the window and returns when it is closed.
func Run(ctx context.Context, o Options) error {
	if err := display(); err != nil {
		return err
	}
	var w *window
	earlier := crash.Begin(o.Crashes, func(report string) {
		if w != nil {
			w.view.UIQueue.Post(func() { w.view.Tell(faultSentence(report)) })
		}
	})
	defer crash.End()
	err := begin(func() fyne.Window {
		w = newWindow(newApp(o), o)
		return w.win
	})
	if w != nil {
		defer w.view.Close()
	}
	if err != nil {
		return err
	}
	if earlier != "" && o.Notice == nil {
		w.view.Tell(errors.New(i18n.T("Sirocco ended unexpectedly last time. Your conversations are kept. What happened is in %s.", earlier)))
	}
	stop := context.AfterFunc(ctx, func() { fyne.Do(func() { w.win.Close() }) })
	defer stop()
	if o.Instance != nil { // from here on a later start can be shown this window
		o.Instance.Listen(func(files []string, shown func()) {
			w.view.UIQueue.Post(func() { w.raise(files); shown() })
		})
	}
	w.app.Run()
	return nil
}

// Say shows a window with the sentence of what keeps the program from starting, for
// one who did not start it from a terminal.
func Say(o Options, what error) error {
	if err := display(); err != nil {
		return err
	}
	var a fyne.App
	err := begin(func() fyne.Window {
		a = newApp(o)
		win := a.NewWindow("Sirocco")
		close := widget.NewButton(i18n.T("Close"), win.Close)
		text := widget.NewLabel(what.Error())
		text.Wrapping, text.Selectable = fyne.TextWrapWord, true
		win.SetContent(container.NewPadded(container.NewBorder(nil, container.NewCenter(close), nil, nil, container.NewVScroll(text))))
		win.Resize(fyne.NewSize(520, 220))
		win.SetMaster()
		return win
	})
	if err == nil {
		a.Run()
	}
	return err
}

func newApp(o Options) fyne.App {
	app.SetMetadata(fyne.AppMetadata{ID: o.ID, Name: "Sirocco", Version: o.Version, Icon: fyne.NewStaticResource("icon.png", o.Icon),
		Migrations: map[string]bool{"fyneDo": true}})
	a := app.NewWithID(o.ID)
	a.SetIcon(fyne.NewStaticResource("icon.png", o.Icon))
	return a
}

// faultSentence tells of a fault that did not end the window.
func faultSentence(report string) error {
	if report == "" {
		return errors.New(i18n.T("Something went wrong inside the program. You can go on."))
	}
	return errors.New(i18n.T("Something went wrong inside the program. You can go on. What happened is in %s.", report))
}

// Speak chooses the language of the interface.
func Speak(s *view.Settings) {
	code := s.Language
	if code == "" {
		code = lang.SystemLocale().LanguageString()
	}
	if len(code) > 2 {
		code = code[:2]
	}
	i18n.Use(code)
}

// display refuses to start where there is none, before the toolkit panics.
func display() error {
	if needsDisplay && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return fmt.Errorf("there is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set); sirocco ask and sirocco serve need none")
	}
	return nil
}
