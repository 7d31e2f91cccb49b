package library

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sirocco/assets"
)

// Any catalogue is refused by a sentence that names it, or every file of it is to be had from its hub and from nowhere else.
func FuzzCatalogue(f *testing.F) {
	f.Add(assets.Catalogue)
	f.Add([]byte(`{"hub":"https://example.org/x","models":[{"name":"a","repository":"../../b","revision":"main?","files":[{"path":"//evil/../c","size":-1,"sha256":"zz"}]}]}`))
	f.Add([]byte(`{"hub":"file:///etc","models":[{"name":"..","repository":"r","revision":"v","files":[{}]}]}`))
	path := filepath.Join(f.TempDir(), "catalog.json")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := OpenCatalogue(path)
		if err != nil {
			if !strings.Contains(err.Error(), path) {
				t.Errorf("refused with %v", err)
			}
			return
		}
		hub, _ := url.Parse(c.Hub)
		for _, p := range c.Models {
			for _, file := range p.Files {
				address, err := p.address(c.Hub, file.Path)
				if err != nil {
					continue
				}
				at, err := url.Parse(address)
				if err != nil || at.Host != hub.Host || at.Scheme != hub.Scheme || at.RawQuery != hub.RawQuery {
					t.Errorf("%q of %q at %q is taken from %s", file.Path, p.Repository, c.Hub, address)
				}
			}
		}
	})
}

// Any list of models is refused by a sentence that names it, or can be searched and changed.
func FuzzRegister(f *testing.F) {
	f.Add([]byte(`{"version":1,"current":"a","models":[{"name":"a","path":"/m","files":{"x":{"size":1,"sha256":"00","from":"fetched"}}}]}`))
	f.Add([]byte(`{"version":2}`))
	f.Add([]byte(`{"models":[{"name":"a"},{"name":"a"},{}]}`))
	l := Library{Dir: f.TempDir()}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(l.file(), data, 0o600); err != nil {
			t.Fatal(err)
		}
		models, _, err := l.Models()
		if err != nil {
			if !strings.Contains(err.Error(), l.file()) {
				t.Errorf("refused with %v", err)
			}
			return
		}
		if _, err := l.Find("b"); err == nil {
			return // somebody is called so
		}
		if err := l.Add(Entry{Name: "b", Path: "/b"}); err != nil {
			t.Fatal(err)
		}
		if after, _, err := l.Models(); err != nil || len(after) != len(models)+1 {
			t.Errorf("%d models became %d (%v)", len(models), len(after), err)
		}
	})
}
