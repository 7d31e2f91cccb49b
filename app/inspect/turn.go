// Package inspect turns the events of a turn into what the inspector window,
// an exported page and `sirocco replay` show: a timeline, the prompt's tokens
// with their origin and cost, every generated token with what else was likely
// or forbidden, every call with its schema as a form; the difference between
// two turns; requests that run on from an edited call, result or token; session
// files with expectations. It is plain data and works the same live and from
// the history. Open this file first, then timeline.go and branch.go.
package inspect

import (
	"time"

	"sirocco/model/chat"
)

// Vocabulary says what a token id looks like; *tekken.Tokenizer is one.
type Vocabulary interface {
	Piece(id int32) string
	IsSpecial(id int32) bool
}

// Turn is one question and everything that happened until its last answer. It
// grows by Add while the answer is being made.
type Turn struct {
	Request *chat.Request
	About   chat.About
	Rounds  []*Round
	Rows    []*Row // the timeline
	Notices []string
	Length  time.Duration // time of the last event
	Ended   bool

	images int // pictures encoded in this round
	call   int // the call that the tokens of this round are writing, -1 none
	writes *Row
	wait   []*Token // tokens whose meaning the next event tells
}

// Round is one answer of the engine within a turn.
type Round struct {
	Index  int
	Began  time.Duration
	Prompt *chat.Prompt // nil where the engine does not tell
	Cached int          // prompt tokens that were in the cache
	Images []chat.ImageEncoded
	Tokens []*Token
	Text   string
	Calls  []*Call
	Done   *chat.Done // nil while it runs
	// Before are the messages that the turn added before this round.
	Before []chat.Message
	// Attentions are the looks back that were asked for (attention.go); no event tells them.
	Attentions []*Attention
}

// Token is a generated token and where it belongs.
type Token struct {
	chat.Token
	At   time.Duration
	Call int // index of the call it writes, -1 for words
}

// Call is a tool call with everything known about its way.
type Call struct {
	chat.ToolCall
	Round, Index int
	Tool         *chat.Tool // nil: the request has none of that name
	Approval     *chat.Approval
	Result       *chat.Result // nil: not run yet
	Began, Ended time.Duration
	Note         string // the last word of its progress
}

// New begins a turn. request.Tools should be all the model is told of.
func New(request *chat.Request) *Turn { return &Turn{Request: request, call: -1} }

// FromEvents is a whole turn, from the history or a file.
func FromEvents(request *chat.Request, events []chat.Timed) *Turn {
	t := New(request)
	for _, e := range events {
		t.Add(e)
	}
	return t
}

// Add takes the next event. Payloads are kept, except for tokens, which are
// copied because the engine uses theirs again.
func (t *Turn) Add(e chat.Timed) {
	t.Length = max(t.Length, e.At)
	switch e.Kind {
	case chat.KindRound:
		t.begin(e.At)
	case chat.KindPrompt:
		t.prompt(e)
	case chat.KindImage:
		t.image(e)
	case chat.KindPrefill:
		t.prefill(e)
	case chat.KindToken:
		t.token(e)
	case chat.KindText:
		t.text(e)
	case chat.KindCall:
		t.delta(e)
	case chat.KindApproval:
		t.approval(e)
	case chat.KindRun:
		t.run(e)
	case chat.KindResult:
		t.result(e)
	case chat.KindMessage:
		t.message(e.Message)
	case chat.KindNotice:
		t.Notices = append(t.Notices, e.Text)
	case chat.KindDone:
		t.done(e)
	}
}

// round is the one that runs. An engine without a loop around it announces
// none.
func (t *Turn) round(at time.Duration) *Round {
	if len(t.Rounds) == 0 {
		t.begin(at)
	}
	return t.Rounds[len(t.Rounds)-1]
}

