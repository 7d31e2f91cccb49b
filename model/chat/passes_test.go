package chat

import (
	"fmt"
	"testing"
)

// Passes by how many answers they served, and by how many tokens they read.
func TestPasses(t *testing.T) {
	var p Passes
	p.Decoded(1, 1)
	p.Decoded(3, 3)
	p.Decoded(3, 8)
	p.Read(128)
	p.Read(129)
	if got, want := fmt.Sprint(p), "{[1 0 2] [1 0 1 1 0 0 0 1 1] 269}"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
