//go:build !headless

package ui

import (
	"errors"
	"io"
	"net/url"
	"strings"
	"sync"

	"golang.design/x/clipboard"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"

	"sirocco/app/crash"
	"sirocco/app/ui/files"
	"sirocco/app/view"
	"sirocco/app/view/i18n"
)

// dropped takes files and folders that were dropped on the window.
func (w *window) dropped(uris []fyne.URI) {
	var paths []string
	for _, u := range uris {
		if u.Scheme() == "file" {
			paths = append(paths, u.Path())
		}
	}
	w.view.Attachments.Add(paths)
	w.show("")
}

// chooseFiles asks for a picture or text file. The toolkit's dialog gives one
// at a time; several can be dropped.
func (w *window) chooseFiles() {
	files.Open(w.win, func(path string) { w.view.Attachments.Add([]string{path}) })
}

// clipboardReady opens the system's clipboard for pictures, once. The toolkit's
// own knows text only.
var clipboardReady = sync.OnceValue(clipboard.Init)

// paste takes a picture from the clipboard; without one, text does what it does.
func (w *window) paste(text func()) {
	held := w.app.Clipboard().Content()
	if paths := pastedPaths(held); len(paths) > 0 {
		w.view.Attachments.Add(paths)
		return
	}
	if held != "" {
		text()
		return
	}
	crash.Go(func() { // the clipboard's owner may be slow
		err := clipboardReady()
		var data []byte
		if err == nil {
			data = clipboard.Read(clipboard.FmtImage)
		}
		w.view.UIQueue.Post(func() {
			switch {
			case err != nil:
				w.view.Tell(errors.New(i18n.T("Pictures cannot be pasted on this desktop (it gives programs no access to them); save the picture and drop the file here.")))
			case len(data) > 0:
				w.view.Attachments.AddData(i18n.T("pasted picture"), data)
			}
		})
	})
}

// pastedPaths are the files a file manager put on the clipboard.
func pastedPaths(text string) (paths []string) {
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		u, err := url.Parse(strings.TrimSpace(line))
		if err != nil || u.Scheme != "file" {
			return nil
		}
		paths = append(paths, u.Path)
	}
	return paths
}

// copy puts text on the clipboard.
func (w *window) copy(text string) { w.app.Clipboard().SetContent(text) }

// askLink asks before a link is opened: a model may write any address.
func (w *window) askLink(target *url.URL) {
	if target.Scheme != "http" && target.Scheme != "https" && target.Scheme != "mailto" {
		w.view.Tell(errors.New(i18n.T("This address is not opened: %s", target.String())))
		w.refresh()
		return
	}
	address := prose(target.String())
	address.Wrapping = fyne.TextWrapBreak
	ask := dialog.NewCustomConfirm(i18n.T("Open this address?"), i18n.T("Open"), i18n.T("Cancel"),
		container.NewVBox(muted(i18n.T("The model wrote it; it leads out of this program.")), address),
		func(yes bool) {
			if yes {
				_ = w.app.OpenURL(target)
			}
		}, w.win)
	ask.Resize(fyne.NewSize(480, 0))
	ask.Show()
}

// importChat asks for a conversation that was saved as JSON.
func (w *window) importChat() {
	files.Open(w.win, func(path string) {
		w.show("")
		w.view.Import(path)
	}, ".json")
}

// export saves a conversation as a file.
func (w *window) export(row view.Row, asJSON bool) {
	ending := ".md"
	if asJSON {
		ending = ".json"
	}
	files.Save(w.win, view.FileName(row.Title)+ending, func(file io.WriteCloser, _ string, err error) {
		if err != nil {
			w.view.Tell(err)
			w.refresh()
			return
		}
		w.view.Export(row.ID, asJSON, func(data []byte) error {
			_, err := file.Write(data)
			return errors.Join(err, file.Close())
		})
	})
}
