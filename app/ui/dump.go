//go:build !headless

package ui

import (
	"encoding/json"
	"os"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// dump writes what the window shows, and where its controls are, to a file
// after each change. The test that drives a real window reads it. nil: none.
type dump struct {
	w       *window
	path    string
	slowest time.Duration
	frames  int
}

// time notes how long an update took.
func (d *dump) time(began time.Time) {
	if d != nil {
		d.slowest = max(d.slowest, time.Since(began))
		d.frames++
	}
}

func newDump(w *window, path string) *dump {
	if path == "" {
		return nil
	}
	return &dump{w: w, path: path}
}

// rectangle is a control's place: x, y, width, height.
type rectangle [4]float32

func (d *dump) write() {
	if d == nil {
		return
	}
	state := struct {
		View     any
		Controls map[string]rectangle
		Entry    string
		Page     string
		Scale    float32
		Slowest  float64 // ms that the longest update of the window took
		Frames   int
	}{View: d.w.view.Snapshot(), Controls: d.controls(), Entry: d.w.composer.entry.Text, Scale: d.w.win.Canvas().Scale(),
		Slowest: float64(d.slowest.Microseconds()) / 1000, Frames: d.frames}
	if d.w.page != nil {
		state.Page = d.w.page.name
	}
	data, err := json.Marshal(state)
	if err == nil && os.WriteFile(d.path+".new", data, 0o600) == nil {
		_ = os.Rename(d.path+".new", d.path)
	}
}

// controls finds every button that is seen, by its words or its tooltip.
func (d *dump) controls() map[string]rectangle {
	found := map[string]rectangle{}
	driver := fyne.CurrentApp().Driver()
	var walk func(o fyne.CanvasObject)
	note := func(name string, o fyne.CanvasObject) {
		at, s := driver.AbsolutePositionForObject(o), o.Size()
		found[name] = rectangle{at.X, at.Y, s.Width, s.Height}
	}
	walk = func(o fyne.CanvasObject) {
		if o == nil || !o.Visible() {
			return
		}
		switch o := o.(type) {
		case *button:
			note(o.AccessibilityLabel(), o)
		case *questionEntry:
			note("entry", o)
		case *field:
			note(o.name, o)
		case *hot:
			walk(o.content)
		case *container.Scroll:
			walk(o.Content)
		case *sideScroll:
			walk(o.Content)
		case *sideRow:
			if o.row.Heading == "" {
				note("chat: "+o.row.Title, o)
			}
		case *fyne.Container:
			for _, child := range o.Objects {
				walk(child)
			}
		}
	}
	walk(d.w.root)
	if top := d.w.win.Canvas().Overlays().Top(); top != nil {
		if popup, ok := top.(*widget.PopUp); ok {
			walk(popup.Content)
		}
	}
	note("entry", d.w.composer.entry)
	note("send", d.w.composer.send)
	return found
}
