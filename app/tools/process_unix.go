//go:build unix

package tools

import (
	"os/exec"
	"syscall"
)

// own gives a command a process group, so that kill reaches what it started, and
// an interrupt at the terminal does not.
func own(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// kill ends a command and everything it started.
func kill(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
