package toolbox

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"testing"

	"sirocco/app/tools"
)

// A list of tools of version 0.1.0 names the same tools, field by field.
func TestEarlierConfig(t *testing.T) {
	got, err := Read(filepath.Join("testdata", "v0.1.0", "tools.json"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := &tools.Config{
		Builtin: &[]string{"clock"},
		Commands: []tools.CommandSpec{{Name: "weather", Title: "Weather", Description: "Today's weather.", Parameters: json.RawMessage(`{"type": "object"}`),
			Command: []string{"weather", "--json"}, Env: map[string]string{"UNITS": "metric"}, Dir: "/srv", ReadOnly: true, Timeout: 1.5}},
		Servers: []tools.ServerSpec{
			{Name: "web", URL: "http://127.0.0.1:1/mcp", Headers: map[string]string{"Authorization": "Bearer x"}, Timeout: 2},
			{Name: "notes", Command: []string{"notes", "--stdio"}, Env: map[string]string{"HOME_OF_NOTES": "/srv/notes"}, Dir: "/srv"},
			{Name: "far", URL: "https://example.org/mcp", Headers: map[string]string{"X-Key": "k"}},
			{Name: "files", Command: []string{"npx", "-y", "files", "/srv"}, Env: map[string]string{"A": "b"}},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("it was read as %+v", got)
	}
}
