package schema

import (
	"go/build"
	"strings"
	"testing"
)

// The answer must come from the mask: nothing here may import a validator, or anything else but the standard library and lang.
func TestImports(t *testing.T) {
	for _, dir := range []string{".", "lang"} {
		p, err := build.ImportDir(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range p.Imports {
			if strings.Contains(path, ".") || strings.HasPrefix(path, "sirocco") && path != "sirocco/model/schema/lang" {
				t.Errorf("%s imports %s", dir, path)
			}
		}
	}
}
