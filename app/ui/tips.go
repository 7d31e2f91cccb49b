//go:build !headless

package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// tips shows the tooltips of a window, on a layer above everything that lets
// taps through.
type tips struct {
	layer *fyne.Container
	card  *fyne.Container
	text  *canvas.Text
	for_  fyne.CanvasObject
	timer *time.Timer
}

// tipDelay is how long the pointer rests before a tooltip comes.
const tipDelay = 500 * time.Millisecond

func newTips() *tips {
	t := &tips{text: caption("")}
	t.text.Color = shade(theme.ColorNameForeground)
	t.card = container.NewStack(frame(theme.ColorNameMenuBackground, theme.ColorNameInputBorder, 6), pad(t.text, 4, 4, 8, 8))
	t.card.Hide()
	t.layer = container.NewWithoutLayout(t.card)
	return t
}

func (t *tips) over(o fyne.CanvasObject, text string) {
	t.out(t.for_)
	if text == "" {
		return
	}
	t.for_ = o
	t.timer = time.AfterFunc(tipDelay, func() {
		fyne.Do(func() {
			if t.for_ == o {
				t.show(o, text)
			}
		})
	})
}

func (t *tips) out(o fyne.CanvasObject) {
	if t.for_ != o || o == nil {
		return
	}
	t.for_ = nil
	t.timer.Stop()
	t.card.Hide()
}

// show places the tooltip under the object, inside the window.
func (t *tips) show(o fyne.CanvasObject, text string) {
	t.text.Text = text
	t.text.Refresh()
	room, need := t.layer.Size(), t.card.MinSize()
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	x := min(max(4, at.X+(o.Size().Width-need.Width)/2), room.Width-need.Width-4)
	y := at.Y + o.Size().Height + 4
	if y+need.Height > room.Height {
		y = at.Y - need.Height - 4
	}
	t.card.Move(fyne.NewPos(x, y))
	t.card.Resize(need)
	t.card.Show()
}
