package library

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// MiniatureName is what --model calls the embedded miniature.
const MiniatureName = "breeze"

// Choice is a model that was found.
type Choice struct {
	Path   string // folder or file
	MMProj string // vision file the library has for it, else ""
	Name   string // in the library; "" for a path
	// Miniature is true when the embedded model answers.
	Miniature bool
	// Requested is true when the model was named, by path or by name.
	Requested bool
}

// Resolve turns what --model says into a path: a folder or file that is there,
// else a name from the library, "breeze" being the embedded miniature. An empty
// name is the library's current model, and without one the miniature.
func Resolve(name string) (Choice, error) { return Default().Resolve(name) }

// Resolve is the function of the same name for a library of one's own.
func (l Library) Resolve(name string) (Choice, error) {
	asked := name != ""
	if !asked {
		r, err := l.read()
		if err != nil {
			return Choice{}, err
		}
		name = r.Current
	} else if _, err := os.Stat(name); err == nil {
		return Choice{Path: name, Requested: true}, nil
	}
	if name == "" || name == MiniatureName {
		path, err := Miniature()
		return Choice{Path: path, Miniature: true, Requested: asked}, err
	}
	if !isName.MatchString(name) {
		return Choice{}, fmt.Errorf("opening the model %q: there is no such folder or file; give --model a folder with params.json or config.json in it, a GGUF file, or a name from: sirocco models list", name)
	}
	entry, err := l.Find(name)
	if err != nil {
		return Choice{}, fmt.Errorf("opening the model %q: there is no such folder or file, and %w", name, err)
	}
	if _, err := os.Stat(entry.Path); err != nil {
		return Choice{}, fmt.Errorf("opening the model %q: %s is no longer there; put it back, or take the name out with: sirocco models remove %s", name, entry.Path, name)
	}
	return Choice{Path: entry.Path, MMProj: entry.MMProj, Name: name, Requested: asked}, nil
}

// NameFor is the name a model gets when nobody chooses one: that of its folder
// or file, without the ending and the number of its part.
func NameFor(path string) string {
	name := filepath.Base(path)
	name = strings.TrimSuffix(name, ".gguf")
	if at := strings.Index(name, "-00001-of-"); at > 0 {
		name = name[:at]
	}
	var clean strings.Builder
	for _, r := range name {
		if isName.MatchString("x" + string(r)) {
			clean.WriteRune(r)
		} else {
			clean.WriteByte('-')
		}
	}
	return strings.TrimLeft(clean.String(), "-.")
}
