package app

import (
	"runtime/debug"
	"testing"

	"sirocco/app/notices"
)

// Every module linked into this binary, in its version, has an entry.
func TestEveryModuleHasALicence(t *testing.T) {
	info, ok := debug.ReadBuildInfo()
	if !ok || len(info.Deps) < 10 {
		t.Fatalf("the build lists %d modules; without its list nothing can be compared", len(info.Deps))
	}
	list, err := notices.All()
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, p := range list.Parts {
		versions[p.Name] = p.Version
	}
	for _, m := range info.Deps {
		if versions[m.Path] != m.Version {
			t.Errorf("%s %s is linked in, the list of licences has version %q; run: go run ./tools/licenses", m.Path, m.Version, versions[m.Path])
		}
	}
}
