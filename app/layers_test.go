package app

import (
	"go/build"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// module is the import path of the repository's root, two dots up from here.
const module = "sirocco"

// forbidden lists the arrows that must not exist in the import graph: no
// package under From may reach a package under To, directly or through others.
var forbidden = []struct{ From, To, Because string }{
	{"shaders", "gpu", "a kernel's text knows nothing of the device"},
	{"shaders", "model", "a kernel's text knows nothing of the model"},
	{"gpu", "model", "kernels know nothing of the model"},
	{"gpu", "app", "the device layer does not know who uses it"},
	{"model", "app", "the engine does not know its front ends"},
	{"model", "assets", "only the app ships files; the engine is given them"},
	{"gpu", "assets", "only the app ships files"},
	{"model", "net/http", "the engine does not talk to the network"},
	{"model", "fyne.io", "the engine has no window"},
	{"model/chat", "gpu", "both ends of the pipeline run on any machine"},
	{"model/tokenizer", "gpu", "both ends of the pipeline run on any machine"},
	{"model/chattemplate", "gpu", "both ends of the pipeline run on any machine"},
	{"model/imageproc", "gpu", "both ends of the pipeline run on any machine"},
	{"model/sample", "gpu", "both ends of the pipeline run on any machine"},
	{"model/outputparser", "gpu", "both ends of the pipeline run on any machine"},
	{"model/schema", "gpu", "both ends of the pipeline run on any machine"},
	{"model/schema", "github.com/santhosh-tekuri", "the mask must not borrow its answer from a validator"},
	{"model/checkpoint", "gpu", "a checkpoint can be described on any machine"},
	{"app/cli", "fyne.io", "headless means headless"},
	{"app/view", "fyne.io", "what a window shows is plain Go, tested without a display"},
	{"app", "shaders/ref", "the Go twins are for tests"},
	{"gpu", "shaders/ref", "the Go twins are for tests"},
	{"model", "shaders/ref", "the Go twins are for tests"},
}

// onlyBy lists packages with one door: nobody else may import them directly.
var onlyBy = []struct{ Package, Door, Because string }{
	{"github.com/rajveermalviya/go-webgpu", "gpu", "one door to the driver, so that a newer binding is one package's work"},
	{"fyne.io/fyne", "app/ui", "the window toolkit stays behind the window"},
	{"sirocco/assets", "app", "the app decides what it ships"},
}

// The graph is walked in this process: a child `go list` would read files that
// the test cache does not see, and the test would stay green after a violation.
func TestLayers(t *testing.T) {
	graph := importGraph(t)
	if len(graph) < 5 {
		t.Fatalf("only %d packages were found; the walk is broken", len(graph))
	}
	for _, rule := range forbidden {
		for pkg := range graph {
			if !under(pkg, module+"/"+rule.From) {
				continue
			}
			if path := reach(graph, pkg, qualified(rule.To)); path != nil {
				t.Errorf("%s must not reach %s (%s): %s", pkg, rule.To, rule.Because, strings.Join(path, " → "))
			}
		}
	}
	for _, rule := range onlyBy {
		for pkg, imports := range graph {
			for _, imported := range imports {
				if under(imported, rule.Package) && !under(pkg, module+"/"+rule.Door) {
					t.Errorf("%s imports %s, which only %s may: %s", pkg, imported, rule.Door, rule.Because)
				}
			}
		}
	}
}

// importGraph maps each of our packages to what its non-test files import,
// with and without the headless tag.
func importGraph(t *testing.T) map[string][]string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	graph := map[string][]string{}
	err = filepath.WalkDir(root, func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		name := d.Name()
		if name == "testdata" || strings.HasPrefix(name, ".") && dir != root {
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(root, dir)
		if err != nil {
			return err
		}
		pkg := module
		if rel != "." {
			pkg += "/" + filepath.ToSlash(rel)
		}
		for _, tags := range [][]string{nil, {"headless"}} {
			context := build.Default
			context.BuildTags = tags
			found, err := context.ImportDir(dir, 0)
			if err != nil {
				continue // no Go files for this build
			}
			graph[pkg] = append(graph[pkg], found.Imports...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return graph
}

// reach returns a path of imports from pkg to a package under target, or nil.
func reach(graph map[string][]string, pkg, target string) []string {
	seen := map[string]bool{}
	var walk func(string) []string
	walk = func(p string) []string {
		if seen[p] {
			return nil
		}
		seen[p] = true
		for _, imported := range graph[p] {
			if under(imported, target) {
				return []string{p, imported}
			}
			if path := walk(imported); path != nil {
				return append([]string{p}, path...)
			}
		}
		return nil
	}
	return walk(pkg)
}

// under reports whether pkg is root or below it. A root that ends in no slash
// also covers versions, as in fyne.io/fyne/v2.
func under(pkg, root string) bool {
	return pkg == root || strings.HasPrefix(pkg, root+"/")
}

// qualified turns one of our short names into an import path.
func qualified(name string) string {
	switch strings.SplitN(name, "/", 2)[0] {
	case "app", "model", "gpu", "shaders", "assets":
		return module + "/" + name
	}
	return name
}
