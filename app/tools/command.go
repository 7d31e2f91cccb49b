package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"sirocco/model/chat"
)

// CommandSpec is a program of this machine as a tool: it is given the arguments
// as a JSON object on its standard input, and what it prints is the result. No
// shell is involved. An exit status other than 0 means that it failed.
type CommandSpec struct {
	Name        string            `json:"name"`
	Title       string            `json:"title,omitempty"`
	Description string            `json:"description,omitempty"`
	Parameters  json.RawMessage   `json:"parameters,omitempty"`
	Command     []string          `json:"command"`
	Env         map[string]string `json:"env,omitempty"` // added to ours
	Dir         string            `json:"dir,omitempty"`
	ReadOnly    bool              `json:"read_only,omitempty"`
	Timeout     Seconds           `json:"timeout_s,omitempty"`
}

// Seconds is a duration as a JSON number.
type Seconds float64

func (s Seconds) duration() time.Duration { return time.Duration(float64(s) * float64(time.Second)) }

// tool is the program as a tool.
func (s CommandSpec) tool() Tool {
	masked := s.mask()
	return Tool{
		Tool:         chat.Tool{Name: s.Name, Description: s.Description, Parameters: s.Parameters},
		Title:        s.Title,
		Source:       "command " + programName(s.Command),
		former:       "command " + strings.Join(s.Command, " "),
		StoredSource: "command " + filepath.Base(s.Command[0]),
		Bounds:       boundCommand(s.Command, s.Dir, s.Env),
		ReadOnly:     s.ReadOnly,
		Timeout:      s.Timeout.duration(),
		Run:          func(ctx context.Context, c Call) (Output, error) { return masked.ofOutput(s.run(ctx, c)) },
	}
}

// maxPrinted bounds what is kept of a program's output; the rest is thrown away.
const maxPrinted = 4 << 20

func (s CommandSpec) run(ctx context.Context, c Call) (Output, error) {
	if err := enterable(s.Dir); err != nil {
		return Output{}, fmt.Errorf("running %s: %w", s.Command[0], err)
	}
	cmd := exec.CommandContext(ctx, s.Command[0], s.Command[1:]...)
	own(cmd)
	printed, said := &head{}, &tail{}
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = s.Dir, environment(s.Env), strings.NewReader(c.Arguments), printed, said
	cmd.Cancel = func() error { kill(cmd); return nil }
	cmd.WaitDelay = grace / 2 // for what it started and left running
	err := cmd.Run()
	out := printed.output()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return out, ctx.Err()
	case errors.As(err, &exit):
		out.Failed = true
		out.Text = strings.TrimSpace(fmt.Sprintf("%s ended with %v\n%s\n%s", s.Command[0], exit, out.Text, said))
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return out, fmt.Errorf("running %s: %w", s.Command[0], plainly(err))
	}
	return out, nil
}

// head keeps the beginning of what is written to it and counts the rest.
type head struct {
	buffer  []byte
	dropped int
}

// Write keeps what there is room for and never fails.
func (h *head) Write(p []byte) (int, error) {
	n := min(len(p), maxPrinted-len(h.buffer))
	h.buffer = append(h.buffer, p[:n]...)
	h.dropped += len(p) - n
	return len(p), nil
}

// output is what was printed: a picture, or text.
func (h *head) output() Output {
	out := Output{}
	if isPicture(h.buffer) {
		out.picture(h.buffer, "printed")
	} else {
		out.Text = string(h.buffer)
	}
	if h.dropped > 0 {
		out.note("the program printed %s more than the %s that are read", size(h.dropped), size(maxPrinted))
	}
	return out
}
