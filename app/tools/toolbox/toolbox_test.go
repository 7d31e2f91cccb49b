package toolbox

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sirocco/app/tools"
)

func lookup(name string) (string, bool) {
	value, ok := map[string]string{"KEY": "k-1", "EMPTY": ""}[name]
	return value, ok
}

// ask answers an input with its id in capitals.
func ask(in Input) (string, error) { return strings.ToUpper(in.ID), nil }

// Every program's form gives the same server.
func TestForms(t *testing.T) {
	local := tools.ServerSpec{Name: "odd", Command: []string{"python3", "odd.py", "plain"}}
	with := func(change func(*tools.ServerSpec)) tools.ServerSpec {
		s := local
		change(&s)
		return s
	}
	for name, c := range map[string]struct {
		text string
		want tools.ServerSpec
	}{
		"claude":        {`{"mcpServers": {"odd": {"command": "python3", "args": ["odd.py", "plain"]}}}`, local},
		"comments":      {"\ufeff// mine\n{\"mcpServers\": {/* x */ \"odd\": {\"command\": \"python3\", \"args\": [\"odd.py\", \"plain\",],},},}", local},
		"one line":      {`{"mcpServers": {"odd": {"command": "python3 odd.py 'plain'"}}}`, local},
		"list":          {`{"mcpServers": {"odd": {"command": ["python3", "odd.py"], "args": ["plain"]}}}`, local},
		"vscode":        {`{"inputs": [], "servers": {"odd": {"type": "stdio", "command": "python3", "args": ["odd.py", "plain"]}}}`, local},
		"settings.json": {`{"editor.fontSize": 12, "mcp": {"inputs": [], "servers": {"odd": {"command": "python3", "args": ["odd.py", "plain"]}}}}`, local},
		"zed":           {`{"context_servers": {"odd": {"source": "custom", "command": "python3", "args": ["odd.py", "plain"]}}}`, local},
		"older zed":     {`{"context_servers": {"odd": {"command": {"path": "python3", "args": ["odd.py", "plain"]}}}}`, local},
		"opencode": {`{"mcp": {"odd": {"type": "local", "command": ["python3", "odd.py", "plain"], "enabled": true, "environment": {"A": "{env:KEY}"}}}}`,
			with(func(s *tools.ServerSpec) { s.Env = map[string]string{"A": "k-1"} })},
		"bare":     {`{"odd": {"command": "python3", "args": ["odd.py", "plain"]}}`, local},
		"fragment": {`"odd": {"command": "python3", "args": ["odd.py", "plain"]},`, local},
		"one":      {`{"name": "odd", "command": "python3", "args": ["odd.py", "plain"]}`, local},
		"ours":     {`{"servers": [{"name": "odd", "command": ["python3", "odd.py", "plain"]}]}`, local},
		"env": {`{"mcpServers": {"odd": {"command": "python3", "args": ["odd.py", "plain"], "env": {"PORT": 8080, "BIG": 12345678901234567890, "ON": true, "NO": null, "K": "${env:KEY}-${KEY}"}}}}`,
			with(func(s *tools.ServerSpec) {
				s.Env = map[string]string{"PORT": "8080", "BIG": "12345678901234567890", "ON": "true", "K": "k-1-k-1"}
			})},
		"defaults": {`{"mcpServers": {"odd": {"command": "python3", "args": ["odd.py", "plain", "${NONE:-d}", "${EMPTY:-e}", "${KEY:-f}", "$KEY", "${f%.*}"]}}}`,
			with(func(s *tools.ServerSpec) {
				s.Command = []string{"python3", "odd.py", "plain", "d", "e", "k-1", "$KEY", "${f%.*}"}
			})},
		"input": {`{"inputs": [{"type": "promptString", "id": "key", "password": true}], "servers": {"odd": {"command": "python3", "args": ["odd.py", "plain"], "env": {"A": "${input:key}"}}}}`,
			with(func(s *tools.ServerSpec) { s.Env = map[string]string{"A": "KEY"} })},
		"cwd": {`{"mcpServers": {"odd": {"command": "python3", "args": ["odd.py", "plain"], "cwd": "/srv"}}}`, with(func(s *tools.ServerSpec) { s.Dir = "/srv" })},
		"switches": {`{"mcpServers": {"odd": {"command": "python3", "args": ["odd.py", "plain"], "disabled": true, "disabledTools": ["a"], "autoApprove": ["b"], "timeout": 3}}}`,
			with(func(s *tools.ServerSpec) {
				s.Disabled, s.DisabledTools, s.AutoApprove, s.Timeout = true, []string{"a"}, []string{"b"}, 3
			})},
		"enabled":  {`{"mcpServers": {"odd": {"command": "python3", "args": ["odd.py", "plain"], "enabled": false, "timeout": 30000}}}`, with(func(s *tools.ServerSpec) { s.Disabled, s.Timeout = true, 30 })},
		"url":      {`{"mcpServers": {"odd": {"url": "https://a.example/mcp", "headers": {"Authorization": "Bearer ${KEY}"}}}}`, tools.ServerSpec{Name: "odd", URL: "https://a.example/mcp", Headers: map[string]string{"Authorization": "Bearer k-1"}}},
		"windsurf": {`{"mcpServers": {"odd": {"serverUrl": "https://a.example/mcp"}}}`, tools.ServerSpec{Name: "odd", URL: "https://a.example/mcp"}},
		"gemini":   {`{"mcpServers": {"odd": {"httpUrl": "https://a.example/mcp"}}}`, tools.ServerSpec{Name: "odd", URL: "https://a.example/mcp", Type: "http"}},
		"sse":      {`{"mcpServers": {"odd": {"type": "sse", "url": "https://a.example/sse"}}}`, tools.ServerSpec{Name: "odd", URL: "https://a.example/sse", Type: "sse"}},
	} {
		got, err := Parse([]byte(c.text), Options{Lookup: lookup, Ask: ask})
		if err != nil || len(got.Servers) != 1 || !reflect.DeepEqual(got.Servers[0], c.want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
	}
}

// Text in the encoding of Windows' own shell is read.
func TestUTF16(t *testing.T) {
	data := []byte{0xff, 0xfe}
	for _, c := range `{"mcpServers": {"a": {"command": "b"}}}` {
		data = append(data, byte(c), 0)
	}
	if c, err := Parse(data, Options{}); err != nil || len(c.Servers) != 1 {
		t.Errorf("%+v, %v", c, err)
	}
}

// A bad entry costs itself alone, and is said; so is what is not understood.
func TestBadEntries(t *testing.T) {
	for entry, want := range map[string]string{
		`{}`:                                       `needs either a "command" or a "url"`,
		`7`:                                        "an object is expected",
		`{"command": "b", "url": "http://a"}`:      "keep one",
		`{"command": ["a", {}]}`:                   `its "command"`,
		`{"command": "b", "env": 3}`:               `its "env"`,
		`{"command": "b", "type": "smoke"}`:        `"smoke" is not known`,
		`{"command": "b", "type": "sse"}`:          "in place of",
		`{"command": "b", "timeout": "x"}`:         "a number of seconds",
		`{"command": "b", "args": ["${NOT_SET}"]}`: "NOT_SET is not set",
		`{"command": "b", "args": ["${input:x}"]}`: `the input "x"`,
		`{"url": "ftp://a"}`:                       "not one of http or https",
		`{"command": "a 'b"}`:                      "quotation mark",
		`{"command": "b", "disabled": "maybe"}`:    "true or false",
	} {
		c, err := Parse([]byte(`{"mcpServers": {"bad": `+entry+`, "good": {"command": "b"}}}`), Options{Lookup: lookup, Ask: ask})
		if err != nil || len(c.Servers) != 1 || c.Servers[0].Name != "good" || len(c.Notes) != 1 ||
			!strings.Contains(c.Notes[0], want) || !strings.HasPrefix(c.Notes[0], "the server bad is left out: ") {
			t.Errorf("%s: %+v, %v", entry, c, err)
		}
	}
	c, err := Parse([]byte(`{"mcpServers": {"a": {"command": "b", "frobnicate": 1, "type": null}}, "theme": "dark"}`), Options{})
	if err != nil || len(c.Servers) != 1 || len(c.Notes) != 2 || !strings.Contains(c.Notes[0], `"frobnicate" is not understood`) || !strings.Contains(c.Notes[1], `"theme"`) {
		t.Errorf("what is not understood: %+v, %v", c, err)
	}
	c, err = Parse([]byte(`{"commands": [{"name": "a"}, {"command": ["a"]}, {"name": "b", "command": ["c"], "timeout_s": "soon"}, {"name": "d", "command": ["e"], "colour": 1}], "builtin": 4}`), Options{})
	if err != nil || len(c.Commands) != 1 || len(c.Notes) != 5 {
		t.Errorf("commands: %+v, %v", c, err)
	}
	c, err = Parse([]byte(`{"mcpServers": {"a": {"command": "b"}, "a": {"command": "c"}}}`), Options{})
	if err != nil || len(c.Servers) != 1 || c.Servers[0].Command[0] != "c" || len(c.Notes) != 1 {
		t.Errorf("a name twice: %+v, %v", c, err)
	}
	c, err = Parse([]byte(`{"mcpServers": {"a": {"command": "b", "disabled": true, "env": {"K": "${NOT_SET}"}}}}`), Options{Lookup: lookup})
	if err != nil || len(c.Servers) != 1 || len(c.Notes) != 0 {
		t.Errorf("a server that is off needs no variables: %+v, %v", c, err)
	}
}

// A file that lists no tools is named as what it is.
func TestOtherFiles(t *testing.T) {
	for text, want := range map[string]string{
		``:                               "empty",
		`[]`:                             "no JSON object",
		`{"a": `:                         "not the JSON that was expected",
		"[mcp_servers.a]\ncommand = 'b'": "TOML",
		"mcpServers:\n  a: b":            "YAML",
		`{"manifest_version": "0.3", "server": {"mcp_config": {"command": "python3"}}}`: ".mcpb",
		`{"theme": "dark"}`: `it has "theme"`,
		`{"projects": {}}`:  "by project",
	} {
		if _, err := Parse([]byte(text), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "tools.json"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there gives %v", err)
	}
	for text, foreign := range map[string]bool{`{}`: false, `{"servers": []}`: false, `{"mcpServers": {}}`: true, `{"builtin": [], "mcpServers": {}}`: false} {
		if c, err := Parse([]byte(text), Options{}); err != nil || c.Foreign != foreign {
			t.Errorf("%s: %+v, %v", text, c, err)
		}
	}
}

// A spec survives being JSON, as the list of the window needs.
func TestSpecsAreJSON(t *testing.T) {
	spec := tools.ServerSpec{Name: "a", Command: []string{"b"}, Timeout: 2, Start: 90, DisabledTools: []string{"c"}, Disabled: true}
	data, _ := json.Marshal(tools.Config{Servers: []tools.ServerSpec{spec}})
	if c, err := Parse(data, Options{}); err != nil || !reflect.DeepEqual(c.Servers[0], spec) {
		t.Errorf("%s: %+v, %v", data, c, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"mcpServers":{"a":{"command":"b","args":["c"],"env":{"D":4},"timeout":1e9}}}`)
	f.Add("\ufeff// x\n{\"mcp\":{\"a\":{\"type\":\"local\",\"command\":[\"b\"],\"environment\":{\"A\":\"{env:B}\"}}},}")
	f.Add(`{"inputs":[{"id":"k"}],"servers":{"a":{"url":"https://a/${input:k}","headers":["A=b"]}}}`)
	f.Add(`"a": {"command": {"path": "b"}},`)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse([]byte(text), Options{Lookup: lookup, Ask: ask})
		if err != nil {
			return
		}
		for _, s := range c.Servers {
			if (s.URL == "") == (len(s.Command) == 0) {
				t.Errorf("%q holds a server that cannot be reached: %+v", text, s)
			}
		}
	})
}
