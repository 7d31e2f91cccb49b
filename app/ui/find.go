//go:build !headless

package ui

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"sirocco/app/crash"
	"sirocco/app/view"
	"sirocco/app/view/i18n"
)

// finder is the bar that finds words in the open conversation.
type finder struct {
	w      *window
	object *fyne.Container
	entry  *findEntry
	count  *canvas.Text
	places []view.Place
	at     int
}

func (w *window) newFinder() *finder {
	f := &finder{w: w, count: caption("")}
	f.entry = &findEntry{finder: f}
	f.entry.w, f.entry.name = w, i18n.T("Find in this conversation")
	f.entry.ExtendBaseWidget(f.entry)
	f.entry.SetPlaceHolder(f.entry.name)
	f.entry.OnChanged = func(string) { crash.Call(f.search) }
	f.entry.OnSubmitted = func(string) { crash.Call(func() { f.step(+1) }) }
	back := w.iconButton(theme.MoveUpIcon(), i18n.T("Earlier (Shift+Enter)"), func() { f.step(-1) })
	next := w.iconButton(theme.MoveDownIcon(), i18n.T("Later (Enter)"), func() { f.step(+1) })
	shut := w.iconButton(theme.CancelIcon(), i18n.T("Close (Esc)"), func() { f.close() })
	right := container.NewHBox(container.NewCenter(f.count), back, next, shut)
	line := pad(container.NewBorder(nil, nil, nil, right, f.entry), 4, 4, 8, 8)
	f.object = container.NewStack(canvas.NewRectangle(shade(colorSide)), line)
	f.object.Hide()
	return f
}

func (f *finder) open() bool { return f.object.Visible() }

// findHere opens the bar, or goes back to it.
func (w *window) findHere() {
	w.show("")
	w.finder.object.Show()
	w.layoutChat()
	w.finder.search()
	w.win.Canvas().Focus(w.finder.entry)
}

// close leaves the bar for the question.
func (f *finder) close() {
	f.object.Hide()
	f.w.transcript.mark(nil)
	f.w.layoutChat()
	f.w.focusEntry()
	f.w.dump.write()
}

// search finds anew, and shows the last place: conversations are read at their end.
func (f *finder) search() {
	f.places = f.w.view.Find(f.entry.Text)
	f.at = len(f.places) - 1
	f.reveal()
}

// step goes to the next place or the one before, round and round.
func (f *finder) step(by int) {
	if n := len(f.places); n > 0 {
		f.at = (f.at + by + n) % n
	}
	f.reveal()
}

func (f *finder) reveal() {
	f.count.Text = ""
	switch {
	case len(f.places) > 0:
		f.count.Text = fmt.Sprintf("%d/%d", f.at+1, len(f.places))
		f.w.transcript.mark(&f.places[f.at])
	case f.entry.Text != "":
		f.count.Text = i18n.T("Nothing found.")
		fallthrough
	default:
		f.w.transcript.mark(nil)
	}
	f.object.Refresh()
	f.w.dump.write()
}

// findEntry is the bar's entry.
type findEntry struct {
	field
	finder *finder
}

// TypedKey goes back with Shift+Enter and closes with Escape.
func (e *findEntry) TypedKey(k *fyne.KeyEvent) {
	switch {
	case k.Name == fyne.KeyEscape:
		e.finder.close()
	case (k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter) && shifted():
		e.finder.step(-1)
	default:
		e.field.TypedKey(k)
	}
}

// mark shows a place of the conversation and puts a bar beside it; nil takes the
// bar away.
func (t *transcript) mark(p *view.Place) {
	t.found.Hide()
	if p == nil {
		return
	}
	for _, s := range t.slots {
		if s.message == p.Message {
			t.reveal(s, p.Block)
			return
		}
	}
}

// reveal scrolls to a row and, once its true height is known, to the block in it.
func (t *transcript) reveal(s *slot, block int) {
	t.stickToEnd = false
	for range 2 { // rows that come into sight may move it
		y, height := s.span(block)
		room := max(0, t.body.Size().Height-t.scroll.Size().Height)
		t.scroll.Offset.Y = min(room, max(0, y-t.scroll.Size().Height/3))
		t.scroll.Refresh()
		t.build()
		t.found.Move(fyne.NewPos((t.width-t.column())/2-10, y))
		t.found.Resize(fyne.NewSize(3, height))
	}
	t.found.Show()
	t.body.Refresh()
}

// span is where a block of a row is, the whole row where it has none.
func (s *slot) span(block int) (y, height float32) {
	if s.row == nil || s.row.list == nil || block < 0 || block >= len(s.row.list.blocks) {
		return s.y, s.height
	}
	o := s.row.list.blocks[block].object
	return s.y + s.row.list.body.Position().Y + o.Position().Y, o.Size().Height
}
