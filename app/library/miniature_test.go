package library

import (
	"os"
	"path/filepath"
	"testing"
)

// A miniature damaged on disk, cut short say by a full disk, is written anew.
func TestMiniatureRepairsItself(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir, err := Miniature()
	if err != nil {
		t.Fatal(err)
	}
	params := filepath.Join(dir, "params.json")
	if err := os.Truncate(params, 3); err != nil {
		t.Fatal(err)
	}
	again, err := Miniature()
	if err != nil {
		t.Fatal(err)
	}
	if again != dir {
		t.Errorf("the second call gave %s, the first %s", again, dir)
	}
	if info, err := os.Stat(params); err != nil || info.Size() == 3 {
		t.Errorf("the damaged file was not repaired (%v)", err)
	}
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), "*.part"))
	if len(left) != 0 {
		t.Errorf("scratch folders were left behind: %v", left)
	}
}

// Without a home the miniature still answers, from the temporary folder.
func TestMiniatureWithoutCache(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", blocked)
	t.Setenv("TMPDIR", t.TempDir())
	if _, err := Miniature(); err != nil {
		t.Fatal(err)
	}
}

func TestResolveNamesWhatIsMissing(t *testing.T) {
	if _, err := Resolve("/no/such/model"); err == nil {
		t.Fatal("a missing folder was accepted")
	}
}
