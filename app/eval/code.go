package eval

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"sirocco/app/origin"
)

// codeTime is how long a program may run.
const codeTime = 30 * time.Second

// program is what judges an answer: its code and then the tests.
func (c *Code) program(answer string) string {
	code := answer
	if blocks := fence.FindAllStringSubmatch(answer, -1); blocks != nil {
		code = blocks[len(blocks)-1][1]
		for _, block := range blocks { // the one that holds the function, not an example of its use
			if c.Entry != "" && strings.Contains(block[1], "def "+c.Entry) {
				code = block[1]
			}
		}
	}
	if c.Entry != "" && !strings.Contains(code, "def "+c.Entry) {
		code = c.Prompt + code // only what follows the function's head
	} else {
		code = imports(c.Prompt) + code
	}
	program := code + "\n\n" + c.Test + "\n"
	if c.Entry != "" && strings.Contains(c.Test, "def check(") && !strings.Contains(c.Test, "\ncheck(") {
		program += fmt.Sprintf("\ncheck(%s)\n", c.Entry)
	}
	return program
}

// imports are the lines before the function in the prompt, which answers leave
// out.
func imports(prompt string) string {
	before, _, found := strings.Cut(prompt, "def ")
	if !found {
		return ""
	}
	return before
}

// run gives the program to the user's own command on its standard input; exit
// code 0 is a pass. This is the only place where generated code may run, and it
// runs nothing but that command.
func (c *Code) run(ctx context.Context, command, answer string) (passed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, codeTime)
	defer cancel()
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	process := exec.CommandContext(ctx, shell[0], shell[1], command)
	process.Env = origin.Environment() // a model wrote what runs
	process.Stdin = strings.NewReader(c.program(answer))
	process.WaitDelay = time.Second
	err = process.Run()
	if err == nil {
		return true, nil
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if code := exit.ExitCode(); code == 126 || code == 127 {
			return false, fmt.Errorf("--run-code %s cannot be run: %w", command, err)
		}
		return false, nil
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return false, nil
	}
	return false, fmt.Errorf("--run-code %s: %w", command, err)
}
