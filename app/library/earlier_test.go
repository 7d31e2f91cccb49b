package library

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The list of models of version 0.1.0 is read whole, and a change writes all of it back.
func TestEarlierRegister(t *testing.T) {
	before, err := os.ReadFile(filepath.Join("testdata", "v0.1.0", "register.json"))
	if err != nil {
		t.Fatal(err)
	}
	l := Library{Dir: t.TempDir()}
	if err := os.WriteFile(l.file(), before, 0o600); err != nil {
		t.Fatal(err)
	}
	models, current, err := l.Models()
	if err != nil || current != "pair" || len(models) != 2 {
		t.Fatalf("%v, current %q, %v", models, current, err)
	}
	pair, tiny := models[0], models[1]
	if pair.Path != "/models/tiny.gguf" || pair.MMProj != "/models/mmproj-tiny.gguf" || pair.Added.IsZero() {
		t.Errorf("the pair is %+v", pair)
	}
	if r := tiny.Files["params.json"]; len(tiny.Files) != 3 || r.Size != 784 || r.From != "verified" || len(r.SHA256) != 64 {
		t.Errorf("the files of the other are %+v", tiny.Files)
	}
	if err := l.Use("pair"); err != nil { // changes nothing, and writes
		t.Fatal(err)
	}
	if after, err := os.ReadFile(l.file()); err != nil || !bytes.Equal(before, after) {
		t.Errorf("%v; it was written back as\n%s", err, after)
	}
}
