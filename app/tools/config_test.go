package tools

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"sirocco/model/chat"
)

func TestConfig(t *testing.T) {
	c, err := ParseConfig([]byte(`{"builtin": ["clock"],
		"commands": [{"name": "weather", "description": "d", "parameters": {"type": "object"}, "command": ["weather", "--json"], "timeout_s": 1.5, "read_only": true}],
		"servers": [{"name": "web", "url": "http://127.0.0.1:1/", "headers": {"Authorization": "Bearer x"}}],
		"mcpServers": {"files": {"command": "npx", "args": ["-y", "files", "/home/me"], "env": {"A": "b"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := ServerSpec{Name: "files", Command: []string{"npx", "-y", "files", "/home/me"}, Env: map[string]string{"A": "b"}}
	if len(c.Servers) != 2 || !reflect.DeepEqual(c.Servers[1], want) {
		t.Errorf("the servers are %+v", c.Servers)
	}
	c.Servers = c.Servers[:1]
	set, err := c.Open(context.Background())
	if err == nil || !strings.Contains(err.Error(), "MCP server web") {
		t.Errorf("the server that cannot be reached gives %v", err)
	}
	tools := set.Tools()
	if len(tools) != 2 || tools[0].Name != "clock" || tools[1].Timeout.Seconds() != 1.5 || !tools[1].ReadOnly || tools[1].Source != "command weather --json" {
		t.Errorf("the tools are %+v", tools)
	}
}

func TestWrongConfigs(t *testing.T) {
	for _, text := range []string{``, `[]`, `{"commands":[{"name":"a"}]}`, `{"commands":[{"command":["a"]}]}`, `{"servers":[{"name":"a"}]}`,
		`{"servers":[{"url":"http://a","command":["b"]}]}`, `{"mcpServers":{"a":{}}}`, `{"commands":[{"name":"a","command":["b"],"timeout_s":"soon"}]}`} {
		if _, err := ParseConfig([]byte(text)); err == nil {
			t.Errorf("%s was read", text)
		}
	}
	path := filepath.Join(t.TempDir(), "tools.json")
	if _, err := ReadConfig(path); !os.IsNotExist(unwrapped(err)) {
		t.Errorf("a file that is not there gives %v", err)
	}
}

func unwrapped(err error) error {
	for {
		inner, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		err = inner.Unwrap()
	}
}

func TestWords(t *testing.T) {
	for line, want := range map[string][]string{
		`npx -y server`:          {"npx", "-y", "server"},
		`a "b c" 'd "e'  f`:      {"a", "b c", `d "e`, "f"},
		`a\ b "c\"d" 'e\f' "\n"`: {"a b", `c"d`, `e\f`, `\n`},
		`x='' "" $HOME;ls`:       {"x=", "", "$HOME;ls"},
		``:                       nil,
	} {
		if got, err := splitWords(line); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, %v", line, got, err)
		}
	}
	for _, line := range []string{`a "b`, `a 'b`, `a\`} {
		if _, err := ParseServer(line); err == nil {
			t.Errorf("%s was read", line)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"mcpServers":{"a":{"command":"b","args":["c"]}}}`)
	f.Add(`a "b c" \d`)
	f.Add("https://host/mcp")
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = ParseConfig([]byte(text))
		spec, err := ParseServer(text)
		if err == nil && spec.URL == "" && len(spec.Command) == 0 {
			t.Errorf("%q is a server without a command", text)
		}
	})
}

// Names are made fit for the template and stay apart.
func TestNames(t *testing.T) {
	long := strings.Repeat("x", 80)
	var list List
	for _, name := range []string{"get.rate", "get_rate", "get rate", "", long, long + "y", "größe"} {
		list = append(list, Tool{Tool: chat.Tool{Name: name}})
	}
	var got []string
	for _, tool := range NewSet(list, List{rates}).Tools() {
		got = append(got, tool.Name)
	}
	want := []string{"get_rate", "get_rate_2", "get_rate_3", "tool", long[:64], long[:62] + "_2", "gr__e", "get_rate_4"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// What is cut says so and stays text.
func FuzzCut(f *testing.F) {
	f.Add("aéb", 2)
	f.Add(strings.Repeat("日本", 2000), 1025)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = 16 + abs(limit)%4096
		text, _ = valid(text)
		short, note := cut(text, limit)
		if !utf8.ValidString(short) || len(short) > limit+200 || (note == "") != (short == text) {
			t.Errorf("%d bytes cut to %d are %d, %q", len(text), limit, len(short), note)
		}
	})
}

func abs(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}

// A set and a message survive being JSON, as the settings of the window need.
func TestSpecsAreJSON(t *testing.T) {
	spec := ServerSpec{Name: "a", Command: []string{"b"}, Timeout: 2}
	data, _ := json.Marshal(Config{Servers: []ServerSpec{spec}})
	c, err := ParseConfig(data)
	if err != nil || !reflect.DeepEqual(c.Servers[0], spec) {
		t.Errorf("%s: %+v, %v", data, c, err)
	}
}
