//go:build !headless

package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"sirocco/app/view"
	"sirocco/app/view/i18n"
)

// transcript is the scrolling conversation. Only the rows near the visible part
// have widgets; the others are a height, estimated until they have been shown.
type transcript struct {
	w          *window
	scroll     *container.Scroll
	body       *fyne.Container
	found      *canvas.Rectangle // beside what was searched for
	chip       *button           // "new text", while the user reads further up
	stack      *fyne.Container
	slots      []*slot
	stickToEnd bool // stay at the end as text comes
	active     *slot
	width      float32
}

// slot is a row's place.
type slot struct {
	message *view.Message
	row     *row // nil while far from the visible part
	y       float32
	height  float32
}

// The widest a line gets, and the space around.
const (
	columnWidth = 760
	rowGap      = 20
	edge        = 16
)

func (w *window) newTranscript() *transcript {
	t := &transcript{w: w, stickToEnd: true}
	t.body = container.New(&transcriptLayout{t})
	t.found = box(theme.ColorNamePrimary, 1.5)
	t.found.Hide()
	t.scroll = container.NewVScroll(t.body)
	t.scroll.OnScrolled = func(fyne.Position) { t.scrolled() }
	t.chip = w.textButton(i18n.T("New text"), theme.MoveDownIcon(), "", func() { t.toEnd() })
	t.chip.Importance = widgetMedium
	t.chip.Hide()
	t.stack = container.NewStack(t.scroll, container.NewBorder(nil, pad(container.NewCenter(t.chip), 0, 8, 0, 0), nil, nil))
	return t
}

// show takes over the messages of the view; rows that stay keep their widgets.
func (t *transcript) show(messages []*view.Message) {
	old := map[*view.Message]*slot{}
	for _, s := range t.slots {
		old[s.message] = s
	}
	fresh := len(t.slots) == 0 || len(messages) == 0 || len(old) > 0 && old[messages[0]] == nil
	t.slots = t.slots[:0:0]
	for _, m := range messages {
		s := old[m]
		if s == nil {
			s = &slot{message: m, height: t.estimate(m)}
		} else if s.row != nil {
			s.row.refresh()
			s.height = s.row.fit(t.column())
		}
		t.slots = append(t.slots, s)
	}
	if fresh || t.w.view.Answering != nil {
		t.stickToEnd = true
	}
	t.active = nil
	t.arrange()
	t.build()
}

// update brings the growing answer up to date.
func (t *transcript) update(m *view.Message) {
	for i := len(t.slots) - 1; i >= 0; i-- {
		s := t.slots[i]
		if s.message != m {
			continue
		}
		if s.row == nil {
			t.chip.Show()
			return
		}
		s.row.refresh()
		height := s.row.fit(t.column())
		if height != s.height {
			s.height = height
			t.arrange()
		}
		if !t.stickToEnd {
			t.chip.Show()
		}
		return
	}
}

// column is the width of the text.
func (t *transcript) column() float32 {
	return max(120, min(columnWidth*t.w.theme.scale, t.width-2*edge))
}

// estimate guesses a row's height from its length, for the scroll bar's sake.
func (t *transcript) estimate(m *view.Message) float32 {
	text := len(m.Text)
	if m.Answer != nil {
		text = len(m.Answer.Text)
	}
	lineHeight := size(theme.SizeNameText) * 1.7
	perLine := t.column() / (size(theme.SizeNameText) * 0.52)
	height := (float32(text)/perLine+2)*lineHeight + 24
	if len(m.Pictures) > 0 {
		height += thumbHeight
	}
	return height
}

// arrange gives every slot its place and keeps what is seen where it is.
func (t *transcript) arrange() {
	y := float32(edge)
	left := (t.width - t.column()) / 2
	for _, s := range t.slots {
		s.y = y
		if s.row != nil {
			s.row.place(fyne.NewPos(left, y), fyne.NewSize(t.column(), s.height))
		}
		y += s.height + rowGap
	}
	t.body.Resize(fyne.NewSize(t.width, max(t.scroll.Size().Height, y)))
	if t.stickToEnd {
		t.scroll.ScrollToBottom()
	} else {
		t.scroll.Refresh()
	}
}

// build makes the rows around the visible part and lets the others go. A row's
// true height may differ from its guess, so it looks again until all is settled.
func (t *transcript) build() {
	if t.width <= 0 {
		return
	}
	for range 8 {
		if !t.buildOnce() {
			break
		}
		t.arrange()
	}
	objects := append(make([]fyne.CanvasObject, 0, len(t.body.Objects)+1), t.found)
	for _, s := range t.slots {
		if s.row != nil {
			objects = append(objects, s.row.object)
		}
	}
	if !slices.Equal(objects, t.body.Objects) {
		t.body.Objects = objects
		canvas.Refresh(t.body) // the container's own Refresh would draw every row again
	}
}

func (t *transcript) buildOnce() (changed bool) {
	page := t.scroll.Size().Height
	from, to := t.scroll.Offset.Y-page, t.scroll.Offset.Y+2*page
	for i, s := range t.slots {
		near := s.y+s.height >= from && s.y <= to || s.message == t.w.view.Answering
		switch {
		case near && s.row == nil:
			s.row = t.w.newRow(s.message, i == len(t.slots)-1)
			height := s.row.fit(t.column())
			if above := s.y+s.height < t.scroll.Offset.Y; above && !t.stickToEnd {
				t.scroll.Offset.Y += height - s.height
			}
			changed = changed || height != s.height
			s.height = height
			s.row.place(fyne.NewPos((t.width-t.column())/2, s.y), fyne.NewSize(t.column(), height))
		case !near && s.row != nil:
			s.row = nil
		}
	}
	return changed
}

// scrolled is called when the user or we scroll.
func (t *transcript) scrolled() {
	lap := t.w.dump.lap("scroll")
	room := t.body.Size().Height - t.scroll.Size().Height
	t.stickToEnd = t.scroll.Offset.Y >= room-24
	if t.stickToEnd {
		t.chip.Hide()
	}
	t.build()
	lap()
	t.w.dump.write()
}

// toEnd goes to the newest words and stays there.
func (t *transcript) toEnd() {
	t.stickToEnd = true
	t.chip.Hide()
	t.scroll.ScrollToBottom()
	t.build()
}

// resized lays everything out for another width.
func (t *transcript) resized(width float32) {
	if width == t.width {
		return
	}
	defer t.w.dump.lap("resize")()
	t.width = width
	for _, s := range t.slots {
		if s.row != nil {
			s.height = s.row.fit(t.column())
		} else {
			s.height = t.estimate(s.message)
		}
	}
	t.arrange()
	t.build()
}

// transcriptLayout hears of sizes; arrange does the placing.
type transcriptLayout struct{ t *transcript }

func (l *transcriptLayout) Layout(_ []fyne.CanvasObject, s fyne.Size) { l.t.resized(s.Width) }

func (l *transcriptLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	if n := len(l.t.slots); n > 0 {
		last := l.t.slots[n-1]
		return fyne.NewSize(0, last.y+last.height+rowGap)
	}
	return fyne.NewSize(0, 0)
}
