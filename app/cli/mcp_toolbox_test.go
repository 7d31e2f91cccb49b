package cli

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// The headers of --mcp-header go to the one address, with the environment's values.
func TestMCPHeader(t *testing.T) {
	t.Setenv("SOME_TOKEN", "t-1")
	f := ToolFlags{MCP: []string{"prog arg", "http://127.0.0.1:1/mcp"}, MCPHeader: []string{"Authorization: Bearer ${SOME_TOKEN}", "X-A:b: c"}}
	specs, err := f.servers()
	want := map[string]string{"Authorization": "Bearer t-1", "X-A": "b: c"}
	if err != nil || len(specs) != 2 || specs[0].Headers != nil || !reflect.DeepEqual(specs[1].Headers, want) {
		t.Errorf("%+v, %v", specs, err)
	}
	for _, f := range []ToolFlags{
		{MCP: []string{"prog"}, MCPHeader: []string{"A: sk-1"}},
		{MCP: []string{"http://a.example", "http://b.example"}, MCPHeader: []string{"A: sk-1"}},
		{MCP: []string{"http://a.example"}, MCPHeader: []string{"sk-1"}},
		{MCP: []string{"http://a.example"}, MCPHeader: []string{"a b: sk-1"}},
		{MCP: []string{"http://a.example"}, MCPHeader: []string{"A: sk-1 ${NOT_SET_ANYWHERE}"}},
	} {
		if _, err := f.servers(); err == nil || strings.Contains(err.Error(), "sk-1") {
			t.Errorf("%+v: %v", f, err)
		}
	}
}

// A header of --mcp-header is on every request.
func TestMCPHeaderIsSent(t *testing.T) {
	var seen []string
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("X-Key"))
		http.Error(w, "no", http.StatusTeapot)
	}))
	defer web.Close()
	f := ToolFlags{MCP: []string{web.URL}, MCPHeader: []string{"X-Key: k"}}
	var errs bytes.Buffer
	_, err := f.open(context.Background(), nil, &Streams{Err: &errs})
	if err != nil || !strings.Contains(errs.String(), "its tools are missing") || len(seen) == 0 || strings.Join(seen, "") != strings.Repeat("k", len(seen)) {
		t.Errorf("%q, %v", seen, err)
	}
}

// A file of another program brings its servers alone, and what is wrong with one is
// said beside the others.
func TestForeignToolbox(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mcp.json")
	text := `{"mcpServers": {"bad": {}, "off": {"command": "does-not-exist", "disabled": true}}}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	set, err := (&ToolFlags{Toolbox: path}).open(context.Background(), nil, &Streams{In: strings.NewReader(""), Err: &errs})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	if got := set.Tools(); len(got) != 0 {
		t.Errorf("it brings %+v", got)
	}
	if !strings.Contains(errs.String(), "the server bad is left out") || strings.Contains(errs.String(), "does-not-exist") {
		t.Errorf("it said %s", &errs)
	}
}
