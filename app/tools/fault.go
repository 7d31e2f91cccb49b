package tools

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"sirocco/app/origin"
)

// maxFault bounds the text of an error, which a server may have written.
const maxFault = 2 << 10

// fault is an error in words for a person; errors.Is still finds its cause.
type fault struct {
	words string
	cause error
}

func (f *fault) Error() string { return f.words }
func (f *fault) Unwrap() error { return f.cause }

// plainly turns an error of a connection, or of a program that did not start, into
// a sentence. What a server itself says is kept, within a size.
func plainly(err error) error {
	var done *fault
	var said *jsonrpc.Error
	var sending *url.Error // the SDK counts these, and closed connections, as the server's
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &done):
	case ofServer(err) != "":
		return &fault{ofServer(err), err}
	case !errors.As(err, &said), errors.As(err, &sending), errors.Is(err, mcp.ErrConnectionClosed), errors.Is(err, io.EOF):
		err = origin.Plain(ofProgram(err))
	}
	if words, _ := cut(err.Error(), maxFault); words != err.Error() {
		return &fault{words, err}
	}
	return err
}

// enterable says why a program cannot run in a folder; "" is ours.
func enterable(dir string) error {
	if dir == "" {
		return nil
	}
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fs.ErrInvalid
	}
	if err != nil {
		return &fault{"its folder " + dir + " cannot be entered; is it there?", err}
	}
	return nil
}

// ofProgram speaks of programs that cannot be started.
func ofProgram(err error) error {
	var path *fs.PathError
	var named *exec.Error
	if !errors.As(err, &path) && !errors.As(err, &named) {
		return err
	}
	words := "the system does not start it"
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		words = "there is no such program; is it installed, and is its name right?"
	case errors.Is(err, exec.ErrDot):
		words = "it lies in the working folder; give its whole path if it is the right one"
	case errors.Is(err, fs.ErrPermission):
		words = "it is no program that may be run; look at its permissions"
	}
	return &fault{words, err}
}
