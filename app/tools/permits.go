package tools

import (
	"cmp"
	"crypto/rand"
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
// is for one tool of one source as it was when it was given: once anything has
// changed that decides what runs, it is asked about again.
// A nil *Permits remembers nothing. It is safe for concurrent use.
type Permits struct {
	path string

	mu    sync.Mutex
	given permits
}

// Permit is one tool that may always run.
type Permit struct {
	Source      string            `json:"source"`
	Tool        string            `json:"tool"`
	Fingerprint string            `json:"fingerprint"` // of all parts
	Given       time.Time         `json:"given"`
	Salt        string            `json:"salt,omitempty"`
	Parts       map[string]string `json:"parts,omitempty"` // what it is bound to → its hash; none in a permit of an earlier version
}

// permits are by source and tool.
type permits map[string]Permit

// find is the permit of a tool, be it of an earlier version.
func (p permits) find(t *Tool) (permit Permit, ok bool) {
	if permit, ok = p[permitKey(t)]; !ok {
		permit, ok = p[t.formerSource()+"\n"+t.Name]
	}
	return permit, ok
}

// changes are what differs from what was permitted; nothing where nothing was.
func (p permits) changes(t *Tool) []string {
	permit, ok := p.find(t)
	if !ok {
		return nil
	}
	return permit.changes(t)
}

func (p permits) allows(t *Tool) bool {
	permit, ok := p.find(t)
	return ok && len(permit.changes(t)) == 0
}

// add permits a tool as it is, in place of what was permitted before.
func (p permits) add(t *Tool) {
	permit := Permit{Source: t.storedSource(), Tool: t.Name, Given: time.Now().UTC(), Salt: rand.Text()}
	permit.Parts = hashes(t, permit.Salt)
	all, _ := json.Marshal(permit.Parts) // strings always have a JSON
	sum := sha256.Sum256(all)
	permit.Fingerprint = hex.EncodeToString(sum[:12])
	delete(p, t.formerSource()+"\n"+t.Name)
	p[permitKey(t)] = permit
}

// PermitsPath is where permits are kept unless somebody says otherwise.
func PermitsPath() string { return filepath.Join(xdg.ConfigHome, "sirocco", "permits.json") }

// OpenPermits reads a file of permits; one that is not there has none.
func OpenPermits(path string) (*Permits, error) {
	p := &Permits{path: path, given: permits{}}
	if err := p.read(); err != nil {
		return nil, err
	}
	return p, nil
}

// read takes what the file says now: another program may have given permits, or
// taken them back. What it says stands only when all of it can be read.
func (p *Permits) read() error {
	data, err := os.ReadFile(p.path)
	if errors.Is(err, os.ErrNotExist) {
		p.given = permits{}
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading which tools may always run: %w", err)
	}
	given, err := parsePermits(data)
	if err != nil {
		return fmt.Errorf("reading which tools may always run: %s is damaged (%v); delete it to be asked again", p.path, err)
	}
	p.given = given
	return nil
}

// parsePermits reads the text of a file.
func parsePermits(data []byte) (permits, error) {
	var list []Permit
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, err
	}
	given := permits{}
	for _, permit := range list {
		given[permit.Source+"\n"+permit.Tool] = permit
	}
	return given, nil
}

// now is what the file says; a file that cannot be read any more permits nothing.
func (p *Permits) now() permits {
	if p.read() != nil {
		return nil
	}
	return p.given
}

// Allows reports whether a tool may run without asking.
func (p *Permits) Allows(t *Tool) bool {
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now().allows(t)
}

// Changes are what differs in a tool from what may always run; nothing where it is
// the same, or never was permitted.
func (p *Permits) Changes(t *Tool) []string {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now().changes(t)
}

// Add lets a tool run from now on, and writes the file.
func (p *Permits) Add(t *Tool) error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.read(); err != nil {
		return err
	}
	p.given.add(t)
	return p.write()
}

// List is all permits, ordered by source and tool.
func (p *Permits) List() []Permit {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.read() // what was read last is shown
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
	if err := p.read(); err != nil {
		return err
	}
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

func permitKey(t *Tool) string { return t.storedSource() + "\n" + t.Name }

// storedSource names where a tool comes from in a file.
func (t *Tool) storedSource() string { return cmp.Or(t.StoredSource, t.Source) }

// formerSource names where a tool comes from as version 0.1.0 did.
func (t *Tool) formerSource() string { return cmp.Or(t.former, t.Source) }
