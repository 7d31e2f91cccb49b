package library

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A model without a published hash: the first time its hashes are noted, later
// a changed byte is found, in whichever file.
func TestVerifyFindsChanges(t *testing.T) {
	l := testLibrary(t)
	dir, err := Miniature()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Add(Entry{Name: "mine", Path: dir}); err != nil {
		t.Fatal(err)
	}
	first := verify(t, l, "mine", Catalogue{})
	if len(first) < 4 {
		t.Fatalf("only %+v were verified", first)
	}
	for _, v := range first {
		if !v.OK || !strings.Contains(v.Why, "noted") {
			t.Errorf("the first time: %+v", v)
		}
	}
	path := filepath.Join(dir, "params.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(data, ' '), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, v := range verify(t, l, "mine", Catalogue{}) {
		if v.OK != (v.File != "params.json") {
			t.Errorf("after a change: %+v", v)
		}
	}
	os.Remove(path)
	for _, v := range verify(t, l, "mine", Catalogue{}) {
		if v.OK != (v.File != "params.json") {
			t.Errorf("after a removal: %+v", v)
		}
	}
}

// Published hashes tell a damaged file from another version of the model.
func TestVerifyAgainstPublished(t *testing.T) {
	l := testLibrary(t)
	dir := t.TempDir()
	c := Catalogue{Models: []Product{{Title: "The Model"}}}
	for _, name := range []string{"a.safetensors", "b.safetensors"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(name))
		c.Models[0].Files = append(c.Models[0].Files, Publish{Path: name, Size: int64(len(name)), SHA256: hex.EncodeToString(sum[:])})
	}
	e := Entry{Name: "m", Path: dir}
	check := func(wantA, wantB string) {
		t.Helper()
		verdicts, err := l.Verify(t.Context(), e, c, func(Progress) {})
		if err != nil || len(verdicts) != 2 {
			t.Fatalf("%+v, %v", verdicts, err)
		}
		if !strings.Contains(verdicts[0].Why, wantA) || !strings.Contains(verdicts[1].Why, wantB) {
			t.Errorf("got %+v", verdicts)
		}
	}
	check("as published", "as published")
	if err := os.WriteFile(filepath.Join(dir, "b.safetensors"), []byte("B.safetensors"), 0o600); err != nil {
		t.Fatal(err)
	}
	check("as published", "not the published file of The Model")
	if err := os.WriteFile(filepath.Join(dir, "a.safetensors"), []byte("A.safetensors"), 0o600); err != nil {
		t.Fatal(err)
	}
	check("noted", "noted") // all differ: another version
}

func TestVerifyStops(t *testing.T) {
	l := testLibrary(t)
	dir, err := Miniature()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = l.Verify(ctx, Entry{Name: "m", Path: dir}, Catalogue{}, func(p Progress) {
		if p.Done > p.Total || p.File == "" {
			t.Errorf("%+v", p)
		}
		cancel()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped verify ended with %v", err)
	}
}

func verify(t *testing.T, l Library, name string, c Catalogue) []Verdict {
	t.Helper()
	e, err := l.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	verdicts, err := l.Verify(t.Context(), e, c, func(Progress) {})
	if err != nil {
		t.Fatal(err)
	}
	return verdicts
}
