package app

import "testing"

// What a file manager starts the program with opens the window; everything else
// is a command line.
func TestFilesOpenTheWindow(t *testing.T) {
	t.Chdir(t.TempDir())
	picture := file(t, "photo.png", nil)
	command := file(t, "ask", nil)
	for _, c := range []struct {
		args []string
		want bool
	}{
		{nil, true},
		{[]string{picture}, true},
		{[]string{picture, command}, true},
		{[]string{"ask"}, false},
		{[]string{"/no/such/photo.png"}, false},
		{[]string{"--help"}, false},
		{[]string{picture, "--json"}, false},
	} {
		if got := areFiles(c.args); got != c.want {
			t.Errorf("%q: %v, want %v", c.args, got, c.want)
		}
	}
}
