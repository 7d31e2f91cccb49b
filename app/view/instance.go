package view

import (
	"encoding/json"
	"errors"
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
	own      os.FileInfo // of the socket that this one made
}

// ErrRunning is what Claim returns when a window is open for this profile; it
// was told to come forward.
var ErrRunning = errors.New("a window is already open")

// comeForward is how long the first window may take to come forward for a later start.
// One that does not answer by then has no window that anyone could see.
const comeForward = 10 * time.Second

// Claim makes this process the one for a profile, or hands the files to the one
// that is. One that does not show itself loses the profile.
func Claim(folder string, files []string) (*Instance, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return &Instance{}, nil // the window says what cannot be kept
	}
	path := filepath.Join(folder, "window.sock")
	if handOver(path, files, comeForward) {
		return nil, ErrRunning
	}
	_ = os.Remove(path) // left by one that was killed, or that has no window
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		// Two windows are better than none: a path too long for a socket, say.
		return &Instance{}, nil
	}
	listener.SetUnlinkOnClose(false) // by then the path may be another's
	own, _ := os.Lstat(path)
	return &Instance{listener: listener, path: path, own: own}, nil
}

// handOver gives files to the window at a path, and reports whether that one came
// forward.
func handOver(path string, files []string, limit time.Duration) bool {
	connection, err := net.DialTimeout("unix", path, time.Second)
	if err != nil {
		return false
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(limit))
	if json.NewEncoder(connection).Encode(absolute(files)) != nil {
		return false
	}
	var shown bool
	return json.NewDecoder(connection).Decode(&shown) == nil && shown
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

// Listen calls back, in a goroutine of its own, with the files of each later start;
// came calls shown once the window has come forward.
func (i *Instance) Listen(came func(files []string, shown func())) {
	if i.listener == nil {
		return
	}
	crash.Go(func() {
		for {
			connection, err := i.listener.Accept()
			if err != nil {
				return
			}
			crash.Call(func() { hear(connection, came) })
		}
	})
}

func hear(connection net.Conn, came func(files []string, shown func())) {
	var files []string
	_ = connection.SetDeadline(time.Now().Add(time.Second))
	if json.NewDecoder(connection).Decode(&files) != nil {
		connection.Close()
		return
	}
	_ = connection.SetDeadline(time.Now().Add(comeForward))
	came(files, func() {
		_ = json.NewEncoder(connection).Encode(true)
		connection.Close()
	})
}

// Close gives the profile free.
func (i *Instance) Close() {
	if i.listener == nil {
		return
	}
	i.listener.Close()
	if now, err := os.Lstat(i.path); err == nil && i.own != nil && os.SameFile(now, i.own) {
		_ = os.Remove(i.path)
	}
}
