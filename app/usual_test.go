package app

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// What people type first means what they expect.
func TestUsualForms(t *testing.T) {
	for line, want := range map[string]string{
		"--version": "sirocco", "help": "Usage: sirocco", "help ask": "Usage: sirocco ask", "help models list": "Usage: sirocco models list",
	} {
		var out, errs bytes.Buffer
		code := Run(context.Background(), strings.Fields(line), strings.NewReader(""), &out, &errs)
		if code != 0 || !strings.Contains(strings.ToLower(out.String()), strings.ToLower(want)) {
			t.Errorf("sirocco %s: exit %d, %.100q %.100q", line, code, &out, &errs)
		}
	}
}
