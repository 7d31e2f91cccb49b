package controller

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"sirocco/app/inspect"
	"sirocco/app/tools"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// RunAgain runs a call of a turn with other arguments. The model is told nothing.
func (d *Controller) RunAgain(ctx context.Context, v *TurnView, c *inspect.Call, arguments string) (*chat.Result, error) {
	set := d.set()
	if set == nil || !slices.ContainsFunc(set.Tools(), func(t tools.Tool) bool { return t.Name == c.Name }) {
		return nil, errors.New(i18n.T("running %s again: no tool of that name is switched on here; its result can be edited and continued from", c.Name))
	}
	return inspect.RunAgain(ctx, func(e chat.Engine) chat.Engine {
		return &tools.Loop{Engine: e, Tools: set, Approver: d.Approver}
	}, v.Turn, c, arguments)
}

func (d *Controller) set() *tools.Set {
	if d.Tools == nil {
		return nil
	}
	return d.Tools()
}

// Continue answers a request that goes on from a turn, as a branch of its
// conversation: what the request adds to that of the turn becomes messages, and
// the answer is recorded. began is told the new turn before the first event.
func (d *Controller) Continue(ctx context.Context, v *TurnView, request *chat.Request, began func(turn int64)) error {
	if d.Engine == nil || d.Engine() == nil {
		return errors.New(i18n.T("continuing: no model is loaded; choose one in the main window"))
	}
	return d.answer(ctx, d.Engine(), v, request, began)
}

// answer has an engine answer a request as Continue does.
func (d *Controller) answer(ctx context.Context, engine chat.Engine, v *TurnView, request *chat.Request, began func(turn int64)) error {
	engine, ask := d.loop(engine, request)
	parent := v.Parent
	said := ""
	for _, m := range request.Messages[min(len(v.Request.Messages), len(request.Messages)):] {
		if m.Prefix { // the beginning of the answer itself
			said = m.Parts[0].Text
			continue
		}
		var err error
		if parent, err = d.Store.Append(v.Conversation, parent, m); err != nil {
			return err
		}
	}
	recording, err := d.Store.Record(v.Conversation, parent, request)
	if err != nil {
		return err
	}
	began(recording.ID())
	prefix := beginning{text: said}
	for event, failure := range engine.Generate(ctx, ask) {
		if failure != nil {
			err = errors.Join(err, failure)
			break
		}
		for _, e := range prefix.with(event) {
			err = errors.Join(err, recording.Add(e))
		}
	}
	return errors.Join(err, recording.Close())
}

// loop puts the tools of a request that can be run here around an engine. Those
// that cannot, or that a person has changed, stay with the request: a call of one
// ends the turn and waits for its result.
func (d *Controller) loop(engine chat.Engine, request *chat.Request) (chat.Engine, *chat.Request) {
	set := d.set()
	if set == nil {
		return engine, request
	}
	runnable := map[string]bool{}
	for _, t := range set.Tools() {
		for _, asked := range request.Tools {
			if asked.Name == t.Name && asked.Description == t.Description && bytes.Equal(asked.Parameters, t.Parameters) {
				runnable[t.Name] = true
			}
		}
	}
	ask := *request
	ask.Tools = slices.DeleteFunc(slices.Clone(request.Tools), func(t chat.Tool) bool { return runnable[t.Name] })
	return &tools.Loop{Engine: engine, Tools: set, Approver: d.Approver, Use: func(t *tools.Tool) bool { return runnable[t.Name] }}, &ask
}

// beginning puts the words an answer was made to begin with back in front of it:
// engines tell only what they add.
type beginning struct {
	text    string
	emitted bool
}

func (b *beginning) with(e chat.Event) []chat.Event {
	if b.text == "" || e.Kind == chat.KindRound {
		return []chat.Event{e}
	}
	var events []chat.Event
	if !b.emitted {
		b.emitted = true
		events = append(events, chat.Event{Kind: chat.KindText, Text: b.text})
	}
	switch e.Kind {
	case chat.KindMessage:
		m := *e.Message
		m.Parts = append([]chat.Part{{Text: b.text}}, m.Parts...)
		if len(m.Parts) == 2 && m.Parts[1].Image == nil {
			m.Parts = []chat.Part{{Text: b.text + m.Parts[1].Text}}
		}
		e.Message = &m
	case chat.KindDone:
		done := *e.Done
		done.Text = b.text + done.Text
		e.Done = &done
		b.text = "" // a later round is an answer of its own
	}
	return append(events, e)
}
