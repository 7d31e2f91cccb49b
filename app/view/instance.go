package view

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"sirocco/app/crash"
)

// Instance is the claim of one running window on a profile: a socket in its
// folder, over which a second start hands its files to the first and leaves.
type Instance struct {
	listener net.Listener
	path     string
}

// ErrRunning is what Claim returns when a window is open for this profile; it
// was told to come forward.
var ErrRunning = errors.New("a window is already open")

// Claim makes this process the one for a profile, or hands the files to the one
// that is.
func Claim(folder string, files []string) (*Instance, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("opening the window: its folder cannot be made: %w", err)
	}
	path := filepath.Join(folder, "window.sock")
	if connection, err := net.DialTimeout("unix", path, time.Second); err == nil {
		defer connection.Close()
		if err := json.NewEncoder(connection).Encode(absolute(files)); err == nil {
			return nil, ErrRunning
		}
	}
	_ = os.Remove(path) // left by one that was killed
	listener, err := net.Listen("unix", path)
	if err != nil {
		// Two windows are better than none: a path too long for a socket, say.
		return &Instance{}, nil
	}
	return &Instance{listener: listener, path: path}, nil
}

// absolute makes paths that hold in another process's folder.
func absolute(files []string) []string {
	out := make([]string, 0, len(files))
	for _, f := range files {
		if full, err := filepath.Abs(f); err == nil {
			f = full
		}
		out = append(out, f)
	}
	return out
}

// Listen calls back, in a goroutine of its own, with the files of each later start.
func (i *Instance) Listen(came func(files []string)) {
	if i.listener == nil {
		return
	}
	crash.Go(func() {
		for {
			connection, err := i.listener.Accept()
			if err != nil {
				return
			}
			var files []string
			_ = connection.SetDeadline(time.Now().Add(time.Second))
			if json.NewDecoder(connection).Decode(&files) == nil {
				came(files)
			}
			connection.Close()
		}
	})
}

// Close gives the profile free.
func (i *Instance) Close() {
	if i.listener != nil {
		i.listener.Close()
	}
}
