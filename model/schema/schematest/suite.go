// Package schematest turns the packed official JSON-Schema-Test-Suite into groups of a schema and instances, for tests.
package schematest

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"testing"
)

// Group is a schema of the suite and what it is tried on.
type Group struct {
	Description string
	Schema      json.RawMessage
	Tests       []struct {
		Description string
		Data        json.RawMessage
		Valid       bool
	}
}

// Suite reads the suite that tools/goldens/schema_suite.py packed: groups by draft and file.
func Suite(t testing.TB, path string) map[string]map[string][]Group {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var suite map[string]map[string][]Group
	if err := json.NewDecoder(z).Decode(&suite); err != nil {
		t.Fatal(err)
	}
	return suite
}
