// Package cli holds the commands: each turns flags and standard input into a
// request for the engine and the engine's events into text or JSON on standard
// output. Nothing but a command's result is ever written there; progress and
// notes go to standard error. Open ask.go first.
package cli

import (
	"errors"
	"io"

	"sirocco/app/terminal"
)

// Streams are the three streams of a command.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
}

// Interactive reports whether a person watches standard error, so that
// progress may be drawn there.
func (s *Streams) Interactive() bool { return isTerminal(s.Err) }

func isTerminal(stream any) bool { return terminal.Is(stream) }

// ErrInterrupted ends a command that the user stopped.
var ErrInterrupted = errors.New("interrupted")

// UsageError is a command line that cannot be meant as it is written.
type UsageError struct{ Reason string }

func (e *UsageError) Error() string { return e.Reason }