func (t *Turn) begin(at time.Duration) {
	r := &Round{Index: len(t.Rounds), Began: at}
	if n := len(t.Rounds); n > 0 {
		last := t.Rounds[n-1]
		r.Before = append(r.Before, last.Before...)
		r.Before = append(r.Before, last.text()...)
	} else {
		r.Began = 0
	}
	t.Rounds = append(t.Rounds, r)
	t.Ended, t.call, t.writes, t.wait, t.images = false, -1, nil, nil, 0
}

// text are the messages of a round: the answer, then the results of its calls.
func (r *Round) text() []chat.Message {
	answer := r.Answer()
	if len(answer.Parts) == 0 && len(answer.ToolCalls) == 0 {
		return nil
	}
	messages := []chat.Message{answer}
	for _, c := range r.Calls {
		if c.Result != nil {
			messages = append(messages, c.answered(c.Result.Text))
		}
	}
	return append(messages, shown(r.Calls)...)
}

// Answer is what the model said in this round, as a message.
func (r *Round) Answer() chat.Message {
	m := chat.Message{Role: chat.Assistant}
	if r.Text != "" {
		m.Parts = []chat.Part{{Text: r.Text}}
	}
	for _, c := range r.Calls {
		m.ToolCalls = append(m.ToolCalls, c.ToolCall)
	}
	return m
}

// answered is the message that answers a call with a text.
func (c *Call) answered(text string) chat.Message {
	m := chat.Text(chat.ToolRole, text)
	m.ToolCallID, m.Name = c.ID, c.Name
	return m
}

func (t *Turn) prompt(e chat.Timed) {
	r := t.round(e.At)
	r.Prompt = e.Prompt
	t.row(&Row{Kind: RowPrompt, Label: "prompt built", Start: r.Began, End: e.At, Tokens: len(e.Prompt.IDs)})
}

// message believes what a loop says over what the deltas said: ids may have
// been mended.
func (t *Turn) message(m *chat.Message) {
	if m.Role != chat.Assistant || len(t.Rounds) == 0 {
		return
	}
	r := t.Rounds[len(t.Rounds)-1]
	for i, call := range m.ToolCalls {
		t.callAt(r, i).ToolCall = call
	}
}

// done sums a round up, and believes the sum over the pieces.
func (t *Turn) done(e chat.Timed) {
	r := t.round(e.At)
	t.flush(e.At)
	r.Done, r.Text, t.About, t.Ended = e.Done, e.Done.Text, e.Done.About, true
	for i, call := range e.Done.ToolCalls {
		t.callAt(r, i).ToolCall = call
	}
	if len(r.Tokens) == 0 {
		for _, token := range e.Done.Tokens {
			r.Tokens = append(r.Tokens, &Token{Token: token, At: e.At, Call: -1})
		}
	}
	r.Cached = max(r.Cached, e.Done.Usage.CachedTokens)
}

// callAt is call i of a round, made if it is new.
func (t *Turn) callAt(r *Round, i int) *Call {
	for len(r.Calls) <= i {
		r.Calls = append(r.Calls, &Call{Round: r.Index, Index: len(r.Calls)})
	}
	return r.Calls[i]
}

// toolOf looks a tool up in the request.
func (t *Turn) toolOf(name string) *chat.Tool {
	for i := range t.Request.Tools {
		if t.Request.Tools[i].Name == name {
			return &t.Request.Tools[i]
		}
	}
	return nil
}

// Calls are the calls of all rounds in their order.
func (t *Turn) Calls() (calls []*Call) {
	for _, r := range t.Rounds {
		for _, c := range r.Calls {
			c.Tool = t.toolOf(c.Name)
			calls = append(calls, c)
		}
	}
	return calls
}

// Finish is why the last answer ended, "" while it has not.
func (t *Turn) Finish() string {
	if n := len(t.Rounds); n > 0 && t.Rounds[n-1].Done != nil {
		return t.Rounds[n-1].Done.FinishReason
	}
	return ""
}

// Text is the last answer.
func (t *Turn) Text() string {
	if n := len(t.Rounds); n > 0 {
		return t.Rounds[n-1].Text
	}
	return ""
}
