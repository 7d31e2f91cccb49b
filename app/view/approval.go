package view

import (
	"bytes"
	"context"
	"encoding/json"

	"sirocco/app/tools"
	"sirocco/model/chat"
)

// Ask is a call that waits for a person's word.
type Ask struct {
	Name      string // of the tool, for people
	Source    string // who would run it
	ReadOnly  bool   // its maker says that it changes nothing
	Arguments string // JSON, laid out to be read and edited
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
		answer: make(chan tools.Verdict, 1)}
	if q.Tool.Title != "" {
		ask.Name = q.Tool.Title
	}
	w.Feed.Post(func() { answer.Ask = ask })
	defer w.Feed.Post(func() { answer.Ask = nil })
	select {
	case verdict := <-ask.answer:
		return verdict, nil
	case <-ctx.Done():
		return tools.Verdict{}, ctx.Err()
	}
}

// laidOut is JSON over several lines; what is none stays as it is.
func laidOut(text string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(text), "", "  ") != nil {
		return text
	}
	return out.String()
}
