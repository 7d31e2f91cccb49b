package serve

import (
	"context"
	"errors"
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
	one := request.ParallelToolCalls != nil && !*request.ParallelToolCalls
	cut := false // a second call began and may not
	for event, err := range s.o.Engine.Generate(ctx, &request) {
		if err != nil {
			return nil, q.inTheirWords(err)
		}
		watch.event(event)
		if one && event.Kind == chat.KindCall && event.Call.Index > 0 {
			cut = true
			cancel()
		}
		if event.Kind == chat.KindDone {
			done := q.done(event.Done, cut)
			watch.done(done)
			return done, nil
		}
		if !cut {
			on(q.event(event))
		}
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

// done does the same for the whole answer, and drops a call that was cut off.
func (q *question) done(d *chat.Done, cut bool) *chat.Done {
	done := *d
	done.ToolCalls = nil
	for i, call := range d.ToolCalls {
		if cut && i > 0 {
			break
		}
		call.ID = q.callID(call.ID)
		done.ToolCalls = append(done.ToolCalls, call)
	}
	if cut {
		done.FinishReason = chat.FinishToolCalls
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
