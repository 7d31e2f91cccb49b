package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"sirocco/app/terminal"
	"sirocco/app/tools"
)

// host is what the servers of a command may ask of the person at the terminal; nobody
// is asked where there is none.
func host(lines *typed, s *Streams) *tools.Host {
	h := &tools.Host{Browser: browser(s)}
	if lines != nil && isTerminal(s.In) {
		q := &questions{lines: lines, out: s.Err, browser: h.Browser}
		h.Ask = q.ask
	}
	return h
}

// questions puts those of servers on the terminal, one at a time.
type questions struct {
	lines   *typed
	out     io.Writer
	browser func(address string) error

	mu sync.Mutex
}

// ask shows who asks for what; the person decides whether to answer at all.
func (q *questions) ask(ctx context.Context, e tools.Elicitation) (tools.ElicitationAnswer, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	terminal.Control(q.out, clearLine)
	fmt.Fprintf(q.out, "The MCP server %s asks: %s\n", plain(e.Server), plain(e.Message))
	if e.URL != "" {
		fmt.Fprintf(q.out, "It wants you to open this page: %s\n", plain(e.URL))
	}
	for {
		word, err := q.prompt(ctx, "Answer it? [y]es, [n]o, [c]ancel > ")
		switch {
		case errors.Is(err, io.EOF):
			return tools.ElicitationAnswer{Action: tools.Cancelled}, nil
		case err != nil:
			return tools.ElicitationAnswer{}, err
		}
		switch strings.ToLower(word) {
		case "n", "no":
			return tools.ElicitationAnswer{Action: tools.Declined}, nil
		case "c", "cancel":
			return tools.ElicitationAnswer{Action: tools.Cancelled}, nil
		case "y", "yes":
			return q.fill(ctx, e)
		}
	}
}

// fill asks for each field, or opens the page.
func (q *questions) fill(ctx context.Context, e tools.Elicitation) (tools.ElicitationAnswer, error) {
	answer := tools.ElicitationAnswer{Action: tools.Accepted, Entries: map[string]string{}}
	if e.URL != "" && q.browser != nil {
		return answer, q.browser(e.URL)
	}
	for _, f := range e.Fields {
		text, err := q.field(ctx, f)
		if errors.Is(err, io.EOF) {
			return tools.ElicitationAnswer{Action: tools.Cancelled}, nil
		}
		if err != nil {
			return answer, err
		}
		answer.Entries[f.Name] = text
	}
	return answer, nil
}

// field asks until the text is of the kind that is asked for.
func (q *questions) field(ctx context.Context, f tools.Field) (string, error) {
	what := f.Name
	if f.Description != "" {
		what += ", " + f.Description
	}
	if len(f.Choices) > 0 {
		what += " (" + strings.Join(f.Choices, ", ") + ")"
	} else if f.Kind != "string" {
		what += " (" + f.Kind + ")"
	}
	if f.Default != "" {
		what += " [" + f.Default + "]"
	}
	for {
		text, err := q.prompt(ctx, plain(what)+" > ")
		if err != nil {
			return "", err
		}
		if text == "" {
			text = f.Default
		}
		fault := f.Fits(text)
		if fault == "" {
			return text, nil
		}
		fmt.Fprintf(q.out, "%s\n", fault)
	}
}

func (q *questions) prompt(ctx context.Context, prompt string) (string, error) {
	fmt.Fprint(q.out, prompt)
	line, err := q.lines.next(ctx)
	return strings.TrimSpace(line), err
}
