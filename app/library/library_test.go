package library

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func testLibrary(t *testing.T) Library {
	t.Helper()
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	return Default()
}

// The life of an entry: added, found, current, resolved, removed.
func TestRegister(t *testing.T) {
	l := testLibrary(t)
	first, second := t.TempDir(), t.TempDir()
	for name, path := range map[string]string{"first": first} {
		if err := l.Add(Entry{Name: name, Path: path}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Add(Entry{Name: "second", Path: second, MMProj: "/eyes.gguf"}); err != nil {
		t.Fatal(err)
	}
	models, current, err := l.Models()
	if err != nil || len(models) != 2 || models[0].Name != "first" || current != "first" {
		t.Fatalf("got %v, current %q, %v", models, current, err)
	}
	if c, err := Resolve(""); err != nil || c.Path != first || c.Miniature || c.Requested {
		t.Errorf("without a name: %+v, %v", c, err)
	}
	if c, err := Resolve("second"); err != nil || c.Path != second || c.MMProj != "/eyes.gguf" || !c.Requested {
		t.Errorf("by name: %+v, %v", c, err)
	}
	if c, err := Resolve("breeze"); err != nil || !c.Miniature || !c.Requested {
		t.Errorf("the miniature by name: %+v, %v", c, err)
	}
	if err := l.Use("second"); err != nil {
		t.Fatal(err)
	}
	if c, _ := Resolve(""); c.Name != "second" {
		t.Errorf("the current model is %+v", c)
	}
	if _, err := l.Remove("second"); err != nil {
		t.Fatal(err)
	}
	if c, err := Resolve(""); err != nil || !c.Miniature {
		t.Errorf("without a current model: %+v, %v", c, err)
	}
	if _, err := os.Stat(second); err != nil {
		t.Error("removing a name removed files")
	}
}

func TestRegisterRefuses(t *testing.T) {
	l := testLibrary(t)
	here := t.TempDir()
	if err := l.Add(Entry{Name: "one", Path: here}); err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(here, "gone")
	if err := l.Add(Entry{Name: "gone", Path: gone}); err != nil {
		t.Fatal(err)
	}
	_, unknown := Resolve("two")
	_, missing := Resolve("gone")
	_, path := Resolve("/no/such/model")
	_, remove := l.Remove("two")
	for want, err := range map[string]error{
		"already a model called": l.Add(Entry{Name: "one", Path: "/elsewhere"}),
		"cannot be a model's":    l.Add(Entry{Name: "a/b", Path: here}),
		"embedded miniature":     l.Add(Entry{Name: "breeze", Path: here}),
		"it has gone, one":       unknown,
		"no longer there":        missing,
		"GGUF file":              path,
		`called "two"`:           remove,
		`no model called "two"`:  l.Use("two"),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a sentence with %q", err, want)
		}
	}
	if err := os.WriteFile(l.file(), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Resolve(""); err == nil || !strings.Contains(err.Error(), l.file()) {
		t.Errorf("a damaged list: %v", err)
	}
	if err := os.WriteFile(l.file(), []byte(`{"version": 99}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := l.Use("breeze"); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("a list of the future: %v", err)
	}
}

// asAdder makes this test binary a program that adds models to the library.
const asAdder = "SIROCCO_TEST_ADDER"

func TestMain(m *testing.M) {
	if who := os.Getenv(asAdder); who != "" {
		for n := range 20 {
			if err := Default().Add(Entry{Name: fmt.Sprintf("%s-%d", who, n), Path: "/" + who}); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// Programs that add at the same time lose nothing.
func TestProcessesAddAtOnce(t *testing.T) {
	l := testLibrary(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var running []*exec.Cmd
	for n := range 4 {
		child := exec.Command(self)
		child.Env = append(os.Environ(), fmt.Sprintf("%s=p%d", asAdder, n))
		child.Stderr = os.Stderr
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		running = append(running, child)
	}
	for _, child := range running {
		if err := child.Wait(); err != nil {
			t.Error(err)
		}
	}
	if models, _, err := l.Models(); err != nil || len(models) != 80 {
		t.Errorf("%d of 80 entries are there (%v)", len(models), err)
	}
	if left, _ := filepath.Glob(filepath.Join(l.Dir, ".new-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestNameFor(t *testing.T) {
	for path, want := range map[string]string{
		"/m/Mistral Small (3.2)":       "Mistral-Small--3.2-",
		"/m/tiny-00001-of-00003.gguf":  "tiny",
		"/m/Mistral-Small-Q4_K_M.gguf": "Mistral-Small-Q4_K_M",
		"/m/.hidden":                   "hidden",
	} {
		if got := NameFor(path); got != want {
			t.Errorf("%s is called %q, want %q", path, got, want)
		}
	}
}
