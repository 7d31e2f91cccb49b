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
	Reasoning *string `json:"reasoning_content,omitempty"` // vLLM's word for what is thought
	ToolCalls []any   `json:"tool_calls,omitempty"`        // of callDelta and customCall
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

// streamWriter is a listener that tells what it hears as server-sent events of one API.
type streamWriter interface {
	responder
	close()             // all answers have been told
	fail(*problem)      // in mid-answer
	signOfLife() []byte // for a stream that has been silent for long
}

// keepAliveComment is a comment, which every reader of server-sent events skips.
var keepAliveComment = []byte(": keep-alive\n\n")

// stream gives the answers as server-sent events. The engine writes into an
// outbox and never waits for the client. An error before the first event is
// answered with a status, a later one is told in the stream.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, questions []*request, tell func(*sseBuffer) streamWriter) error {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	out := newSSEBuffer(w, cancel)
	defer out.finish()
	n := tell(out)
	stop := out.keepAlive(s.o.KeepAlive, n.signOfLife())
	defer stop()
	err := s.answers(ctx, questions, n)
	stop()
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

// newChunkWriter prepares the stream of a chat completion.
func (s *Server) newChunkWriter(q *request, out *sseBuffer) *chunkWriter {
	return &chunkWriter{s: s, q: q, usageWriter: usageWriter{out, q.Request}, piece: s.newCompletion("chat.completion.chunk")}
}

// chunkWriter turns the engine's events into pieces of a chat completion.
type chunkWriter struct {
	usageWriter
	s        *Server
	q        *request
	piece    completion // what all pieces share
	spent    usage
	index    int       // of the answer
	begun    bool      // its first piece, with the role, is out
	buffered *logprobs // of tokens whose text is not out yet

	custom customPieces
}

func (p *chunkWriter) begin(index int) {
	p.index, p.begun, p.buffered, p.custom = index, false, nil, customPieces{}
}

// event passes on what a client is told while the answer is made.
func (p *chunkWriter) event(e chat.Event) {
	switch e.Kind {
	case chat.KindPrefill:
		p.sendRole()
	case chat.KindToken:
		p.sendRole()
		if p.q.Logprobs {
			if p.buffered == nil {
				p.buffered = &logprobs{}
			}
			p.buffered.Content = append(p.buffered.Content, p.s.logprob(e.Token, p.q.Chat.Logprobs))
		}
	case chat.KindText:
		p.sendRole()
		p.send(choice{Delta: &delta{Content: &e.Text}})
	case chat.KindReason:
		p.sendRole()
		p.send(choice{Delta: &delta{Reasoning: &e.Text}})
	case chat.KindCall:
		p.sendRole()
		p.call(e.Call)
	}
}

// call passes a piece of a call on; a custom tool's call when it is whole.
func (p *chunkWriter) call(c *chat.CallDelta) {
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
func (q *request) callDeltaOf(c *chat.CallDelta) callDelta {
	out := callDelta{Index: c.Index, ID: c.ID, Function: functionDelta{Name: q.Names.Original(c.Name).Full(), Arguments: c.Arguments}}
	if c.ID != "" || c.Name != "" {
		out.Type = "function"
	}
	return out
}

// sendRole sends the first piece: who speaks.
func (p *chunkWriter) sendRole() {
	if !p.begun {
		p.begun = true
		nothing := ""
		p.send(choice{Delta: &delta{Role: string(chat.Assistant), Content: &nothing}})
	}
}

// end says why the answer ended, and hands over the log-probabilities of tokens
// that made no text.
func (p *chunkWriter) end(d *chat.Done) {
	p.sendRole()
	p.spent.add(d, p.index == 0)
	reason, stop := finish(d)
	p.send(choice{Delta: &delta{}, FinishReason: &reason, StopReason: stop})
}

func (p *chunkWriter) send(c choice) {
	c.Index = p.index
	if p.begun && c.Delta.Role == "" {
		c.Logprobs, p.buffered = p.buffered, nil
	}
	p.piece.Choices, p.piece.Usage = []choice{c}, p.usage(nil)
	p.out.event(p.piece)
}

// close sends the counts, when they are wanted, and the end.
func (p *chunkWriter) close() {
	p.piece.Choices, p.piece.Usage = []choice{}, p.usage(&p.spent)
	p.finish(p.piece)
}
