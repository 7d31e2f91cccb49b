//go:build !headless

// Package alive keeps windows painting. Fyne 2.8 remembers for a minute which canvas
// an object belongs to, and painting does not renew that (SetCanvasForObject leaves an
// entry it finds as it is, while the driver takes the window for walked). The paint
// after that minute drops the entries of everything on the screen, and from then on no
// Refresh reaches the canvas: the window shows its old frame until it is resized.
//
// Any later paint puts the entries back. So every paint is followed by one more: an
// idle window costs nothing, and one that was used is never left without its entries.
package alive

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

const (
	after     = 250 * time.Millisecond // from a paint to the one that repairs what it dropped
	quietTime = 100 * time.Millisecond // in which the repairing paint itself is not noticed
)

// Watch is an object of no size that notices paints: the driver asks every visible
// object for its least size before it paints.
type Watch struct {
	*canvas.Rectangle
	win     fyne.Window
	spark   *canvas.Rectangle // has no texture, so that painting it drops nothing
	waiting bool              // for a repair; only the toolkit's goroutine looks at it
	ignore  time.Time
	do      func(func())                // fyne.Do; tests have their own
	later   func(time.Duration, func()) // time.AfterFunc
	now     func() time.Time
}

// Keep makes the object that keeps a window painting. It belongs into the window's
// content.
func Keep(win fyne.Window) *Watch {
	return &Watch{
		Rectangle: canvas.NewRectangle(color.Transparent), spark: canvas.NewRectangle(color.Transparent), win: win,
		do: fyne.Do, later: func(d time.Duration, f func()) { time.AfterFunc(d, f) }, now: time.Now,
	}
}

// MinSize is nothing, and the sign that a paint begins.
func (w *Watch) MinSize() fyne.Size {
	if !w.waiting && w.now().After(w.ignore) {
		w.waiting = true
		w.later(after, func() { w.do(w.repair) })
	}
	return fyne.Size{}
}

// Wake paints the window, whatever Fyne remembers of its objects.
func (w *Watch) Wake() { w.win.Canvas().Refresh(w.spark) }

func (w *Watch) repair() {
	w.waiting = false
	w.ignore = w.now().Add(quietTime)
	w.Wake()
}
