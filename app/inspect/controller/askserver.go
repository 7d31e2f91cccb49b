package controller

import (
	"context"
	"errors"
	"fmt"

	"sirocco/app/history"
	"sirocco/app/view/i18n"
)

// Find lists turns of any conversation that another can be compared with: those in
// which all words of the query are said, or without a query those of the turn's own
// conversation and then the newest of the rest. The turn itself is not among them.
func (d *Controller) Find(v *TurnView, query string) ([]history.Asked, error) {
	list, err := d.Store.FindTurns(query, v.Conversation)
	found := list[:0]
	for _, a := range list {
		if a.ID != v.ID {
			found = append(found, a)
		}
	}
	return found, err
}

// AskServer asks a server what a turn was asked, the same messages, tools and
// sampling, and records its answer as a branch of the conversation, to be compared
// with the turn. began is told the new turn before the first event.
func (d *Controller) AskServer(ctx context.Context, v *TurnView, address string, began func(turn int64)) error {
	if d.Connect == nil {
		return errors.New(i18n.T("no server can be asked from here"))
	}
	engine, err := d.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("%s: %w", i18n.T("asking %s the same", address), err)
	}
	defer engine.Close()
	request := v.Again(0)
	request.Logprobs = max(request.Logprobs, alternatives)
	return d.answer(ctx, engine, v, request, began)
}

// alternatives are recorded of every token.
const alternatives = 5

// servers are those that can be asked, none where nothing is known of any.
func (d *Controller) servers() []string {
	if d.Servers == nil || d.Connect == nil {
		return nil
	}
	return d.Servers()
}

// WhyNoServer is why nobody else can be asked, "" where somebody can.
func (d *Controller) WhyNoServer(v *TurnView) string {
	switch {
	case v.Live:
		return i18n.T("The answer is still being made.")
	case len(d.servers()) == 0:
		return i18n.T("No server is known. Add one on the models page to ask it the same.")
	}
	return ""
}
