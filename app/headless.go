//go:build headless

package app

import (
	"context"
	"errors"
	"io"
)

// errWindowless says plainly that this build is a command-line program.
var errWindowless = errors.New(`this build has no window; try: sirocco ask --image photo.jpg "What is in the picture?" (sirocco -h lists everything)`)

// openWindow has nothing to open.
func openWindow(context.Context, []string, io.Writer) error { return errWindowless }
