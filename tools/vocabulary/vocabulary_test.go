package main

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestSplit(t *testing.T) {
	for name, want := range map[string][]string{
		"seat": {"seat"}, "maxSlots": {"max", "slots"}, "KVCache": {"kv", "cache"}, "near_count": {"near", "count"}, "hearNear": {"hear", "near"},
		"_": nil, "ServeHTTP": {"serve", "http"},
	} {
		if got := split(name); !reflect.DeepEqual(got, want) {
			t.Errorf("%q is cut into %q, not %q", name, got, want)
		}
	}
}

// Every kind of declaration is looked at, and comments, kernels and documents.
func TestCheck(t *testing.T) {
	l, err := parseList("part seat -> slot\nname pool near -> topK\npackage grammar -> toolgrammar\ntext gaze -> attention map\nname shaders weigh -> scale_by\n")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for name, text := range map[string]string{
		"pool.go":            "package pool\n\n// the gaze\ntype Seat struct{ freeSeat int }\n\nfunc near() {}\n\nconst maxSeat = 2\n\ntype i interface{ SeatOf() }\n",
		"other.go":           "package other\n\nfunc near() { seat := 1; _ = seat }\n",
		"grammar/a.go":       "package grammar\n",
		"shaders/weigh.wgsl": "// scaled\n",
		"README.md":          "A gaze.\n",
		"CHANGELOG.md":       "A gaze.\n",
		"testdata/x.go":      "package seat\n\nfunc seat() {}\n",
	} {
		file := filepath.Join(root, name)
		os.MkdirAll(filepath.Dir(file), 0o755)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found, err := check(root, l)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, f := range found {
		got[f.file+" "+f.what+" "+f.word] = true
	}
	want := map[string]bool{
		"pool.go comment gaze": true, "pool.go type Seat": true, "pool.go field freeSeat": true, "pool.go func near": true, "pool.go const maxSeat": true,
		"pool.go method SeatOf": true, "grammar/a.go package grammar": true, "shaders/weigh.wgsl kernel weigh.wgsl": true, "README.md text gaze": true,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("found %v, not %v", got, want)
	}
}

// The list of this project can be read.
func TestOldWords(t *testing.T) {
	if l, err := parseList(oldWords); err != nil || len(l.parts) < 20 || len(l.spoken) < 15 {
		t.Errorf("%v", err)
	}
	if _, err := parseList("seat"); err == nil {
		t.Error("a line of no known form passes")
	}
}
