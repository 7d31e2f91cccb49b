//go:build !unix

package tools

import "os/exec"

// own does nothing: there are no process groups here.
func own(*exec.Cmd) {}

// kill ends a command.
func kill(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
