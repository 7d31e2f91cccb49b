//go:build !headless

package ui

import (
	"encoding/json"
	"os"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/ui/inspector"
)

// dump writes what the window shows, and where its controls are, to a file
// after each change. The test that drives a real window reads it. nil: none.
type dump struct {
	w     *window
	path  string
	laps  map[string]*lap // by the callback's name
	later bool            // another write is on its way
}

// lap is what is known of one kind of callback: how often it ran and how long
// the slowest took, in milliseconds. Busy is processor time of the window's own
// thread: on a machine with other work the clock counts that too.
type lap struct {
	Count       int
	Clock, Busy float64
	Next        float64 // like Busy, of the second slowest
}

// lap times a callback from now until what it returns is called.
func (d *dump) lap(name string) func() {
	if d == nil {
		return func() {}
	}
	began, busy := time.Now(), threadTime()
	return func() {
		l := d.laps[name]
		if l == nil {
			l = &lap{}
			d.laps[name] = l
		}
		l.Count++
		l.Clock = max(l.Clock, milliseconds(time.Since(began)))
		worked := milliseconds(threadTime() - busy)
		l.Busy, l.Next = max(l.Busy, worked), max(min(l.Busy, worked), l.Next)
	}
}

// forget begins timing anew.
func (d *dump) forget() {
	if d != nil {
		clear(d.laps)
	}
}

func milliseconds(t time.Duration) float64 { return float64(t.Microseconds()) / 1000 }

func newDump(w *window, path string) *dump {
	if path == "" {
		return nil
	}
	return &dump{w: w, path: path, laps: map[string]*lap{}}
}

// rectangle is a control's place: x, y, width, height.
type rectangle [4]float32

// write does so now, and once more when the toolkit has laid out what changed.
func (d *dump) write() {
	if d == nil {
		return
	}
	d.writeNow()
	d.writeLater()
}

// writeLater does so when the toolkit has laid out what changes now.
func (d *dump) writeLater() {
	if d != nil && !d.later {
		d.later = true
		time.AfterFunc(settled, func() { fyne.Do(func() { d.later = false; d.writeNow() }) })
	}
}

// settled is how long a change takes to be laid out.
const settled = 200 * time.Millisecond

// stepped writes when the inspector has looked at the history: it changes by itself.
func (d *dump) stepped() {
	if d != nil {
		d.writeNow()
	}
}

func (d *dump) writeNow() {
	state := struct {
		View     any
		Controls map[string]rectangle
		Entry    string
		Page     string
		Focus    string // label of what gets the keys
		Found    string // what the search in the conversation counts
		Scale    float32
		Size     fyne.Size // of what is shown
		Laps     map[string]*lap
		// Inspector is what the second window shows; nil while it is closed.
		Inspector *inspector.State
	}{View: d.w.view.Snapshot(), Controls: d.controls(), Entry: d.w.composer.entry.Text, Focus: d.focus(), Found: d.w.finder.count.Text, Scale: d.w.win.Canvas().Scale(), Size: d.w.root.Size(), Laps: d.laps}
	if d.w.page != nil {
		state.Page = d.w.page.name
	}
	if d.w.inspector != nil {
		state.Inspector = d.w.inspector.State()
	}
	data, err := json.Marshal(state)
	if err == nil && os.WriteFile(d.path+".new", data, 0o600) == nil {
		_ = os.Rename(d.path+".new", d.path)
	}
}

func (d *dump) focus() string {
	if named, ok := d.w.win.Canvas().Focused().(interface{ AccessibilityLabel() string }); ok {
		return named.AccessibilityLabel()
	}
	return ""
}

// controls finds every button that is seen, by its words or its tooltip, and
// the conversations of the list.
func (d *dump) controls() map[string]rectangle {
	found := map[string]rectangle{}
	d.walk(d.w.root, fyne.Position{}, found)
	return found
}

// conversations are where the list's lines lie that are in sight. This is reckoned from what
// is listed: the list keeps widgets of lines it no longer shows, and those
// still have a title and a size.
func (d *dump) conversations(list *widget.List, at fyne.Position, found map[string]rectangle) {
	high, step := d.w.side.rowHeight, d.w.side.rowHeight+size(theme.SizeNamePadding)
	for i, row := range d.w.view.List.Rows {
		y := float32(i)*step - list.GetScrollOffset()
		if row.ID != 0 && y >= 0 && y+high <= list.Size().Height {
			found["chat: "+row.Title] = rectangle{at.X, at.Y + y, list.Size().Width, high}
		}
	}
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
	case *check:
		note(found, o.Text, o, at)
	case *questionEntry:
		note(found, "entry", o, at)
	case *picker:
		note(found, "pick: "+o.name, o, at)
	case *field:
		note(found, o.name, o, at)
	case *findEntry:
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
	case *widget.List:
		d.conversations(o, at, found)
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
