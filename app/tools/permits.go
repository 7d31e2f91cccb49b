package tools

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/adrg/xdg"
)

// Permits are the tools that may always run, as a file remembers them. A permit
// is for one tool of one source as it was when it was given: a tool that has
// since changed its description, its schema or its hints is asked about again.
// A nil *Permits remembers nothing. It is safe for concurrent use.
type Permits struct {
	path string

	mu    sync.Mutex
	given map[string]Permit
}

// Permit is one tool that may always run.
type Permit struct {
	Source      string    `json:"source"`
	Tool        string    `json:"tool"`
	Fingerprint string    `json:"fingerprint"` // of the definition
	Given       time.Time `json:"given"`
}

// PermitsPath is where permits are kept unless somebody says otherwise.
func PermitsPath() string { return filepath.Join(xdg.ConfigHome, "sirocco", "permits.json") }

// OpenPermits reads a file of permits; one that is not there has none.
func OpenPermits(path string) (*Permits, error) {
	p := &Permits{path: path, given: map[string]Permit{}}
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading which tools may always run: %w", err)
	}
	var list []Permit
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("reading which tools may always run: %s is damaged (%v); delete it to be asked again", path, err)
	}
	for _, permit := range list {
		p.given[permit.Source+"\n"+permit.Tool] = permit
	}
	return p, nil
}

// Allows reports whether a tool may run without asking.
func (p *Permits) Allows(t *Tool) bool {
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.given[permitKey(t)].Fingerprint == fingerprint(t)
}

// Add lets a tool run from now on, and writes the file.
func (p *Permits) Add(t *Tool) error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.given[permitKey(t)] = Permit{Source: t.Source, Tool: t.Name, Fingerprint: fingerprint(t), Given: time.Now().UTC()}
	return p.write()
}

// List is all permits, ordered by source and tool.
func (p *Permits) List() []Permit {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sorted()
}

func (p *Permits) sorted() []Permit {
	list := []Permit{}
	for _, permit := range p.given {
		list = append(list, permit)
	}
	slices.SortFunc(list, func(a, b Permit) int {
		return strings.Compare(a.Source+"\n"+a.Tool, b.Source+"\n"+b.Tool)
	})
	return list
}

// Remove takes a permit back.
func (p *Permits) Remove(permit Permit) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.given, permit.Source+"\n"+permit.Tool)
	return p.write()
}

// write replaces the file at once, so that it is never half written.
func (p *Permits) write() error {
	data, err := json.MarshalIndent(p.sorted(), "", "  ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(p.path), 0o700)
	}
	if err == nil {
		err = os.WriteFile(p.path+".new", append(data, '\n'), 0o600)
	}
	if err == nil {
		err = os.Rename(p.path+".new", p.path)
	}
	if err != nil {
		return fmt.Errorf("remembering which tools may always run: %w", err)
	}
	return nil
}

func permitKey(t *Tool) string { return t.Source + "\n" + t.Name }

// fingerprint tells a definition from any other.
func fingerprint(t *Tool) string {
	definition, _ := json.Marshal([]any{t.Source, t.Name, t.Description, string(t.Parameters), t.ReadOnly})
	sum := sha256.Sum256(definition)
	return hex.EncodeToString(sum[:12])
}
