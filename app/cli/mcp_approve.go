package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"sirocco/app/terminal"
	"sirocco/app/tools"
	"sirocco/model/chat"
)

// approver asks a person before a tool runs.
type approver struct {
	lines *typed
	out   io.Writer
}

// Approve shows the call and waits for an answer. The end of the input is a no.
func (t *approver) Approve(ctx context.Context, q tools.Question) (tools.Verdict, error) {
	terminal.Control(t.out, clearLine)
	fmt.Fprintf(t.out, "%s wants to run (%s%s):\n  %s\n", q.Tool.Name, plain(q.Tool.Source), readOnly(q.Tool), plain(q.Call.Arguments))
	if len(q.Changed) > 0 {
		fmt.Fprintf(t.out, "%s\n", changed(q.Changed))
	}
	if q.Fault != "" {
		fmt.Fprintf(t.out, "This cannot be run: %s\n", plain(q.Fault))
	}
	for {
		line, err := t.prompt(ctx, "Run it? [y]es, [n]o, for this [c]onversation, [a]lways, [e]dit the arguments > ")
		if err == io.EOF {
			return tools.Verdict{Decision: chat.Deny}, nil
		}
		if err != nil {
			return tools.Verdict{}, err
		}
		word, reason, _ := strings.Cut(line, " ")
		switch strings.ToLower(word) {
		case "y", "yes":
			return tools.Verdict{Decision: chat.AllowOnce}, nil
		case "c", "conversation":
			return tools.Verdict{Decision: chat.AllowConversation}, nil
		case "a", "always":
			return tools.Verdict{Decision: chat.AllowAlways}, nil
		case "n", "no":
			return tools.Verdict{Decision: chat.Deny, Reason: reason}, nil
		case "e", "edit":
			edited, err := t.prompt(ctx, "Arguments, as JSON on one line > ")
			return tools.Verdict{Decision: chat.AllowOnce, Arguments: edited}, err
		}
	}
}

// prompt shows a prompt and reads a line.
func (t *approver) prompt(ctx context.Context, prompt string) (string, error) {
	fmt.Fprint(t.out, prompt)
	line, err := t.lines.next(ctx)
	return strings.TrimSpace(line), err
}

// changed says what differs in a tool that was allowed before.
func changed(parts []string) string {
	if parts[0] == tools.Looser {
		return "It was allowed before, but " + tools.Looser + "; you are asked once more."
	}
	return "It was allowed before, but has changed since: " + strings.Join(parts, ", ") + "."
}

// readOnly is the maker's word, marked as such.
func readOnly(t tools.Tool) string {
	if t.ReadOnly {
		return "; it says that it changes nothing"
	}
	return ""
}

// plain keeps what a model or a server wrote from steering the terminal.
func plain(text string) string { return terminal.Visible(text) }
