//go:build !headless

// Package files asks for files: the toolkit's dialogs, opened in the one order that
// they survive. They must be shown before they get their size, since Resize reads
// widgets that Show makes. In: a window and what to do with the choice. Out: paths.
// All of the windows use it, and nobody else makes such a dialog.
package files

import (
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
)

// Open asks for a file to read, of those endings where any are given (".json").
func Open(win fyne.Window, chosen func(path string), endings ...string) {
	ask := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		if err != nil || file == nil {
			return
		}
		file.Close()
		chosen(file.URI().Path())
	}, win)
	if len(endings) > 0 {
		ask.SetFilter(storage.NewExtensionFileFilter(endings))
	}
	show(ask, win)
}

// Folder asks for a folder.
func Folder(win fyne.Window, chosen func(path string)) {
	show(dialog.NewFolderOpen(func(folder fyne.ListableURI, err error) {
		if err == nil && folder != nil {
			chosen(folder.Path())
		}
	}, win), win)
}

// Save asks where to write a file. An error is of making it there.
func Save(win fyne.Window, name string, chosen func(file io.WriteCloser, path string, err error)) {
	ask := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) {
		switch {
		case err != nil:
			chosen(nil, "", err)
		case file != nil:
			chosen(file, file.URI().Path(), nil)
		}
	}, win)
	ask.SetFileName(name)
	show(ask, win)
}

// show opens a dialog over most of the window.
func show(ask *dialog.FileDialog, win fyne.Window) {
	ask.Show()
	room := win.Canvas().Size()
	ask.Resize(fyne.NewSize(min(900, room.Width*0.9), min(640, room.Height*0.9)))
}
