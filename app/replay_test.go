package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A case is written by hand, filled in by --update, and then holds: same seed and
// same device give the same tokens. Expecting what is not so fails with code 1.
func TestReplayCommand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "case.json")
	write := func(expect string) {
		text := `{"format": "sirocco-session", "version": 1, "request": {"messages": [{"role": "user", "content": "Hello"}],
			"seed": 5, "temperature": 0.8, "max_tokens": 8}, "expect": [` + expect + `]}`
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"kind": "schema_valid"}, {"kind": "text", "contains": "no such words as these"}`)
	if out, errs := run(t, exitFailed, "", "replay", path); !strings.Contains(out, "FAIL") || !strings.Contains(errs, "1 of 1 cases failed") {
		t.Errorf("a wrong expectation: %s%s", out, errs)
	}
	write("")
	run(t, exitDone, "", "replay", "--update", path)
	if out, _ := run(t, exitDone, "", "replay", path); !strings.Contains(out, "tokens: same") {
		t.Errorf("the same seed on the same device: %s", out)
	}
	run(t, exitUsage, "", "replay")
}
