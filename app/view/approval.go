package view

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"sirocco/app/tools"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// Ask is a call that waits for a person's word.
type Ask struct {
	Name      string // of the tool, for people
	Source    string // who would run it
	ReadOnly  bool   // its maker says that it changes nothing
	Arguments string // JSON, laid out to be read and edited
	Changed   string // what differs from the tool that was allowed before
	Fault     string // why the arguments that were edited last cannot be

	answer chan tools.Verdict
}

// Decide answers with chat.AllowOnce, AllowConversation, AllowAlways or Deny, and
// the arguments as they stand. Only the first word counts.
func (a *Ask) Decide(decision, arguments string) {
	verdict := tools.Verdict{Decision: decision}
	if arguments != a.Arguments && decision != chat.Deny {
		verdict.Arguments = arguments
	}
	select {
	case a.answer <- verdict:
	default:
	}
}

// approve shows a call in the place of its answer and waits for the word. It runs
// on the answer's goroutine.
func (w *Window) approve(ctx context.Context, answer *Answer, q tools.Question) (tools.Verdict, error) {
	ask := &Ask{Name: q.Tool.Name, Source: q.Tool.Source, ReadOnly: q.Tool.ReadOnly, Arguments: laidOut(q.Call.Arguments), Fault: q.Fault,
		Changed: changed(q.Changed), answer: make(chan tools.Verdict, 1)}
	if q.Tool.Title != "" {
		ask.Name = q.Tool.Title
	}
	w.UIQueue.Post(func() { answer.Ask = ask })
	defer w.UIQueue.Post(func() { answer.Ask = nil })
	select {
	case verdict := <-ask.answer:
		return verdict, nil
	case <-ctx.Done():
		return tools.Verdict{}, ctx.Err()
	}
}

// changed says what differs in a tool that was allowed before.
func changed(parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	names := make([]string, len(parts))
	for i, part := range parts {
		switch part {
		case tools.Looser:
			return i18n.T("It was allowed before, but not bound to what exactly runs. You are asked once more.")
		case "its program":
			names[i] = i18n.T("its program")
		case "its arguments":
			names[i] = i18n.T("its arguments")
		case "its folder":
			names[i] = i18n.T("its folder")
		case "its environment":
			names[i] = i18n.T("its environment")
		case "its address":
			names[i] = i18n.T("its address")
		case "its title":
			names[i] = i18n.T("its title")
		case "its description":
			names[i] = i18n.T("its description")
		case "its parameters":
			names[i] = i18n.T("its parameters")
		case "what it says about changing things":
			names[i] = i18n.T("what it says about changing things")
		default:
			names[i] = part
		}
	}
	return i18n.T("It was allowed before, but has changed since: %s", strings.Join(names, ", "))
}

// laidOut is JSON over several lines; what is none stays as it is.
func laidOut(text string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(text), "", "  ") != nil {
		return text
	}
	return out.String()
}
