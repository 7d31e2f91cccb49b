package toolbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tailscale/hujson"

	"sirocco/app/tools"
)

// File is the text of a file of tools that is being changed. Its comments stay.
type File struct {
	value hujson.Value
}

// Edit changes a file, which need not be there yet. It is written at once and for
// the user alone, since it may hold keys.
func Edit(path string, change func(*File) error) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		data, err = []byte("{}"), nil
	}
	if err != nil {
		return fmt.Errorf("reading the list of tools: %w", err)
	}
	f := &File{}
	if f.value, err = hujson.Parse([]byte(strings.TrimPrefix(string(data), "\ufeff"))); err != nil {
		return fmt.Errorf("the list of tools in %s is not the JSON that was expected (%s); it is left as it is", path, strings.TrimPrefix(err.Error(), "hujson: "))
	}
	if err := change(f); err != nil {
		return fmt.Errorf("changing the list of tools in %s: %w", path, err)
	}
	f.value.Format()
	err = os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = os.WriteFile(path+".new", f.value.Pack(), 0o600)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return fmt.Errorf("writing the list of tools: %w", err)
	}
	return nil
}

// Put adds a server under its name, or replaces the one of that name.
func (f *File) Put(spec tools.ServerSpec) error {
	if at, ok := f.find(spec.Name); ok && !strings.HasPrefix(at, "/servers/") {
		return f.add(at, foreign(spec))
	} else if ok {
		return f.add(at, spec)
	}
	if f.value.Find("/mcpServers") == nil {
		if err := f.add("/mcpServers", struct{}{}); err != nil {
			return err
		}
	}
	return f.add("/mcpServers/"+escaped(spec.Name), foreign(spec))
}

// foreign is an entry without its name, which is its key.
func foreign(spec tools.ServerSpec) tools.ServerSpec {
	spec.Name = ""
	return spec
}

// AddInputs lists what the entries leave open, in place of inputs of those names.
func (f *File) AddInputs(inputs []Input) error {
	if len(inputs) == 0 {
		return nil
	}
	var list []Input
	if now := f.value.Find("/inputs"); now != nil {
		plain := now.Clone()
		plain.Standardize()
		_ = json.Unmarshal(plain.Pack(), &list) // what cannot be read is replaced
	}
	for _, in := range inputs {
		list = append(slices.DeleteFunc(list, func(other Input) bool { return other.ID == in.ID }), in)
	}
	return f.add("/inputs", list)
}

// Switch says whether a server is started, and which of its tools are offered.
func (f *File) Switch(spec tools.ServerSpec) error {
	at, ok := f.find(spec.Name)
	if !ok {
		return fmt.Errorf("there is no server %s any more", spec.Name)
	}
	for _, key := range []string{"enabled", "excludeTools", "disabled_tools", "includeTools", "enabled_tools"} {
		if err := f.remove(at + "/" + key); err != nil {
			return err
		}
	}
	for _, field := range []struct {
		key   string
		value any
		set   bool
	}{{"disabled", spec.Disabled, spec.Disabled}, {"disabledTools", spec.DisabledTools, len(spec.DisabledTools) > 0}, {"enabledTools", spec.EnabledTools, len(spec.EnabledTools) > 0}} {
		change := func() error { return f.remove(at + "/" + field.key) }
		if field.set {
			change = func() error { return f.add(at+"/"+field.key, field.value) }
		}
		if err := change(); err != nil {
			return err
		}
	}
	return nil
}

// Remove takes a server out.
func (f *File) Remove(name string) error {
	at, ok := f.find(name)
	if !ok {
		return nil
	}
	return f.remove(at)
}

// find is where a server stands, as a JSON pointer.
func (f *File) find(name string) (string, bool) {
	for _, section := range []string{"/mcpServers", "/servers", "/context_servers", "/mcp/servers", "/mcp", "/mcp_servers", "/mcp-servers", "/mcp.servers", ""} {
		at := section + "/" + escaped(name)
		if v := f.value.Find(at); v != nil && v.Value.Kind() == '{' {
			return at, true
		}
	}
	list := f.value.Find("/servers")
	if list == nil {
		return "", false
	}
	elements, ok := list.Value.(*hujson.Array)
	if !ok {
		return "", false
	}
	for i, e := range elements.Elements {
		plain := e.Clone()
		plain.Standardize()
		var entry struct{ Name string }
		if json.Unmarshal(plain.Pack(), &entry) == nil && entry.Name == name {
			return "/servers/" + strconv.Itoa(i), true
		}
	}
	return "", false
}

// escaped is a key as a JSON pointer writes it.
func escaped(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

func (f *File) add(at string, value any) error {
	op := "add"
	if f.value.Find(at) != nil {
		op = "replace"
	}
	return f.patch(map[string]any{"op": op, "path": at, "value": value})
}

func (f *File) remove(at string) error {
	if f.value.Find(at) == nil {
		return nil
	}
	return f.patch(map[string]any{"op": "remove", "path": at})
}

func (f *File) patch(operation map[string]any) error {
	data, err := json.Marshal([]any{operation})
	if err != nil {
		return err
	}
	return f.value.Patch(data)
}

// Import reads what somebody pasted or chose, to be put into another file: variables
// and inputs stay as they are written.
func Import(data []byte) (servers []tools.ServerSpec, inputs []Input, notes []string, err error) {
	plain, err := standard(data)
	if err != nil {
		return nil, nil, nil, err
	}
	top, err := parseObject(plain)
	if err != nil {
		return nil, nil, nil, errors.New("it holds no JSON object; {\"mcpServers\": {…}} is expected")
	}
	r := &reader{config: &tools.Config{}, inputs: map[string]Input{}, verbatim: true}
	r.file(top)
	if !r.found {
		return nil, nil, nil, unknownFile(top)
	}
	for i := range r.config.Servers {
		if s := &r.config.Servers[i]; s.Name == "" {
			s.Name = s.Label()
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.inputs)) {
		inputs = append(inputs, r.inputs[id])
	}
	return r.config.Servers, inputs, r.config.Notes, nil
}
