package tools

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"sirocco/model/chat"
	"sirocco/model/chattemplate"
)

// Loop is an engine that runs what the model calls. It answers one question at a
// time and belongs to one conversation.
type Loop struct {
	Engine   chat.Engine
	Tools    *Set
	Approver Approver // nil: nothing that needs asking is run
	Permits  *Permits // nil: "always" lasts as long as the conversation
	Limits   Limits
	// Use says which tools the model is told of; nil means all.
	Use func(*Tool) bool

	mu           sync.Mutex
	conversation permits // what was allowed for it
	checks       checks
}

// About is that of the engine.
func (l *Loop) About() chat.About { return l.Engine.About() }

// Close closes the engine; the tools belong to whoever made them.
func (l *Loop) Close() { l.Engine.Close() }

// errConsumerGone unwinds a turn whose listener went away.
var errConsumerGone = errors.New("nobody listens any more")

// Generate answers a question, running what the model calls on the way. The
// request's own tools, if it has any, are the caller's: an answer that calls one
// of them ends the turn, and the caller finds the calls in the last done event.
func (l *Loop) Generate(ctx context.Context, request *chat.Request) iter.Seq2[chat.Event, error] {
	return func(yield func(chat.Event, error) bool) {
		l.mu.Lock()
		defer l.mu.Unlock()
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		t := &turn{Loop: l, ctx: ctx, request: *request, limits: l.Limits.withDefaults(l.Engine.About().Model.Context), yield: yield}
		t.request.Messages = slices.Clone(request.Messages)
		if err := t.consume(); err != nil && !errors.Is(err, errConsumerGone) {
			yield(chat.Event{}, err)
		}
	}
}

// turn is one question being answered.
type turn struct {
	*Loop
	ctx     context.Context
	request chat.Request // grows with every message
	limits  Limits
	yield   func(chat.Event, error) bool

	round        int
	tools        []Tool // of this round, those of the caller left out
	consumerGone bool
}

// consume asks, runs what was called, and asks again, until there is an answer.
func (t *turn) consume() error {
	for {
		done, err := t.answer()
		if err != nil || len(done.ToolCalls) == 0 || t.isCallers(done.ToolCalls) {
			return err
		}
		if err := t.runCalls(done); err != nil {
			return err
		}
		switch {
		case t.ctx.Err() != nil:
			return t.close(done, chat.FinishCancelled)
		case !finished(done) || t.round >= t.limits.Rounds:
			return t.close(done, done.FinishReason)
		}
		t.round++
	}
}

// answer lets the engine answer once. The assistant's message comes right before
// the done event.
func (t *turn) answer() (done *chat.Done, err error) {
	ask, ids := t.roundRequest()
	if err := t.emit(chat.Event{Kind: chat.KindRound, Round: &chat.Round{Index: t.round, Limit: t.limits.Rounds}}); err != nil {
		return nil, err
	}
	for event, err := range t.Engine.Generate(t.ctx, ask) {
		if err != nil {
			return nil, ids.Restore(err)
		}
		if event.Kind == chat.KindDone {
			done = t.record(event.Done)
			event.Done = done
			if err := t.send(assistant(done)); err != nil {
				return nil, err
			}
		}
		if err := t.emit(event); err != nil {
			return nil, err
		}
	}
	if done == nil {
		return nil, errors.New("the engine stopped without an answer; please report this")
	}
	return done, nil
}

// roundRequest is the request of this round. What forced a call holds for the first round
// only, or there would never be an answer; after the last round calls are off. Call
// ids that others made are given as the template takes them.
func (t *turn) roundRequest() (*chat.Request, chattemplate.CallIDs) {
	t.Loop.Tools.Refresh(t.ctx)
	t.tools = nil // not reused: a run that hangs may still hold its tool
	ask := t.request
	ask.Tools = slices.Clone(t.request.Tools)
	for _, tool := range t.Loop.Tools.Tools() {
		if isNamed(ask.Tools, tool.Name) || t.Use != nil && !t.Use(&tool) {
			continue
		}
		t.tools = append(t.tools, tool)
		ask.Tools = append(ask.Tools, tool.Tool)
	}
	switch {
	case t.round >= t.limits.Rounds:
		ask.ToolChoice, ask.ToolName = "none", ""
	case t.round > 0 && t.request.ToolChoice != "none":
		ask.ToolChoice, ask.ToolName = "auto", ""
	}
	return &ask, chattemplate.MapCallIDs(&ask)
}

func isNamed(tools []chat.Tool, name string) bool {
	return slices.ContainsFunc(tools, func(t chat.Tool) bool { return t.Name == name })
}

// isCallers reports whether one of the calls is of a tool that only the caller of
// Generate can run.
func (t *turn) isCallers(calls []chat.ToolCall) bool {
	return slices.ContainsFunc(calls, func(c chat.ToolCall) bool { return isNamed(t.request.Tools, c.Name) })
}

// record is an answer whose calls the chat template will take back: ids that are
// there and differ, names it can write.
func (t *turn) record(done *chat.Done) *chat.Done {
	fixed := *done
	fixed.ToolCalls = slices.Clone(done.ToolCalls)
	taken := map[string]bool{}
	for i := range fixed.ToolCalls {
		c := &fixed.ToolCalls[i]
		c.Name = plainName(c.Name)
		for n := 0; c.ID == "" || taken[c.ID]; n++ {
			c.ID = fmt.Sprintf("r%03dc%04d", t.round%1000, (i+n)%10000)
		}
		taken[c.ID] = true
	}
	return &fixed
}

// assistant is an answer as a message.
func assistant(done *chat.Done) chat.Message {
	m := chat.Message{Role: chat.Assistant, ToolCalls: done.ToolCalls}
	if done.Text != "" {
		m.Parts = []chat.Part{{Text: done.Text}}
	}
	return m
}

// send adds a message to the conversation. One that says nothing is left out.
func (t *turn) send(m chat.Message) error {
	if len(m.Parts) == 0 && len(m.ToolCalls) == 0 {
		return nil
	}
	t.request.Messages = append(t.request.Messages, m)
	return t.emit(chat.Event{Kind: chat.KindMessage, Message: &m})
}

// finished reports whether the model itself ended its answer, so that its calls
// are whole. Some servers say stop where there are calls.
func finished(done *chat.Done) bool {
	return done.FinishReason == chat.FinishToolCalls || done.FinishReason == chat.FinishStop
}

// close ends a turn whose last answer's calls had to be dealt with.
func (t *turn) close(last *chat.Done, reason string) error {
	end := *last
	end.FinishReason, end.ToolCalls = reason, []chat.ToolCall{} // each has its result
	return t.emit(chat.Event{Kind: chat.KindDone, Done: &end})
}

// emit hands an event to the listener.
func (t *turn) emit(e chat.Event) error {
	if t.consumerGone || !t.yield(e, nil) {
		t.consumerGone = true
		return errConsumerGone
	}
	return nil
}

// notice tells people something.
func (t *turn) notice(format string, args ...any) error {
	return t.emit(chat.Event{Kind: chat.KindNotice, Text: fmt.Sprintf(format, args...)})
}
