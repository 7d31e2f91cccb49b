// Package library turns a model's name into files on this machine, and keeps
// the list of models a person has. Open this file first.
//
// The list is register.json in the user's data folder. Every change takes a
// lock, reads the list anew, and replaces the file in one step, so that two
// programs at once lose nothing. A model is registered where it lies; nothing
// is copied. The others: resolve.go is what --model may name, miniature.go the
// model that is always there, describe.go what a model's files are, verify.go
// their hashes, catalogue.go what can be fetched, fetch.go fetching it with the
// engine in package pull.
package library

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/adrg/xdg"
	"github.com/gofrs/flock"
)

// Library is the list of models in a folder.
type Library struct {
	Dir string // holds register.json and, under models, what was fetched
}

// Entry is one model of the list.
type Entry struct {
	Name   string            `json:"name"`
	Path   string            `json:"path"`             // absolute: a folder or a GGUF file
	MMProj string            `json:"mmproj,omitempty"` // vision file, where it is not beside the model
	Added  time.Time         `json:"added"`
	Source string            `json:"source,omitempty"` // repository and revision it was fetched from
	Files  map[string]Record `json:"files,omitempty"`  // what is known of its files, by path from its folder
}

// Record is the hash a file had, and who says so.
type Record struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	From   string `json:"from"` // "fetched" or "verified": by this program, against what was published or as first seen
}

// register is register.json.
type register struct {
	Version int     `json:"version"`
	Current string  `json:"current,omitempty"` // what runs when no model is named
	Models  []Entry `json:"models"`
}

const registerVersion = 1

// Default is the user's own library.
func Default() Library {
	xdg.Reload() // the environment may have changed since the program began
	return Library{Dir: filepath.Join(xdg.DataHome, "sirocco")}
}

func (l Library) file() string { return filepath.Join(l.Dir, "register.json") }

// Models are all entries by name, and the name of the current one ("" for the
// embedded miniature).
func (l Library) Models() (models []Entry, current string, err error) {
	r, err := l.read()
	slices.SortFunc(r.Models, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return r.Models, r.Current, err
}

// Find looks an entry up by its name.
func (l Library) Find(name string) (Entry, error) {
	r, err := l.read()
	if err != nil {
		return Entry{}, err
	}
	if i := r.index(name); i >= 0 {
		return r.Models[i], nil
	}
	return Entry{}, fmt.Errorf("there is no model called %q in the library%s", name, r.known())
}

// Add registers a model, or changes the entry of that name for the same path.
// The first one becomes the current one.
func (l Library) Add(e Entry) error {
	if !isName.MatchString(e.Name) {
		return fmt.Errorf("%q cannot be a model's name; letters, digits, dots, dashes and underscores can", e.Name)
	}
	if e.Name == MiniatureName {
		return fmt.Errorf("%q is the name of the embedded miniature; choose another with --name", e.Name)
	}
	return l.change(func(r *register) error {
		at := r.index(e.Name)
		switch {
		case at < 0:
			r.Models = append(r.Models, e)
		case r.Models[at].Path != e.Path:
			return fmt.Errorf("there is already a model called %q, %s; choose another name with --name", e.Name, r.Models[at].Path)
		default:
			r.Models[at] = e
		}
		if r.Current == "" {
			r.Current = e.Name
		}
		return nil
	})
}

// Remove takes an entry out of the list. The files stay.
func (l Library) Remove(name string) (removed Entry, err error) {
	return removed, l.change(func(r *register) error {
		at := r.index(name)
		if at < 0 {
			return fmt.Errorf("there is no model called %q in the library%s", name, r.known())
		}
		removed = r.Models[at]
		r.Models = slices.Delete(r.Models, at, at+1)
		if r.Current == name {
			r.Current = ""
		}
		return nil
	})
}

// Use makes a model the current one; MiniatureName is the embedded one.
func (l Library) Use(name string) error {
	return l.change(func(r *register) error {
		if name == MiniatureName {
			name = ""
		} else if r.index(name) < 0 {
			return fmt.Errorf("there is no model called %q in the library%s", name, r.known())
		}
		r.Current = name
		return nil
	})
}

// Note keeps what is known of a model's files.
func (l Library) Note(name string, files map[string]Record) error {
	return l.change(func(r *register) error {
		if at := r.index(name); at >= 0 {
			r.Models[at].Files = files
		}
		return nil
	})
}

var isName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$`)

func (r *register) index(name string) int {
	return slices.IndexFunc(r.Models, func(e Entry) bool { return e.Name == name })
}

// known lists the names there are, for complaints.
func (r *register) known() string {
	if len(r.Models) == 0 {
		return ", which is empty; see sirocco models -h"
	}
	var names []string
	for _, e := range r.Models {
		names = append(names, e.Name)
	}
	slices.Sort(names)
	return "; it has " + strings.Join(names, ", ")
}

func (l Library) read() (register, error) {
	r := register{Version: registerVersion}
	data, err := os.ReadFile(l.file())
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	switch {
	case err != nil:
		return register{}, fmt.Errorf("reading the list of models in %s: %w; move the file away to begin a new list", l.file(), err)
	case r.Version > registerVersion:
		return register{}, fmt.Errorf("the list of models in %s is of a newer version of this program; update sirocco", l.file())
	}
	return r, nil
}

// change reads the list, changes it and writes it, while nobody else does.
func (l Library) change(edit func(*register) error) error {
	if err := os.MkdirAll(l.Dir, 0o755); err != nil {
		return fmt.Errorf("making a folder for the list of models: %w", err)
	}
	lock := flock.New(filepath.Join(l.Dir, ".register.lock"))
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("locking the list of models: %w", err)
	}
	defer lock.Unlock()
	r, err := l.read()
	if err != nil {
		return err
	}
	if err := edit(&r); err != nil {
		return err
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := replace(l.file(), append(data, '\n')); err != nil {
		return fmt.Errorf("writing the list of models: %w", err)
	}
	return nil
}

// replace writes a file in one step: readers see the old one or the new one.
func replace(path string, data []byte) error {
	scratch, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(scratch.Name())
	_, err = scratch.Write(data)
	if err == nil {
		err = scratch.Sync()
	}
	if err = errors.Join(err, scratch.Close()); err != nil {
		return err
	}
	return os.Rename(scratch.Name(), path)
}
