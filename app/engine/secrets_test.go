package engine

import "testing"

// The child has the variables that set it up, and no token or key.
func TestChildHasNoKeys(t *testing.T) {
	t.Setenv("HF_TOKEN", "hub")
	t.Setenv("SIROCCO_REMOTE_KEY", "remote")
	t.Setenv("SIROCCO_DEVICE", "device")
	p, err := begin(t, "script")
	if err != nil {
		t.Fatal(err)
	}
	if words, _, err := answer(t.Context(), p, "secrets"); err != nil || words != "device" {
		t.Errorf("the child was given %q, %v", words, err)
	}
}
