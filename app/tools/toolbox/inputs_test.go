package toolbox

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"
)

// What a file leaves open is asked for once, for all that use it, and is then known;
// a system without a keyring asks again the next time.
func TestInputsAreAskedOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mcp.json")
	text := `{"inputs": [{"id": "key", "description": "The key"}], "servers": {"a": {"command": "b", "env": {"K": "${input:key}"}}, "c": {"command": "d", "args": ["${input:key}"]}}}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	asked := 0
	o := Options{Ask: func(in Input) (string, error) {
		asked++
		return "secret of " + in.Description, nil
	}}
	read := func() {
		t.Helper()
		c, err := Read(path, o)
		if err != nil || len(c.Servers) != 2 || c.Servers[0].Env["K"] != "secret of The key" || c.Servers[1].Command[1] != "secret of The key" {
			t.Errorf("%+v, %v", c, err)
		}
	}
	keyring.MockInitWithError(errors.New("no keyring here"))
	read()
	read()
	if asked != 2 {
		t.Errorf("without a keyring it was asked %d times in two runs", asked)
	}
	keyring.MockInit()
	asked = 0
	read()
	o.Ask = nil // nobody is there the second time
	read()
	if asked != 1 {
		t.Errorf("with a keyring it was asked %d times", asked)
	}
	keyring.MockInit()
	if c, err := Read(path, o); err != nil || len(c.Servers) != 0 || len(c.Notes) != 2 || !strings.Contains(c.Notes[0], "SIROCCO_INPUT_KEY") {
		t.Errorf("with nobody to ask: %+v, %v", c, err)
	}
	t.Setenv("SIROCCO_INPUT_KEY", "secret of The key")
	read()
}
