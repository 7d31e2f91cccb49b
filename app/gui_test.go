//go:build !headless

package app

import (
	"os"
	"path/filepath"
	"testing"

	"sirocco/app/history"
)

// Where nothing can be written the window opens all the same, with a history that
// lasts as long as it; one that can be written but not opened is an error to show.
func TestHistoryWhereNothingCanBeKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "home")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	store, unkept, err := openHistory(filepath.Join(file, "history"))
	if err != nil || unkept == "" {
		t.Fatalf("no folder can be made: %q, %v", unkept, err)
	}
	defer os.RemoveAll(unkept)
	if _, err := store.New(history.Preset{}); err != nil {
		t.Errorf("a conversation is refused: %v", err)
	}
	store.Close()
	store, unkept, err = openHistory(t.TempDir())
	if err != nil || unkept != "" {
		t.Fatalf("a good folder: %q, %v", unkept, err)
	}
	store.Close()
}
