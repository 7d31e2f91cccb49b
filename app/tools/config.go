package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/adrg/xdg"

	"sirocco/app/crash"
)

// Config is a file that says which tools there are. Servers may also be written
// in the form that other programs use, {"mcpServers": {name: {"command": …,
// "args": […], "env": {…}}}}.
type Config struct {
	// Builtin names the built-in tools to offer; absent means all of them.
	Builtin  *[]string     `json:"builtin,omitempty"`
	Commands []CommandSpec `json:"commands,omitempty"`
	Servers  []ServerSpec  `json:"servers,omitempty"`

	MCPServers map[string]mcpServer `json:"mcpServers,omitempty"`
}

// mcpServer is a server in the form of other programs.
type mcpServer struct {
	Command string            `json:"command"`
	Args    []string          `json:"args"`
	Env     map[string]string `json:"env"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
}

// ConfigPath is where the file lies unless somebody says otherwise.
func ConfigPath() string { return filepath.Join(xdg.ConfigHome, "sirocco", "tools.json") }

// ReadConfig reads a file. One that is not there is an error that errors.Is
// os.ErrNotExist.
func ReadConfig(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the list of tools: %w", err)
	}
	c, err := ParseConfig(data)
	if err != nil {
		return nil, fmt.Errorf("reading the list of tools in %s: %w", path, err)
	}
	return c, nil
}

// ParseConfig reads the text of a file.
func ParseConfig(data []byte) (*Config, error) {
	c := &Config{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(c); err != nil {
		return nil, fmt.Errorf("it is not the JSON that was expected: %w", err)
	}
	for i, command := range c.Commands {
		if command.Name == "" || len(command.Command) == 0 || command.Command[0] == "" {
			return nil, fmt.Errorf(`commands[%d] needs a "name" and a "command" (a list: the program and its arguments)`, i)
		}
	}
	for _, name := range sortedKeys(c.MCPServers) {
		s := c.MCPServers[name]
		spec := ServerSpec{Name: name, URL: s.URL, Env: s.Env, Headers: s.Headers}
		if s.Command != "" {
			spec.Command = append([]string{s.Command}, s.Args...)
		}
		c.Servers = append(c.Servers, spec)
	}
	c.MCPServers = nil
	for i, s := range c.Servers {
		if (len(s.Command) == 0 || s.Command[0] == "") == (s.URL == "") {
			return nil, fmt.Errorf(`server %d (%s) needs either a "command" (a list: the program and its arguments) or a "url"`, i, s.Name)
		}
	}
	return c, nil
}

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

// Open starts what a file lists. Servers that cannot be reached are left out; the
// error says which, and the set is there all the same.
func (c *Config) Open(ctx context.Context) (*Set, error) {
	set := NewSet(List(c.builtin()))
	var commands List
	for _, spec := range c.Commands {
		commands = append(commands, spec.tool())
	}
	set.Add(commands)
	servers, errs := make([]*Server, len(c.Servers)), make([]error, len(c.Servers))
	done := make(chan struct{})
	for i, spec := range c.Servers {
		crash.Go(func() {
			defer func() { done <- struct{}{} }()
			errs[i] = crash.Try(func() (err error) {
				servers[i], err = Connect(ctx, spec)
				return err
			})
		})
	}
	for range c.Servers {
		<-done
	}
	for _, server := range servers {
		if server != nil {
			set.Add(server)
		}
	}
	return set, errors.Join(errs...)
}

// builtin are the built-in tools that the file wants.
func (c *Config) builtin() []Tool {
	all := Builtin()
	if c.Builtin == nil {
		return all
	}
	return slices.DeleteFunc(all, func(t Tool) bool { return !slices.Contains(*c.Builtin, t.Name) })
}
