//go:build !headless

package ui

import (
	"errors"
	"log"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
	"fyne.io/fyne/v2/test"
)

// A toolkit that panics, as without a display, and a window that the system did not
// make are one sentence with the cause.
func TestNoWindowIsASentence(t *testing.T) {
	err := begin(func() fyne.Window {
		log.Println("Fyne error:  a cache\n  Cause: no folder")
		log.Println("Fyne error:  window creation error\n  Cause: GLX is missing\n  At: window.go:1")
		panic("NotInitialized")
	})
	if !errors.Is(err, errUnseen) || !strings.HasSuffix(err.Error(), "(GLX is missing)") {
		t.Errorf("a panic of the toolkit is %v", err)
	}
	if err := begin(func() fyne.Window { return unmade{test.NewTempWindow(t, nil)} }); !errors.Is(err, errUnseen) {
		t.Errorf("a window that the system did not make is %v", err)
	}
	if err := begin(func() fyne.Window { return test.NewTempWindow(t, nil) }); err != nil {
		t.Errorf("a window that is there is %v", err)
	}
}

// unmade is a window without one of the system's behind it.
type unmade struct{ fyne.Window }

func (unmade) RunNative(f func(any)) { f(driver.X11WindowContext{}) }
