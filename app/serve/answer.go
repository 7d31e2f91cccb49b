package serve

import (
	"context"
	"errors"
	"slices"
	"time"

	"sirocco/model/chat"
)

// responder hears all answers to a request, one after the other, and makes a reply
// or a stream of them.
type responder interface {
	begin(answer int)
	event(chat.Event)
	end(*chat.Done)
}

// answers lets the engine give every answer that is wanted to every question of a
// request.
func (s *Server) answers(ctx context.Context, questions []*request, to responder) error {
	number := 0
	for _, q := range questions {
		s.meter.requested(q)
		for i := range q.N {
			to.begin(number)
			done, err := s.answer(ctx, q, i, number > 0, to.event)
			if err != nil {
				return err
			}
			to.end(done)
			number++
		}
	}
	return nil
}

// answer lets the engine give answer number i to a question, when it is this
// request's turn. Its events are handed to on, with tool-call ids as the client
// knows them; the last one is returned. A client that goes away ends it. again is
// for all answers of a request but the first.
func (s *Server) answer(ctx context.Context, q *request, i int, again bool, on func(chat.Event)) (*chat.Done, error) {
	watch := s.meter.watch(time.Now())
	defer watch.leave()
	leave, err := s.queue.enter(ctx, q.client, again)
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
			return nil, q.mapError(err)
		}
		watch.event(event)
		if event.Kind == chat.KindDone {
			watch.done(event.Done)
			return q.done(event.Done), nil
		}
		if !q.PromptOnly || event.Kind == chat.KindPrefill {
			on(q.event(event))
		}
	}
	return nil, errors.New("the engine stopped without an answer")
}

// event gives a call its id as the client knows it.
func (q *request) event(e chat.Event) chat.Event {
	if e.Kind == chat.KindCall {
		call := *e.Call
		call.ID = q.clientIDs.Original(call.ID)
		e.Call = &call
	}
	return e
}

// done does the same for the whole answer.
func (q *request) done(d *chat.Done) *chat.Done {
	done := *d
	if q.PromptOnly { // one token had to be asked for, which is for nobody
		done.Reasoning, done.Text, done.ToolCalls, done.Tokens, done.FinishReason, done.StopSequence = "", "", nil, nil, chat.FinishLength, ""
		done.Usage.CompletionTokens = 0
		return &done
	}
	done.ToolCalls = slices.Clone(d.ToolCalls)
	for i := range done.ToolCalls {
		done.ToolCalls[i].ID = q.clientIDs.Original(done.ToolCalls[i].ID)
	}
	return &done
}

// finish is why an answer ended, in the words OpenAI's clients know, with
// stop_reason saying more: which stop string it was, or, of an answer that was cut
// short for what they have no word for, how.
func finish(d *chat.Done) (finishReason string, stopReason *string) {
	switch d.FinishReason {
	case chat.FinishStop, chat.FinishLength, chat.FinishToolCalls:
		return d.FinishReason, orNull(d.StopSequence)
	}
	return chat.FinishLength, &d.FinishReason
}
