package view

import (
	"errors"
	"os"
	"strings"

	"sirocco/app/crash"
	"sirocco/app/view/i18n"
)

// Export writes a conversation as Markdown or JSON, in the background.
func (w *Window) Export(id int64, asJSON bool, write func([]byte) error) {
	crash.Go(func() {
		var data []byte
		var err error
		if asJSON {
			data, err = w.store.Export(id)
		} else {
			var text string
			text, err = w.store.Markdown(id)
			data = []byte(text)
		}
		if err == nil {
			err = write(data)
		}
		w.UIQueue.Post(func() {
			if err != nil {
				w.notify(err)
				return
			}
			w.notify(errors.New(i18n.T("Saved.")))
		})
	})
}

// FileName makes a title harmless as the name of a file.
func FileName(title string) string {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return ' '
		}
		return r
	}, title)
	name = strings.Join(strings.Fields(strings.Trim(name, ". ")), " ")
	if r := []rune(name); len(r) > 60 {
		name = string(r[:60])
	}
	if name == "" {
		return "Sirocco"
	}
	return name
}

// Import adds conversations that were saved as JSON and opens the last of them.
func (w *Window) Import(paths ...string) {
	crash.Go(func() {
		var last int64
		var failed error
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err == nil {
				last, err = w.store.Import(data)
			}
			failed = errors.Join(failed, err)
		}
		w.UIQueue.Post(func() {
			if failed != nil {
				w.notify(failed)
			}
			w.List.Reload()
			w.Open(last)
		})
	})
}
