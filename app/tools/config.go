package tools

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/adrg/xdg"

	"sirocco/app/crash"
)

// Config says which tools there are. Package toolbox reads it from a file.
type Config struct {
	// Builtin names the built-in tools to offer; absent means all of them.
	Builtin  *[]string     `json:"builtin,omitempty"`
	Commands []CommandSpec `json:"commands,omitempty"`
	Servers  []ServerSpec  `json:"servers,omitempty"`

	// Notes say what of the file was not understood or is left out, and why.
	Notes []string `json:"-"`
	// Foreign is true of a file in another program's form, which does not speak of
	// built-in tools.
	Foreign bool `json:"-"`
}

// ConfigPath is where the file lies unless somebody says otherwise.
func ConfigPath() string { return filepath.Join(xdg.ConfigHome, "sirocco", "tools.json") }

// Secret says that the file may hold keys: headers, or variables that are set.
func (c *Config) Secret() bool {
	return slices.ContainsFunc(c.Servers, func(s ServerSpec) bool { return len(s.Headers)+len(s.Env) > 0 }) ||
		slices.ContainsFunc(c.Commands, func(s CommandSpec) bool { return len(s.Env) > 0 })
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Open is OpenIn a Host that nobody watches.
func (c *Config) Open(ctx context.Context) (*Set, error) { return c.OpenIn(ctx, &Host{}) }

// OpenIn starts what a file lists. Servers that cannot be reached are left out; the
// error says which, and the set is there all the same.
func (c *Config) OpenIn(ctx context.Context, host *Host) (*Set, error) {
	set := NewSet(List(c.builtin()))
	var commands List
	for _, spec := range c.Commands {
		commands = append(commands, spec.tool())
	}
	set.Add(commands)
	wanted := slices.DeleteFunc(slices.Clone(c.Servers), func(s ServerSpec) bool { return s.Disabled })
	servers, faults := host.ConnectAll(ctx, wanted)
	var said []error
	for i, server := range servers {
		said = append(said, faults[i])
		if server == nil {
			continue
		}
		set.Add(server)
		for _, note := range server.Notes() {
			said = append(said, fmt.Errorf("the MCP server %s: %s", server.Name(), note))
		}
	}
	return set, errors.Join(said...)
}

// ConnectAll starts servers at the same time. Each has its server or its error.
func (h *Host) ConnectAll(ctx context.Context, specs []ServerSpec) ([]*Server, []error) {
	servers, faults := make([]*Server, len(specs)), make([]error, len(specs))
	done := make(chan struct{})
	for i, spec := range specs {
		crash.Go(func() {
			defer func() { done <- struct{}{} }()
			faults[i] = crash.Try(func() (err error) {
				servers[i], err = h.Connect(ctx, spec)
				return err
			})
		})
	}
	for range specs {
		<-done
	}
	return servers, faults
}

// builtin are the built-in tools that the file wants.
func (c *Config) builtin() []Tool {
	all := Builtin()
	if c.Builtin == nil {
		return all
	}
	return slices.DeleteFunc(all, func(t Tool) bool { return !slices.Contains(*c.Builtin, t.Name) })
}
