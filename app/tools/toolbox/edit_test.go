package toolbox

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sirocco/app/tools"
)

// What was pasted is put into the user's own file, which keeps its comments; the
// servers can then be switched and taken out by their names, in every form.
func TestEdit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sirocco", "tools.json")
	edit := func(change func(*File) error) string {
		t.Helper()
		if err := Edit(path, change); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	read := func() []tools.ServerSpec {
		t.Helper()
		c, err := Read(path, Options{Lookup: lookup, Ask: ask})
		if err != nil || len(c.Notes) > 0 {
			t.Fatalf("%+v, %v", c, err)
		}
		return c.Servers
	}
	specs, inputs, notes, err := Import([]byte(`{"mcp": {"a/b": {"type": "local", "command": ["x"], "environment": {"K": "{env:KEY}"}, "timeout": 5000}}}`))
	if err != nil || len(specs) != 1 || len(inputs) != 0 || len(notes) != 1 {
		t.Fatalf("%+v, %v, %v", specs, notes, err)
	}
	if text := edit(func(f *File) error { return f.Put(specs[0]) }); !strings.Contains(text, "${env:KEY}") {
		t.Errorf("the reference is gone: %s", text)
	}
	if got := read(); len(got) != 1 || got[0].Name != "a/b" || got[0].Env["K"] != "k-1" || got[0].Timeout != 5 {
		t.Errorf("%+v", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read it: %v, %v", info.Mode(), err)
	}
	file := `{ // mine
		"builtin": ["clock"],
		"servers": [{"name": "one", "command": ["x"], "enabled": false}],
		"mcpServers": {"two": {"command": "y", "excludeTools": ["old"]}, /* why */ },
	}`
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	specs, inputs, _, err = Import([]byte(`{"inputs": [{"id": "key", "password": true}], "servers": {"three": {"command": "z w", "env": {"K": "${input:key}"}}}}`))
	if err != nil || len(inputs) != 1 {
		t.Fatal(err)
	}
	text := edit(func(f *File) error {
		if err := f.AddInputs(inputs); err != nil {
			return err
		}
		return f.Put(specs[0])
	})
	if !strings.Contains(text, "// mine") || !strings.Contains(text, "/* why */") {
		t.Errorf("the comments are gone: %s", text)
	}
	edit(func(f *File) error {
		if err := f.Switch(tools.ServerSpec{Name: "one"}); err != nil {
			return err
		}
		return f.Switch(tools.ServerSpec{Name: "two", Disabled: true, DisabledTools: []string{"a"}})
	})
	got := read()
	want := []tools.ServerSpec{
		{Name: "three", Command: []string{"z", "w"}, Env: map[string]string{"K": "KEY"}},
		{Name: "two", Command: []string{"y"}, Disabled: true, DisabledTools: []string{"a"}},
		{Name: "one", Command: []string{"x"}},
	}
	for _, w := range want {
		found := false
		for _, g := range got {
			found = found || reflect.DeepEqual(g, w)
		}
		if !found {
			t.Errorf("%+v is missing in %+v", w, got)
		}
	}
	edit(func(f *File) error { return f.Remove("one") })
	edit(func(f *File) error { return f.Remove("two") })
	if got := read(); len(got) != 1 || got[0].Name != "three" {
		t.Errorf("%+v", got)
	}
	if err := os.WriteFile(path, []byte("{ broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Edit(path, func(f *File) error { return f.Put(specs[0]) }); err == nil {
		t.Error("a broken file was written over")
	}
	if data, _ := os.ReadFile(path); string(data) != "{ broken" {
		t.Errorf("it holds %s", data)
	}
}
