package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"sirocco/app/crash"
)

// typed is the lines that come in on a stream, one at a time. Waiting for the
// next one ends with the context, which a plain read would not.
type typed struct {
	in    io.Reader
	start sync.Once
	lines chan string
	err   error // set before lines is closed
}

func newTyped(in io.Reader) *typed { return &typed{in: in, lines: make(chan string)} }

// maxTyped bounds a line, in bytes.
const maxTyped = 1 << 20

// read passes lines on as they are asked for.
func (t *typed) read() {
	defer close(t.lines)
	scanner := bufio.NewScanner(t.in)
	scanner.Buffer(nil, maxTyped)
	for scanner.Scan() {
		t.lines <- scanner.Text()
	}
	if t.err = scanner.Err(); errors.Is(t.err, bufio.ErrTooLong) {
		t.err = fmt.Errorf("reading what was typed: a line is longer than %d MB; put so much into a file", maxTyped>>20)
	}
}

// next is the next line, or io.EOF after the last.
func (t *typed) next(ctx context.Context) (string, error) {
	t.start.Do(func() { crash.Go(func() { t.read() }) })
	select {
	case line, ok := <-t.lines:
		switch {
		case ok:
			return line, nil
		case t.err != nil:
			return "", t.err
		}
		return "", io.EOF
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
