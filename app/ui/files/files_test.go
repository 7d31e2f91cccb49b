//go:build !headless

package files

import (
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

// Every dialog opens over a window of any size.
func TestDialogsOpen(t *testing.T) {
	for name, ask := range map[string]func(fyne.Window){
		"open":          func(w fyne.Window) { Open(w, func(string) {}) },
		"open filtered": func(w fyne.Window) { Open(w, func(string) {}, ".json") },
		"folder":        func(w fyne.Window) { Folder(w, func(string) {}) },
		"save":          func(w fyne.Window) { Save(w, "a.md", func(io.WriteCloser, string, error) {}) },
	} {
		for _, size := range []fyne.Size{{Width: 1120, Height: 760}, {Width: 200, Height: 100}} {
			t.Run(name, func(t *testing.T) {
				test.NewTempApp(t)
				w := test.NewTempWindow(t, widget.NewLabel("x"))
				w.Resize(size)
				ask(w)
				if w.Canvas().Overlays().Top() == nil {
					t.Error("no dialog is shown")
				}
			})
		}
	}
}

// No other package makes a file dialog of its own: it would open in the wrong order.
func TestNobodyElseMakesDialogs(t *testing.T) {
	root := "../.."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || filepath.Dir(path) == filepath.Join(root, "ui", "files") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if _, err := parser.ParseFile(token.NewFileSet(), path, data, parser.ImportsOnly); err != nil {
			return err
		}
		for _, made := range []string{"dialog.NewFileOpen(", "dialog.NewFileSave(", "dialog.NewFolderOpen(", "dialog.ShowFileOpen(", "dialog.ShowFileSave(", "dialog.ShowFolderOpen("} {
			if strings.Contains(string(data), made) {
				t.Errorf("%s calls %s; package files does that", path, strings.TrimSuffix(made, "("))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
