package desk

import (
	"context"
	"errors"
	"fmt"

	"sirocco/app/inspect"
	"sirocco/model/chat"
)

// RunAgain runs a call of a turn with other arguments. The model is told nothing.
func (d *Desk) RunAgain(ctx context.Context, v *View, c *inspect.Call, arguments string) (*chat.Result, error) {
	if d.Wrap == nil {
		return nil, fmt.Errorf("running %s again: no tools are switched on here that could be run", c.Name)
	}
	return inspect.RunAgain(ctx, d.Wrap, v.Turn, c, arguments)
}

// Continue answers a request that goes on from a turn, as a branch of its
// conversation: what the request adds to that of the turn becomes messages, and
// the answer is recorded. began is told the new turn before the first event.
func (d *Desk) Continue(ctx context.Context, v *View, request *chat.Request, began func(turn int64)) error {
	engine := d.engine()
	if engine == nil {
		return errors.New("continuing: no model is loaded; choose one in the main window")
	}
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
	prefix := beginning{said: said}
	for event, failure := range engine.Generate(ctx, d.withoutTools(request)) {
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

// engine is what answers, with the window's tools around it.
func (d *Desk) engine() chat.Engine {
	if d.Engine == nil {
		return nil
	}
	engine := d.Engine()
	if engine != nil && d.Wrap != nil {
		return d.Wrap(engine)
	}
	return engine
}

// withoutTools leaves the tools out of a request that a loop brings itself:
// those of a request are the caller's, and end the turn.
func (d *Desk) withoutTools(request *chat.Request) *chat.Request {
	if d.Wrap == nil {
		return request
	}
	bare := *request
	bare.Tools = nil
	return &bare
}

// beginning puts the words an answer was made to begin with back in front of it:
// engines tell only what they add.
type beginning struct {
	said string
	told bool
}

func (b *beginning) with(e chat.Event) []chat.Event {
	if b.said == "" || e.Kind == chat.KindRound {
		return []chat.Event{e}
	}
	var events []chat.Event
	if !b.told {
		b.told = true
		events = append(events, chat.Event{Kind: chat.KindText, Text: b.said})
	}
	switch e.Kind {
	case chat.KindMessage:
		m := *e.Message
		m.Parts = append([]chat.Part{{Text: b.said}}, m.Parts...)
		if len(m.Parts) == 2 && m.Parts[1].Image == nil {
			m.Parts = []chat.Part{{Text: b.said + m.Parts[1].Text}}
		}
		e.Message = &m
	case chat.KindDone:
		done := *e.Done
		done.Text = b.said + done.Text
		e.Done = &done
		b.said = "" // a later round is an answer of its own
	}
	return append(events, e)
}
