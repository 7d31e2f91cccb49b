package model

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// What loading is compared with is measured over every tensor, and the slower of
// disk and maxima is the limit of packing.
func TestReadFiles(t *testing.T) {
	folder := t.TempDir() // others may have the miniature itself mapped
	if err := os.CopyFS(folder, os.DirFS(breeze)); err != nil {
		t.Fatal(err)
	}
	r, err := ReadFiles(context.Background(), folder, ReadOptions{Quantise: true, Cold: true})
	if err != nil {
		t.Fatal(err)
	}
	stat, err := os.Stat(filepath.Join(folder, "consolidated.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if header := stat.Size() - r.Bytes; header < 8 || header > 1<<16 {
		t.Errorf("%d of the file's %d bytes were read", r.Bytes, stat.Size())
	}
	if r.Seconds <= 0 || r.Copy <= 0 || r.Maxima <= 0 || r.Cold <= 0 || r.limit() != max(r.Maxima, r.Cold) {
		t.Errorf("a measurement is missing: %+v", r)
	}
	if plain := (&Reading{Seconds: 2}); plain.limit() != 2 {
		t.Errorf("without packing the limit is %g", plain.limit())
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := ReadFiles(cancelled, folder, ReadOptions{}); err == nil {
		t.Error("a cancel was not heard")
	}
}
