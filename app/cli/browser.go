package cli

import (
	"fmt"
	"os/exec"
	"runtime"

	"sirocco/app/crash"
	"sirocco/app/tools/signin"
)

// browser shows a person at a terminal where to sign in; nil where nobody watches. The
// address is printed, too: the browser may be on another machine's screen.
func browser(s *Streams) signin.Browser {
	if !s.Interactive() {
		return nil
	}
	return func(address string) error {
		fmt.Fprintf(s.Err, "Sign in at:\n%s\n", plain(address))
		command := []string{"xdg-open", address}
		switch runtime.GOOS {
		case "darwin":
			command[0] = "open"
		case "windows":
			command = []string{"rundll32", "url.dll,FileProtocolHandler", address}
		}
		run := exec.Command(command[0], command[1:]...)
		if run.Start() == nil { // else the address was printed
			crash.Go(func() { _ = run.Wait() })
		}
		return nil
	}
}
