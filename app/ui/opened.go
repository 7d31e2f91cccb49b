//go:build !headless

package ui

import (
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"

	"sirocco/app/crash"
)

// errNoWindow is told where the toolkit ran and no window came.
var errNoWindow = errors.New("no window could be opened: this display offers programs no OpenGL; install a driver for it (on Debian libgl1-mesa-dri), " +
	"or use sirocco ask and sirocco serve, which need no window")

// errNoDisplay is told where there is a display by name only.
var errNoDisplay = errors.New("no window could be opened: the display does not answer (see DISPLAY and WAYLAND_DISPLAY), or a library that it needs is missing; " +
	"sirocco ask and sirocco serve need none")

// run shows the window until it is closed. The toolkit panics on a display that does
// not answer; a fault after the window was seen is one of the program.
func (w *window) run() error {
	err := crash.Try(func() error {
		w.win.ShowAndRun()
		return nil
	})
	switch {
	case w.lost:
		return errNoWindow
	case err != nil && !w.seen:
		return errNoDisplay
	}
	return err
}

// watchOpening ends the program where the toolkit could make no window. It would run
// on unseen, and every later start would hand its files to it.
func (w *window) watchOpening() {
	crash.Go(func() {
		<-w.started
		time.Sleep(time.Second) // the window is made in the toolkit's first rounds
		fyne.Do(func() {
			if w.seen = hasNativeWindow(w.win); !w.seen {
				w.lost = true
				w.app.Quit()
			}
		})
	})
}

// hasNativeWindow reports whether the system has a window for ours.
func hasNativeWindow(win fyne.Window) bool {
	native, ok := win.(driver.NativeWindow)
	if !ok {
		return true
	}
	there := true
	native.RunNative(func(context any) {
		switch c := context.(type) {
		case driver.X11WindowContext:
			there = c.WindowHandle != 0
		case driver.WaylandWindowContext:
			there = c.WaylandSurface != 0
		case driver.WindowsWindowContext:
			there = c.HWND != 0
		}
	})
	return there
}
