package tools

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// What a permission is bound to. A person reads these when one of them changed.
const (
	boundProgram     = "its program"
	boundArguments   = "its arguments"
	boundFolder      = "its folder"
	boundEnvironment = "its environment"
	boundAddress     = "its address"
	boundTitle       = "its title"
	boundDescription = "its description"
	boundParameters  = "its parameters"
	boundHints       = "what it says about changing things"
)

// Looser says of a permission of an earlier version that it names too little.
const Looser = "the earlier permission did not say what exactly may run"

// Bound is one of the things that decide what runs. Values may hold secrets: they
// are kept as hashes alone.
type Bound struct{ What, Value string }

// bounds are all that decide what a call of a tool does.
func (t *Tool) bounds() []Bound {
	return append(slices.Clone(t.Bounds),
		Bound{boundTitle, t.Title}, Bound{boundDescription, t.Description}, Bound{boundParameters, string(t.Parameters)},
		Bound{boundHints, strconv.FormatBool(t.ReadOnly)})
}

// boundCommand is what decides which program runs.
func boundCommand(command []string, dir string, env map[string]string) []Bound {
	folder, err := filepath.Abs(dir) // "" is the folder we were started in
	if err != nil {
		folder = dir
	}
	program := command[0]
	switch found, err := exec.LookPath(program); {
	case strings.ContainsRune(program, filepath.Separator) || strings.Contains(program, "/"):
		if !filepath.IsAbs(program) {
			program = filepath.Join(folder, program)
		}
	case err == nil:
		program = found
	}
	var added []string
	for _, name := range sortedKeys(env) {
		added = append(added, name+"="+env[name])
	}
	return []Bound{{boundProgram, program}, {boundArguments, describeList(command[1:])}, {boundFolder, folder}, {boundEnvironment, describeList(added)}}
}

// describeList writes a list so that no other list is written alike.
func describeList(list []string) string {
	text, _ := json.Marshal(list) // strings always have a JSON
	return string(text)
}

// bounds are what decides who answers the calls of a server.
func (s *ServerSpec) bounds() []Bound {
	if s.URL != "" {
		return []Bound{{boundAddress, s.URL}}
	}
	return boundCommand(s.Command, s.Dir, s.Env)
}

// storedSource names a server in a file: without arguments and paths, which may hold keys.
func (s *ServerSpec) storedSource() string {
	switch {
	case s.Name != "":
		return "MCP server " + s.Name
	case s.URL != "":
		if u, err := url.Parse(s.URL); err == nil {
			return "MCP server " + u.Host
		}
		return "MCP server"
	}
	return "MCP server " + filepath.Base(s.Command[0])
}

// hashes are the bounds of a tool as a permit keeps them. The salt makes equal
// values of two permits look different.
func hashes(t *Tool, salt string) map[string]string {
	parts := map[string]string{}
	for _, b := range t.bounds() {
		sum := sha256.Sum256([]byte(salt + "\n" + b.What + "\n" + b.Value))
		parts[b.What] = hex.EncodeToString(sum[:12])
	}
	return parts
}

// changes are the bounds in which a tool differs from what was permitted.
func (p *Permit) changes(t *Tool) []string {
	if len(p.Parts) == 0 {
		return []string{Looser}
	}
	now, changed := hashes(t, p.Salt), []string{}
	for _, b := range t.bounds() {
		if p.Parts[b.What] != now[b.What] {
			changed = append(changed, b.What)
		}
	}
	for what := range p.Parts {
		if now[what] == "" {
			changed = append(changed, what)
		}
	}
	slices.Sort(changed)
	return slices.Compact(changed)
}
