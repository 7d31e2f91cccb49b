package app

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"runtime/debug"
	"testing"

	"sirocco/app/notices"
)

// Every module linked into the program, in its version, has an entry: with the
// window and without. (A test's own build info lists no modules, so go list is
// asked; the program compares its build info itself, see cli.Licenses.)
func TestEveryModuleHasALicence(t *testing.T) {
	list, err := notices.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, tags := range []string{"headless", ""} {
		modules := linked(t, tags)
		if len(modules) < 10 {
			t.Fatalf("go list names %d modules; the comparison is broken", len(modules))
		}
		for _, missing := range list.Missing(modules) {
			t.Errorf("%s is linked in and the list of licences lacks it; run: go run ./tools/licenses", missing)
		}
	}
	if list.Missing([]*debug.Module{{Path: "example.org/other", Version: "v1.0.0"}}) == nil {
		t.Error("a module that nobody knows was found in the list")
	}
}

// linked asks which modules a build links.
func linked(t *testing.T, tags string) (modules []*debug.Module) {
	t.Helper()
	list := exec.Command("go", "list", "-deps", "-tags", tags, "-json=Module", ".")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var pkg struct{ Module *debug.Module }
		if err := decoder.Decode(&pkg); err != nil {
			t.Fatal(err)
		}
		if m := pkg.Module; m != nil && m.Version != "" && !seen[m.Path] {
			seen[m.Path] = true
			modules = append(modules, m)
		}
	}
	return modules
}
