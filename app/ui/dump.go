//go:build !headless

package ui

import (
	"encoding/json"
	"os"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// dump writes what the window shows, and where its controls are, to a file
// after each change. The test that drives a real window reads it. nil: none.
type dump struct {
	w       *window
	path    string
	slowest time.Duration
	frames  int
	later   bool // another write is on its way
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

// write does so now, and once more when the toolkit has laid out what changed.
func (d *dump) write() {
	if d == nil {
		return
	}
	d.writeNow()
	if !d.later {
		d.later = true
		time.AfterFunc(settled, func() { fyne.Do(func() { d.later = false; d.writeNow() }) })
	}
}

// settled is how long a change takes to be laid out.
const settled = 200 * time.Millisecond

func (d *dump) writeNow() {
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

// controls finds every button that is seen, by its words or its tooltip, and
// the conversations of the list.
func (d *dump) controls() map[string]rectangle {
	found := map[string]rectangle{}
	d.walk(d.w.root, fyne.Position{}, found)
	driver := fyne.CurrentApp().Driver()
	for _, r := range d.w.side.rows {
		if r.row.ID != 0 && r.Visible() && driver.CanvasForObject(r) != nil {
			note(found, "chat: "+r.row.Title, r, driver.AbsolutePositionForObject(r))
		}
	}
	return found
}

// walk adds up positions by itself: the driver knows only what was painted.
func (d *dump) walk(o fyne.CanvasObject, origin fyne.Position, found map[string]rectangle) {
	if o == nil || !o.Visible() {
		return
	}
	at := origin.Add(o.Position())
	var inside []fyne.CanvasObject
	switch o := o.(type) {
	case *button:
		note(found, o.AccessibilityLabel(), o, at)
	case *questionEntry:
		note(found, "entry", o, at)
	case *field:
		note(found, o.name, o, at)
	case *hot:
		if o.name != "" {
			note(found, o.name, o, at)
		}
		inside = []fyne.CanvasObject{o.content}
	case *container.Scroll:
		inside = []fyne.CanvasObject{o.Content}
	case *sideScroll:
		inside = []fyne.CanvasObject{o.Content}
	case *container.ThemeOverride:
		inside = []fyne.CanvasObject{o.Content}
	case *fyne.Container:
		inside = o.Objects
	}
	for _, child := range inside {
		d.walk(child, at, found)
	}
}

func note(found map[string]rectangle, name string, o fyne.CanvasObject, at fyne.Position) {
	found[name] = rectangle{at.X, at.Y, o.Size().Width, o.Size().Height}
}
