package toolbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sirocco/app/tools"
)

// reader gathers what a file says.
type reader struct {
	config   *tools.Config
	options  Options
	inputs   map[string]Input
	found    bool // the file speaks of tools
	own      bool // in our own form
	opencode bool // the section that is read now is opencode's
	verbatim bool // references stay as they are written
}

func (r *reader) note(format string, args ...any) {
	r.config.Notes = append(r.config.Notes, fmt.Sprintf(format, args...))
}

// file reads the keys of the whole file.
func (r *reader) file(top []member) {
	if looksLikeServer(top) { // one server's entry alone
		r.found = true
		r.server("", "", top)
		return
	}
	for _, m := range top {
		if m.key == "inputs" {
			r.readInputs(m.value)
		}
	}
	var unknown []string
	for _, m := range top {
		if !r.section(m) {
			unknown = append(unknown, m.key)
		}
	}
	if !r.found && r.bareServers(top) {
		unknown = nil
	}
	if len(unknown) > 0 {
		r.note("the file's %s: not read, only its tools are", list(unknown))
	}
	r.config.Foreign = r.found && !r.own && len(top) > 0
	r.found = r.found || len(top) == 0
}

// section reads one key of the file; false is one that is not about tools.
func (r *reader) section(m member) bool {
	switch m.key {
	case "builtin":
		r.builtin(m.value)
	case "commands":
		r.commands(m.value)
	case "servers", "mcpServers", "context_servers", "mcp.servers", "mcp-servers", "mcp_servers":
		r.servers(m)
	case "mcp":
		r.nested(m)
	case "inputs", "$schema":
	default:
		return false
	}
	return true
}

// builtin reads which built-in tools are offered.
func (r *reader) builtin(value json.RawMessage) {
	r.found, r.own = true, true
	var names *[]string
	if err := json.Unmarshal(value, &names); err != nil {
		r.note("\"builtin\" is left out: a list of names is expected, such as [\"clock\"]")
		return
	}
	r.config.Builtin = names
}

// commands reads the programs that are tools.
func (r *reader) commands(value json.RawMessage) {
	r.found, r.own = true, true
	var entries []json.RawMessage
	if err := json.Unmarshal(value, &entries); err != nil {
		r.note("\"commands\" is left out: a list is expected")
		return
	}
	for i, entry := range entries {
		var c tools.CommandSpec
		decoder := json.NewDecoder(bytes.NewReader(entry))
		decoder.DisallowUnknownFields()
		err := decoder.Decode(&c)
		if err != nil && strings.Contains(err.Error(), "unknown field") {
			r.note("commands[%d] (%s): %s, which is ignored", i, c.Name, strings.TrimPrefix(err.Error(), "json: "))
			err = json.Unmarshal(entry, &c)
		}
		switch {
		case err != nil:
			r.note("commands[%d] is left out: %v", i, err)
		case c.Name == "" || len(c.Command) == 0 || c.Command[0] == "":
			r.note(`commands[%d] is left out: it needs a "name" and a "command" (a list: the program and its arguments)`, i)
		default:
			r.config.Commands = append(r.config.Commands, c)
		}
	}
}

// servers reads a list of servers, or an object of them by name.
func (r *reader) servers(m member) {
	r.found = true
	var entries []json.RawMessage
	if err := json.Unmarshal(m.value, &entries); err == nil && entries != nil {
		r.own = true
		for i, entry := range entries {
			r.entry(fmt.Sprintf("%s[%d]", m.key, i), "", entry)
		}
		return
	}
	named, err := parseObject(m.value)
	if err != nil {
		r.note("%q is left out: servers by their names are expected, {\"name\": {\"command\": …}}", m.key)
		return
	}
	r.byName(named)
}

// byName reads servers in the order of their names; of two with one name the last counts.
func (r *reader) byName(named []member) {
	last := map[string]json.RawMessage{}
	var names []string
	for _, s := range named {
		if _, twice := last[s.key]; twice {
			r.note("the server %s stands there twice; the last entry counts", s.key)
		} else {
			names = append(names, s.key)
		}
		last[s.key] = s.value
	}
	slices.Sort(names)
	for _, name := range names {
		r.entry("the server "+name, name, last[name])
	}
}

// nested reads "mcp": opencode's servers by name, or VS Code's settings.
func (r *reader) nested(m member) {
	inner, err := parseObject(m.value)
	if err != nil {
		r.found = true
		r.note("\"mcp\" is left out: servers by their names are expected")
		return
	}
	for _, key := range []string{"servers", "mcpServers"} {
		for _, s := range inner {
			if _, err := parseObject(s.value); s.key == key && err == nil && !isServer(s.value) {
				for _, other := range inner {
					if other.key == "inputs" {
						r.readInputs(other.value)
					}
				}
				r.servers(s)
				return
			}
		}
	}
	r.found, r.opencode = true, true
	r.byName(inner)
	r.opencode = false
}

// bareServers reads a file that is servers by name and nothing else, as many
// documents print them.
func (r *reader) bareServers(top []member) bool {
	for _, m := range top {
		if !isServer(m.value) {
			return false
		}
	}
	if len(top) == 0 {
		return false
	}
	r.found = true
	r.byName(top)
	return true
}

func isServer(value json.RawMessage) bool {
	entry, err := parseObject(value)
	return err == nil && looksLikeServer(entry)
}

// looksLikeServer says that an object is a server's entry.
func looksLikeServer(entry []member) bool {
	return slices.ContainsFunc(entry, func(m member) bool {
		switch m.key {
		case "command", "url", "serverUrl", "httpUrl":
			return len(m.value) > 0 && (m.value[0] == '"' || m.value[0] == '[' || m.value[0] == '{')
		}
		return false
	})
}

// entry reads one server; what cannot be used is left out with a word.
func (r *reader) entry(what, name string, value json.RawMessage) {
	members, err := parseObject(value)
	if err != nil {
		r.note("%s is left out: an object is expected, such as {\"command\": \"npx\", \"args\": [\"-y\", \"a-server\"]}", what)
		return
	}
	r.server(what, name, members)
}
