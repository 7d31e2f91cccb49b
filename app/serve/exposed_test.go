package serve

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file with a key that others can read or change is told of; others are not.
func TestExposedKeys(t *testing.T) {
	for mode, says := range map[fs.FileMode]string{
		0o600: "", 0o400: "", 0o700: "", 0o711: "",
		0o644: "can read", 0o640: "can read", 0o604: "can read", 0o444: "can read", 0o666: "can change", 0o660: "can change", 0o602: "can change",
	} {
		got := exposed("/etc/my.key", mode)
		if (got == "") != (says == "") || !strings.Contains(got, says) || got != "" && !strings.Contains(got, "/etc/my.key") {
			t.Errorf("%04o: %q, want %q", mode, got, says)
		}
	}
	folder := t.TempDir()
	for _, path := range []string{"", folder, filepath.Join(folder, "absent")} {
		if got := Exposed(path); got != "" {
			t.Errorf("%q: %q", path, got)
		}
	}
	path := filepath.Join(folder, "key")
	if err := os.WriteFile(path, []byte("k"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := Exposed(path); got != "" {
		t.Errorf("a private file: %q", got)
	}
}
