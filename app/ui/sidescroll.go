//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// sideScroll scrolls sideways and hands the wheel on to the conversation, which
// a plain horizontal scroller would keep for itself.
type sideScroll struct {
	container.Scroll
	outer func() *container.Scroll
}

func (w *window) newSideScroll(content fyne.CanvasObject) *sideScroll {
	s := &sideScroll{outer: func() *container.Scroll { return w.transcript.scroll }}
	s.Direction = container.ScrollHorizontalOnly
	s.Content = content
	s.ExtendBaseWidget(s)
	return s
}

// Scrolled takes sideways movement only.
func (s *sideScroll) Scrolled(e *fyne.ScrollEvent) {
	if e.Scrolled.DX != 0 {
		s.Scroll.Scrolled(&fyne.ScrollEvent{PointEvent: e.PointEvent, Scrolled: fyne.NewDelta(e.Scrolled.DX, 0)})
	}
	if e.Scrolled.DY != 0 {
		s.outer().Scrolled(e)
	}
}
