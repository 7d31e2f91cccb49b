// Package pull turns a list of files on HTTPS servers into verified files in a
// folder. It is made for files of 15 GB on lines that break: parts of a few
// megabytes are fetched in parallel, a broken one is fetched again alone, and a
// pull that was stopped, by whatever, goes on where it was.
//
// Open this file first. Run is the whole interface:
//
//	results, err := pull.Run(ctx, pull.Options{Folder: dir, Files: files, OnEvent: show})
//
// To pause, cancel ctx: Run returns ctx's error and leaves what it has. To
// resume, now or after a restart of the machine, call Run again with the same
// folder and files. OnEvent hears, at most some ten times a second and never
// twice at once, how far it is, how fast, how long it will take, and a sentence
// whenever something had to be done again.
//
// What is known of a file comes from its server's own headers (ask.go) or from
// the caller, and the two must agree; nothing is guessed. While a file is being
// fetched it lies in NAME.part beside a record of the parts that are in
// (record.go). A finished file is hashed as a whole. When the hash is not the
// published one, the record tells which parts changed on the disk; when none
// did, the server sent something wrong, and repair.go finds out where.
package pull

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
)

// File is one file to fetch.
type File struct {
	Name   string // path in the folder, with slashes
	URL    string
	Size   int64  // bytes; 0: the server is to say it
	SHA256 string // hexadecimal; "": the server is to say it
	// Optional files are left out where the server does not have them.
	Optional bool
}

// Options say what to fetch, and how. Folder and Files are needed.
type Options struct {
	Folder   string
	Files    []File
	Token    string        // for the hosts in the URLs; never shown to a host they redirect to
	Parallel int           // connections; 4
	Part     int64         // bytes of a part; 8 MiB
	Stall    time.Duration // a connection that brings nothing for so long is given up; 30 s
	Wait     time.Duration // before the second try; doubled for each further one; 1 s
	Tries    int           // failures in a row before giving up; 7
	OnEvent  func(Event)
}

// Phase is what a pull is doing.
type Phase string

// Phases of a file, in order. A file that is already there is only checked.
const (
	Asking   Phase = "asking"   // for sizes and hashes
	Fetching Phase = "fetching" // parts
	Checking Phase = "checking" // reading the whole file to hash it
	Done     Phase = "done"     // this file is complete and verified
)

// Event says how far a pull is.
type Event struct {
	Phase Phase
	File  string        // the file it is about
	Bytes int64         // of all files, there by now; while Checking: of this file, hashed
	Total int64         // of all files; while Checking: of this file
	Speed float64       // bytes per second over the last seconds; 0 while unknown
	Left  time.Duration // at that speed; 0 while unknown
	Note  string        // a sentence about trouble that is being dealt with, else ""
}

// Result is a complete file.
type Result struct {
	Name   string
	Size   int64
	SHA256 string // computed from the file, whatever the server published
	Commit string // the revision the server says the file is of, "" when it does not
}

// Run fetches the files in order. An error says which file, what was tried and
// what to do; everything fetched so far stays for the next Run.
func Run(ctx context.Context, o Options) ([]Result, error) {
	o.fill()
	if err := os.MkdirAll(o.Folder, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder for the model: %w", err)
	}
	lock := flock.New(filepath.Join(o.Folder, ".pull.lock"))
	switch held, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("locking %s: %w", o.Folder, err)
	case !held:
		return nil, fmt.Errorf("another sirocco is fetching into %s; let it finish or stop it first", o.Folder)
	}
	defer lock.Unlock()
	r := newRun(o)
	results, err := r.files(ctx)
	if err == nil {
		r.tidy()
	}
	return results, err
}

func (o *Options) fill() {
	o.Parallel = orElse(o.Parallel, 4)
	o.Part = orElse(o.Part, 8<<20)
	o.Stall = orElse(o.Stall, 30*time.Second)
	o.Wait = orElse(o.Wait, time.Second)
	o.Tries = orElse(o.Tries, 7)
	if o.OnEvent == nil {
		o.OnEvent = func(Event) {}
	}
}

func orElse[T int | int64 | time.Duration](value, otherwise T) T {
	if value > 0 {
		return value
	}
	return otherwise
}

// run is one call of Run.
type run struct {
	Options
	client *client
	meter  *meter
}

func newRun(o Options) *run {
	return &run{Options: o, client: newClient(o.Token, o.Stall), meter: newMeter(o.OnEvent)}
}

// files asks about all files before it fetches the first: that there is no
// room, or that a file is not to be had, is known at once.
func (r *run) files(ctx context.Context) ([]Result, error) {
	var all []*target
	for _, f := range r.Files {
		r.meter.phase(Asking, f.Name, 0)
		t, err := r.target(ctx, f)
		if f.Optional && absent(err) {
			continue
		}
		if err != nil {
			return nil, r.failed(ctx, f.Name, err)
		}
		all = append(all, t)
		r.meter.total += t.size
		r.meter.bytes += t.have()
	}
	if err := enoughRoom(r.Folder, all); err != nil {
		return nil, err
	}
	var results []Result
	for _, t := range all {
		hash, err := t.complete(ctx)
		if err != nil {
			return results, r.failed(ctx, t.file.Name, err)
		}
		r.meter.phase(Done, t.file.Name, 0)
		results = append(results, Result{Name: t.file.Name, Size: t.size, SHA256: hash, Commit: t.facts.commit})
	}
	return results, nil
}

// failed makes a sentence of a failure; a pause stays what it is.
func (r *run) failed(ctx context.Context, name string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("fetching %s: %w", name, err)
}

// tidy removes what only an unfinished pull needs. The records stay: with them
// a file that is damaged later is repaired part by part.
func (r *run) tidy() { os.Remove(filepath.Join(r.Folder, ".pull.lock")) }

// target is one file on its way.
type target struct {
	*run
	file  File
	facts facts
	size  int64
	want  digest
	path  string // of the finished file
	rec   *record
	where atomic.Pointer[string] // of the bytes, once the first address is no longer good
}

// target asks the server about a file and finds what is there of it already.
func (r *run) target(ctx context.Context, f File) (*target, error) {
	if !filepath.IsLocal(filepath.FromSlash(f.Name)) {
		return nil, errors.New("its name leads out of the folder")
	}
	facts, err := r.probe(ctx, f.URL)
	if err != nil {
		return nil, err
	}
	t := &target{run: r, file: f, facts: facts, path: filepath.Join(r.Folder, filepath.FromSlash(f.Name))}
	if t.size, err = agreeSize(f, facts); err != nil {
		return nil, err
	}
	if t.want, err = agreeDigest(f, facts); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(t.path), 0o755); err != nil {
		return nil, err
	}
	t.rec, err = openRecord(t)
	return t, err
}

// partial is the file while it is not complete.
func (t *target) partial() string { return t.path + ".part" }
