package serve

import (
	"context"
	"encoding/json"
	"net/http"

	"sirocco/model/chat"
)

// delta is what a piece adds to an answer.
type delta struct {
	Role      string      `json:"role,omitempty"`
	Content   *string     `json:"content,omitempty"`
	ToolCalls []callDelta `json:"tool_calls,omitempty"`
}

// callDelta adds to tool call number Index: id, type and name come once, the
// arguments in pieces.
type callDelta struct {
	Index    int           `json:"index"`
	ID       string        `json:"id,omitempty"`
	Type     string        `json:"type,omitempty"`
	Function functionDelta `json:"function"`
}

type functionDelta struct {
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
}

// stream gives the answers as server-sent events. The engine writes into an
// outbox and never waits for the client.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, q *question) error {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	out := newOutbox(w, cancel)
	defer out.finish()
	p := &pieces{s: s, q: q, out: out, piece: s.newCompletion("chat.completion.chunk")}
	if q.IncludeUsage {
		p.piece.Usage = json.RawMessage("null")
	}
	var spent usage
	for i := range q.N {
		p.begin(i)
		done, err := s.answer(ctx, q, i, p.event)
		if err != nil {
			return p.fail(r, err)
		}
		spent.add(done)
		p.end(done)
	}
	if q.IncludeUsage {
		p.piece.Choices = []choice{}
		var err error
		if p.piece.Usage, err = marshal(spent); err != nil {
			return err
		}
		p.out.event(p.piece)
	}
	p.out.put([]byte("data: [DONE]\n\n"))
	return nil
}

// pieces turns one engine's events into pieces of a reply.
type pieces struct {
	s     *Server
	q     *question
	out   *outbox
	piece completion // what all pieces share
	index int        // of the answer
	begun bool       // its first piece, with the role, is out
	held  *logprobs  // of tokens whose text is not out yet
}

func (p *pieces) begin(index int) { p.index, p.begun, p.held = index, false, nil }

// event passes on what a client is told while the answer is made.
func (p *pieces) event(e chat.Event) {
	switch e.Kind {
	case chat.KindPrefill:
		p.greet()
	case chat.KindToken:
		p.greet()
		if p.q.Logprobs {
			if p.held == nil {
				p.held = &logprobs{}
			}
			p.held.Content = append(p.held.Content, p.s.logprob(e.Token, p.q.Chat.Logprobs))
		}
	case chat.KindText:
		p.greet()
		p.send(choice{Delta: &delta{Content: &e.Text}})
	case chat.KindCall:
		p.greet()
		if call := callDeltaOf(e.Call); call != (callDelta{Index: e.Call.Index}) {
			p.send(choice{Delta: &delta{ToolCalls: []callDelta{call}}})
		}
	}
}

// callDeltaOf is a piece of a call; one that only says that the call is complete
// is empty.
func callDeltaOf(c *chat.CallDelta) callDelta {
	out := callDelta{Index: c.Index, ID: c.ID, Function: functionDelta{Name: c.Name, Arguments: c.Arguments}}
	if c.ID != "" || c.Name != "" {
		out.Type = "function"
	}
	return out
}

// greet sends the first piece: who speaks.
func (p *pieces) greet() {
	if !p.begun {
		p.begun = true
		nothing := ""
		p.send(choice{Delta: &delta{Role: string(chat.Assistant), Content: &nothing}})
	}
}

// end says why the answer ended, and hands over the log-probabilities of tokens
// that made no text.
func (p *pieces) end(d *chat.Done) {
	p.greet()
	reason, stop := finish(d.FinishReason)
	p.send(choice{Delta: &delta{}, FinishReason: &reason, StopReason: stop})
}

func (p *pieces) send(c choice) {
	c.Index = p.index
	if p.begun && c.Delta.Role == "" {
		c.Logprobs, p.held = p.held, nil
	}
	p.piece.Choices = []choice{c}
	p.out.event(p.piece)
}

// fail tells of an error in the stream, when that has begun; otherwise the caller
// answers with a status.
func (p *pieces) fail(r *http.Request, err error) error {
	if !p.out.begun() {
		return err
	}
	told, known := asProblem(err)
	if !known && r.Context().Err() == nil {
		p.s.logf("%s failed in mid-answer: %v", p.s.pattern(r), err)
	}
	p.out.event(told)
	p.out.put([]byte("data: [DONE]\n\n"))
	return nil
}
