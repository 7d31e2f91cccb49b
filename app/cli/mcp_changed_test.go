package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sirocco/app/tools"
)

// A tool that was allowed and has changed is shown with what changed.
func TestTerminalSaysWhatChanged(t *testing.T) {
	for says, parts := range map[string][]string{
		"changed since: its arguments, its folder.": {"its arguments", "its folder"},
		"asked once more": {tools.Looser},
	} {
		var shown bytes.Buffer
		asker := &approver{lines: newTyped(strings.NewReader("n\n")), out: &shown}
		if _, err := asker.Approve(context.Background(), tools.Question{Changed: parts}); err != nil || !strings.Contains(shown.String(), says) {
			t.Errorf("%q: %q, %v", parts, shown.String(), err)
		}
	}
}

// A toolbox with keys that others can read is warned of; one without keys is not.
func TestExposedToolbox(t *testing.T) {
	for text, warned := range map[string]bool{
		`{"builtin": []}`: false,
		`{"builtin": [], "commands": [{"name": "f", "command": ["f"]}]}`:                           false,
		`{"builtin": [], "commands": [{"name": "f", "command": ["f"], "env": {"KEY": "SECRET"}}]}`: true,
	} {
		path := filepath.Join(t.TempDir(), "tools.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, mode := range []os.FileMode{0o600, 0o644} {
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			var errs bytes.Buffer
			set, err := (&ToolFlags{Toolbox: path}).open(context.Background(), nil, &Streams{Err: &errs})
			if err != nil {
				t.Fatal(err)
			}
			set.Close()
			if got := strings.Contains(errs.String(), "other users"); got != (warned && mode == 0o644) || strings.Contains(errs.String(), "SECRET") {
				t.Errorf("%s with mode %04o: %q", text, mode, errs.String())
			}
		}
	}
}
