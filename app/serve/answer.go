package serve

import (
	"context"
	"errors"
	"slices"
	"time"

	"sirocco/model/chat"
)

// answer lets the engine give answer number i to a question, when it is this
// request's turn. Its events are handed to on, with tool-call ids as the client
// knows them; the last one is returned. A client that goes away ends it.
func (s *Server) answer(ctx context.Context, q *question, i int, on func(chat.Event)) (*chat.Done, error) {
	watch := s.meter.watch(time.Now())
	leave, err := s.queue.enter(ctx, i > 0)
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.stopped, cancel)()

	request := q.Chat
	request.Sampling.Seed += uint64(i)
	for event, err := range s.o.Engine.Generate(ctx, &request) {
		if err != nil {
			return nil, q.inTheirWords(err)
		}
		watch.event(event)
		if event.Kind == chat.KindDone {
			watch.done(event.Done)
			return q.done(event.Done), nil
		}
		on(q.event(event))
	}
	return nil, errors.New("the engine stopped without an answer")
}

// event gives a call its id as the client knows it.
func (q *question) event(e chat.Event) chat.Event {
	if e.Kind == chat.KindCall {
		call := *e.Call
		call.ID = q.callID(call.ID)
		e.Call = &call
	}
	return e
}

// done does the same for the whole answer.
func (q *question) done(d *chat.Done) *chat.Done {
	done := *d
	done.ToolCalls = slices.Clone(d.ToolCalls)
	for i := range done.ToolCalls {
		done.ToolCalls[i].ID = q.callID(done.ToolCalls[i].ID)
	}
	return &done
}

// finish is why an answer ended, in the words OpenAI's clients know. What they have
// no word for was cut short, with stop_reason saying how.
func finish(reason string) (finishReason string, stopReason *string) {
	switch reason {
	case chat.FinishStop, chat.FinishLength, chat.FinishToolCalls:
		return reason, nil
	}
	return chat.FinishLength, &reason
}
