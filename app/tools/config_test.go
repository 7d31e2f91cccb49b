package tools

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"sirocco/model/chat"
)

func TestConfig(t *testing.T) {
	c := &Config{Builtin: &[]string{"clock"}, Servers: []ServerSpec{{Name: "web", URL: "http://127.0.0.1:1/"}, {Name: "off", URL: "http://127.0.0.1:1/", Disabled: true}},
		Commands: []CommandSpec{{Name: "weather", Command: []string{"weather", "--json"}, Timeout: 1.5, ReadOnly: true}}}
	set, err := c.Open(context.Background())
	if err == nil || !strings.Contains(err.Error(), "MCP server web") || strings.Contains(err.Error(), "off") {
		t.Errorf("the server that cannot be reached gives %v", err)
	}
	tools := set.Tools()
	if len(tools) != 2 || tools[0].Name != "clock" || tools[1].Timeout.Seconds() != 1.5 || !tools[1].ReadOnly {
		t.Errorf("the tools are %+v", tools)
	}
}

// A server's entry says which of its tools are offered, and which are not asked about.
func TestSwitches(t *testing.T) {
	list := List{{Tool: chat.Tool{Name: "a"}}, {Tool: chat.Tool{Name: "b"}}, {Tool: chat.Tool{Name: "c"}}}
	for _, c := range []struct {
		spec ServerSpec
		want string
	}{
		{ServerSpec{}, "a b c"},
		{ServerSpec{DisabledTools: []string{"b", "x"}}, "a c"},
		{ServerSpec{DisabledTools: []string{"*"}}, ""},
		{ServerSpec{EnabledTools: []string{"b"}}, "b"},
		{ServerSpec{EnabledTools: []string{"b", "c"}, DisabledTools: []string{"b"}}, "c"},
		{ServerSpec{AutoApprove: []string{"a"}}, "a! b c"},
		{ServerSpec{AutoApprove: []string{"*"}}, "a! b! c!"},
	} {
		var got []string
		for _, tool := range c.spec.switched(list) {
			if tool.Unasked {
				tool.Name += "!"
			}
			got = append(got, tool.Name)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: %q", c.spec, got)
		}
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
	f.Add(`a "b c" \d`)
	f.Add("https://host/mcp")
	f.Fuzz(func(t *testing.T, text string) {
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
