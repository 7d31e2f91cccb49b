// Package crash keeps one fault from ending the window. A goroutine or callback of
// ours that panics is stopped; its stack goes to a file, and a person is told in one
// sentence. A fault that cannot be caught, in a driver or the runtime, leaves its
// traces in the same folder, and the next start tells of it. In: functions to run. Out:
// files and sentences. Nothing here knows the window.
package crash

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"
)

// last is the file that the runtime writes a fatal fault to.
const last = "crash.log"

// maxReports bounds the reports that are kept; the oldest go first.
const maxReports = 20

// state is where reports go, for the whole process.
var state struct {
	mu     sync.Mutex
	folder string
	tell   func(report string)
	output *os.File
	wrote  time.Time // the last report
}

// quietTime is how long after a report another is not written: a callback that fails may
// be called for every frame.
const quietTime = 5 * time.Second

// Begin keeps reports in a folder and hands tell the file of each fault that is caught.
// It returns the report of a fault that ended the program last time, or "".
func Begin(folder string, tell func(report string)) (earlier string) {
	state.mu.Lock()
	defer state.mu.Unlock()
	state.folder, state.tell = folder, tell
	state.wrote = time.Time{}
	if os.MkdirAll(folder, 0o700) != nil {
		return ""
	}
	path := filepath.Join(folder, last)
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		earlier = filepath.Join(folder, name(info.ModTime()))
		if os.Rename(path, earlier) != nil {
			earlier = path
		}
	}
	tidy(folder)
	if output, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err == nil {
		if debug.SetCrashOutput(output, debug.CrashOptions{}) == nil {
			state.output = output
		}
	}
	return earlier
}

// End stops reporting: what happens afterwards is nobody's to see.
func End() {
	state.mu.Lock()
	defer state.mu.Unlock()
	state.tell = nil
	if state.output != nil {
		_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
		state.output.Close()
		state.output = nil
	}
}

// Go runs a function in a goroutine that no fault of its own can end the program from.
func Go(f func()) { go Call(f) }

// Call runs a function and catches its fault.
func Call(f func()) {
	defer func() {
		if fault := recover(); fault != nil {
			report(fault, debug.Stack())
		}
	}()
	f()
}

// Try runs a function and makes an error of its fault, for whoever waits for it.
func Try(f func() error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			report(fault, debug.Stack())
			err = fmt.Errorf("a fault of the program: %v", fault)
		}
	}()
	return f()
}

// report writes a fault down and tells of it.
func report(fault any, stack []byte) {
	state.mu.Lock()
	tell, folder := state.tell, state.folder
	now := time.Now()
	if now.Sub(state.wrote) < quietTime {
		state.mu.Unlock()
		return
	}
	state.wrote = now
	path := ""
	if folder != "" {
		path = filepath.Join(folder, name(now))
		if os.WriteFile(path, fmt.Appendf(nil, "%v\n\n%s", fault, stack), 0o600) != nil {
			path = ""
		}
	}
	state.mu.Unlock()
	if path == "" {
		fmt.Fprintf(os.Stderr, "sirocco: a fault of the program: %v\n%s", fault, stack)
	}
	if tell != nil {
		tell(path)
	}
}

// name is a report's file name; the newest sorts last.
func name(at time.Time) string { return "crash-" + at.UTC().Format("20060102-150405.000000") + ".txt" }

// tidy removes the oldest reports.
func tidy(folder string) {
	reports, err := filepath.Glob(filepath.Join(folder, "crash-*.txt")) // sorted
	for ; err == nil && len(reports) > maxReports; reports = reports[1:] {
		_ = os.Remove(reports[0])
	}
}
