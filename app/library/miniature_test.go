package library

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
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

// Many programs that start at once on an empty cache get one folder, and none
// replaces the files under another that has them open.
func TestMiniatureStartedTogether(t *testing.T) {
	for range 5 {
		startTogether(t, t.TempDir())
	}
}

func startTogether(t *testing.T, root string) {
	t.Helper()
	files := fstest.MapFS{"weights": {Data: make([]byte, 1<<16)}}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			dir, err := unpackInto(root, files, "hash")
			if err != nil {
				t.Error(err)
				return
			}
			first, err := os.Stat(filepath.Join(dir, "weights"))
			if err != nil {
				t.Error(err)
				return
			}
			for range 200 {
				now, err := os.Stat(filepath.Join(dir, "weights"))
				if err != nil || !os.SameFile(first, now) {
					t.Errorf("the file was replaced (%v)", err)
					return
				}
			}
		})
	}
	group.Wait()
}
