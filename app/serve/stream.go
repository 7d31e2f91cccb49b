package serve

import (
	"context"
	"net/http"

	"sirocco/model/chat"
)

// delta is what a piece adds to an answer.
type delta struct {
	Role      string  `json:"role,omitempty"`
	Content   *string `json:"content,omitempty"`
	ToolCalls []any   `json:"tool_calls,omitempty"` // of callDelta and customCall
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

// narrator is a listener that tells what it hears as server-sent events of one API.
type narrator interface {
	listener
	close()        // all answers have been told
	fail(*problem) // in mid-answer
}

// stream gives the answers as server-sent events. The engine writes into an
// outbox and never waits for the client. An error before the first event is
// answered with a status, a later one is told in the stream.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, questions []*question, tell func(*outbox) narrator) error {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	out := newOutbox(w, cancel)
	defer out.finish()
	n := tell(out)
	err := s.answers(ctx, questions, n)
	switch {
	case err == nil:
		n.close()
		return nil
	case !out.begun():
		return err
	}
	told, known := asProblem(err)
	if !known && r.Context().Err() == nil {
		s.logf("%s failed in mid-answer: %v", s.pattern(r), err)
	}
	n.fail(told)
	return nil
}

// newPieces prepares the stream of a chat completion.
func (s *Server) newPieces(q *question, out *outbox) *pieces {
	return &pieces{s: s, q: q, teller: teller{out, q.Request}, piece: s.newCompletion("chat.completion.chunk")}
}

// pieces turns the engine's events into pieces of a chat completion.
type pieces struct {
	teller
	s     *Server
	q     *question
	piece completion // what all pieces share
	spent usage
	index int       // of the answer
	begun bool      // its first piece, with the role, is out
	held  *logprobs // of tokens whose text is not out yet

	custom customPieces
}

func (p *pieces) begin(index int) {
	p.index, p.begun, p.held, p.custom = index, false, nil, customPieces{}
}

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
		p.call(e.Call)
	}
}

// call passes a piece of a call on; a custom tool's call when it is whole.
func (p *pieces) call(c *chat.CallDelta) {
	if call, custom := p.custom.add(p.q, c); custom {
		if call != nil {
			p.send(choice{Delta: &delta{ToolCalls: []any{call}}})
		}
		return
	}
	if call := p.q.callDeltaOf(c); call != (callDelta{Index: c.Index}) {
		p.send(choice{Delta: &delta{ToolCalls: []any{call}}})
	}
}

// callDeltaOf is a piece of a call; one that only says that the call is complete
// is empty.
func (q *question) callDeltaOf(c *chat.CallDelta) callDelta {
	out := callDelta{Index: c.Index, ID: c.ID, Function: functionDelta{Name: q.Names.Original(c.Name).Full(), Arguments: c.Arguments}}
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
	p.spent.add(d, p.index == 0)
	reason, stop := finish(d)
	p.send(choice{Delta: &delta{}, FinishReason: &reason, StopReason: stop})
}

func (p *pieces) send(c choice) {
	c.Index = p.index
	if p.begun && c.Delta.Role == "" {
		c.Logprobs, p.held = p.held, nil
	}
	p.piece.Choices, p.piece.Usage = []choice{c}, p.usage(nil)
	p.out.event(p.piece)
}

// close sends the counts, when they are wanted, and the end.
func (p *pieces) close() {
	p.piece.Choices, p.piece.Usage = []choice{}, p.usage(&p.spent)
	p.finish(p.piece)
}
