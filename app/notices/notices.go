// Package notices turns the compressed list inside the binary into the licences
// of everything it contains: Go modules, the libraries inside them, and the
// embedded assets. The list is assets/licenses.json.zst, made by tools/licenses
// from the module cache. Open this file first; it is the only one.
package notices

import (
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"

	"sirocco/assets"
)

// Part is something inside the program that others have written.
type Part struct {
	Name    string   `json:"name"`    // a module's path, or a title
	Version string   `json:"version"` // "" for what has none
	Kind    string   `json:"kind"`    // "module", "library" or "asset"
	License string   `json:"license"` // SPDX expression, for a first look; the texts count
	Note    string   `json:"note,omitempty"`
	Texts   []string `json:"texts"` // keys of List.Texts
}

// List is every part and the full texts of their licences.
type List struct {
	Parts []Part            `json:"parts"` // by name
	Texts map[string]string `json:"texts"`
}

// All reads the embedded list.
var All = sync.OnceValues(func() (*List, error) { return Read(assets.Licenses) })

// Missing are the modules of a build, as path and version, that the list lacks.
func (l *List) Missing(modules []*debug.Module) (missing []string) {
	for _, m := range modules {
		if !slices.ContainsFunc(l.Parts, func(p Part) bool { return p.Name == m.Path && p.Version == m.Version }) {
			missing = append(missing, m.Path+" "+m.Version)
		}
	}
	return missing
}

// Read unpacks a list.
func Read(packed []byte) (*List, error) {
	decoder, err := zstd.NewReader(nil)
	if err != nil {
		return nil, err
	}
	defer decoder.Close()
	data, err := decoder.DecodeAll(packed, nil)
	list := &List{}
	if err == nil {
		err = json.Unmarshal(data, list)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the licences: %w", err)
	}
	return list, nil
}
