//go:build !headless

package alive

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// counting is a canvas that counts what is refreshed.
type counting struct {
	fyne.Canvas
	refreshed int
}

func (c *counting) Refresh(fyne.CanvasObject) { c.refreshed++ }

type window struct {
	fyne.Window
	canvas *counting
}

func (w *window) Canvas() fyne.Canvas { return w.canvas }

// Each paint is followed by one repairing paint, which is not followed by another.
func TestEveryPaintIsRepairedOnce(t *testing.T) {
	test.NewTempApp(t)
	win := &window{canvas: &counting{}}
	w := Keep(win)
	now := time.Unix(100, 0)
	var due []func()
	w.now = func() time.Time { return now }
	w.do = func(f func()) { f() }
	w.later = func(_ time.Duration, f func()) { due = append(due, f) }

	w.MinSize() // a paint
	w.MinSize() // another before the repair is due
	if len(due) != 1 {
		t.Fatalf("%d repairs are due, want 1", len(due))
	}
	due[0]()
	if win.canvas.refreshed != 1 {
		t.Fatalf("the window was painted %d times more, want 1", win.canvas.refreshed)
	}
	w.MinSize() // the repairing paint
	if len(due) != 1 {
		t.Error("the repair asks for another: an idle window would paint for ever")
	}
	now = now.Add(time.Second)
	w.MinSize()
	if len(due) != 2 {
		t.Error("a later paint is not repaired")
	}
}
