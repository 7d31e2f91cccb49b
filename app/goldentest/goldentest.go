// Package goldentest compares what the program shows the outside with files that
// were committed. It is for tests.
package goldentest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Same fails the test unless a file says exactly this. With SIROCCO_UPDATE=1 in the
// environment it writes the file instead: a change of it is a change of what scripts
// and clients rely on.
func Same(t testing.TB, path, got string) {
	t.Helper()
	if os.Getenv("SIROCCO_UPDATE") != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; SIROCCO_UPDATE=1 writes it", err)
	}
	if got != string(want) {
		t.Errorf("%s says something else; if that is meant, SIROCCO_UPDATE=1 writes it anew:\n%s", path, difference(string(want), got))
	}
}

// difference lists the lines that only one of two texts has.
func difference(want, got string) string {
	var out strings.Builder
	before, after := strings.Split(want, "\n"), strings.Split(got, "\n")
	for _, line := range before {
		if !slices.Contains(after, line) {
			fmt.Fprintf(&out, "- %s\n", line)
		}
	}
	for _, line := range after {
		if !slices.Contains(before, line) {
			fmt.Fprintf(&out, "+ %s\n", line)
		}
	}
	if out.Len() == 0 {
		return "the same lines in another order\n"
	}
	return out.String()
}

// Shape is what a client can rely on in a piece of JSON, a line a place: its path and
// the type of its value. The elements of a list count as one.
func Shape(t testing.TB, data []byte) string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(data))
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	lines := map[string]bool{}
	shape("", value, lines)
	return strings.Join(slices.Sorted(maps.Keys(lines)), "\n") + "\n"
}

func shape(path string, value any, lines map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		if len(v) == 0 {
			lines[path+" {}"] = true
		}
		for key, child := range v {
			shape(path+"."+key, child, lines)
		}
	case []any:
		if len(v) == 0 {
			lines[path+" []"] = true
		}
		for _, child := range v {
			shape(path+"[]", child, lines)
		}
	case string:
		lines[path+" string"] = true
	case float64:
		lines[path+" number"] = true
	case bool:
		lines[path+" bool"] = true
	default:
		lines[path+" null"] = true
	}
}
