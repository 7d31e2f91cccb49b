package model

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sirocco/gpu/gputest"
	"sirocco/model/chat"
)

// A model whose file is cut short or taken away in the middle of loading ends
// with a sentence that names the file, and the next model loads.
func TestFileCutShortWhileLoading(t *testing.T) {
	gputest.Device(t)
	for name, harm := range map[string]func(path string) error{
		"cut short":  func(path string) error { return os.Truncate(path, 4096) },
		"taken away": os.Remove,
	} {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "tiny", "mistral"))); err != nil {
			t.Fatal(err)
		}
		path, harmed := filepath.Join(dir, "consolidated.safetensors"), false
		m, err := Open(t.Context(), dir, Options{Context: 64, Progress: func(l chat.Load) {
			if !harmed && l.Done > l.Total/4 {
				harmed = true
				if err := harm(path); err != nil {
					t.Error(err)
				}
			}
		}})
		if err == nil {
			m.Close()
		}
		if !harmed || err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, want a sentence that names %s", name, err, path)
		}
	}
	m, err := Open(t.Context(), filepath.Join("testdata", "tiny", "mistral"), Options{Context: 64})
	if err != nil {
		t.Fatalf("the next model: %v", err)
	}
	m.Close()
}
