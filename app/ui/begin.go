//go:build !headless

package ui

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
)

// errUnseen is what keeps a window from being shown, and what to try.
var errUnseen = errors.New("the window cannot be opened: it needs a display with OpenGL 2.1 or newer; install the graphics driver (on Debian and Ubuntu: libgl1-mesa-dri) or use sirocco ask and sirocco serve, which need no window")

// begin makes a window and shows it. The toolkit writes to the log, or panics, where
// there is no display or no OpenGL, and would go on without a window.
func begin(open func() fyne.Window) (err error) {
	var said bytes.Buffer
	before := log.Writer()
	log.SetOutput(&said)
	defer func() {
		log.SetOutput(before)
		if fault := recover(); fault != nil {
			err = unseen(said.String(), fault)
		} else if err == nil {
			_, _ = before.Write(said.Bytes()) // what did not matter
		}
	}()
	win := open()
	win.Show()
	if !visible(win) {
		return unseen(said.String(), nil)
	}
	return nil
}

// unseen is errUnseen with the cause that the toolkit gave.
func unseen(said string, fault any) error {
	if at := strings.LastIndex(said, "Cause: "); at >= 0 { // the last is what it stopped at
		cause, _, _ := strings.Cut(said[at+len("Cause: "):], "\n")
		return fmt.Errorf("%w (%s)", errUnseen, strings.TrimSpace(cause))
	}
	if fault != nil {
		return fmt.Errorf("%w (%v)", errUnseen, fault)
	}
	return errUnseen
}

// visible reports whether the system has made a window.
func visible(win fyne.Window) (made bool) {
	native, ok := win.(driver.NativeWindow)
	if !ok {
		return true // of a toolkit without a system's windows
	}
	native.RunNative(func(context any) {
		switch c := context.(type) {
		case driver.X11WindowContext:
			made = c.WindowHandle != 0
		case driver.WaylandWindowContext:
			made = c.WaylandSurface != 0
		case driver.WindowsWindowContext:
			made = c.HWND != 0
		case driver.MacWindowContext:
			made = c.NSWindow != 0
		default:
			made = true
		}
	})
	return made
}
