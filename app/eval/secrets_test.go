package eval

import "testing"

// A program that a model wrote is told no keys of ours.
func TestGeneratedCodeHasNoKeys(t *testing.T) {
	t.Setenv("HF_TOKEN", "SECRET")
	t.Setenv("SIROCCO_REMOTE_KEY", "SECRET")
	passed, err := (&Code{}).run(t.Context(), `test -z "$HF_TOKEN$SIROCCO_REMOTE_KEY" -a -n "$PATH"`, "")
	if err != nil || !passed {
		t.Errorf("the program was told them (%v)", err)
	}
}
