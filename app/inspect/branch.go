package inspect

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// Wrap puts a tool loop around an engine, the way the window does for its own.
type Wrap func(chat.Engine) chat.Engine

// RunAgain runs one call once more, with these arguments, the way it ran: asked
// about, checked and limited by the loop. Nothing is told to the model.
func RunAgain(ctx context.Context, wrap Wrap, t *Turn, c *Call, arguments string) (*chat.Result, error) {
	again := c.ToolCall
	again.Arguments, again.Incomplete = arguments, false
	loop := wrap(oneCall{t.About, again})
	request := *t.Request
	request.Messages, request.Tools = t.Messages(c.Round), nil // the loop brings the tools it can run
	for event, err := range loop.Generate(ctx, &request) {
		if err != nil {
			return nil, err
		}
		if event.Kind == chat.KindResult {
			return event.Result, nil
		}
	}
	return nil, errors.New(i18n.T("running %s again: there was no result", c.Name))
}

// oneCall is an engine that makes one call and has nothing more to say.
type oneCall struct {
	about chat.About
	call  chat.ToolCall
}

func (o oneCall) About() chat.About { return o.about }
func (o oneCall) Close()            {}

// Generate makes the call.
func (o oneCall) Generate(context.Context, *chat.Request) iter.Seq2[chat.Event, error] {
	return func(yield func(chat.Event, error) bool) {
		yield(chat.Event{Kind: chat.KindDone, Done: &chat.Done{FinishReason: chat.FinishToolCalls, ToolCalls: []chat.ToolCall{o.call}, About: o.about}}, nil)
	}
}

// Messages is the conversation that a round was asked with.
func (t *Turn) Messages(round int) []chat.Message {
	messages := append([]chat.Message(nil), t.Request.Messages...)
	if round < len(t.Rounds) {
		messages = append(messages, t.Rounds[round].Before...)
	}
	return messages
}

// Edit is what a person changed about a call before running on.
type Edit struct {
	Arguments string
	Result    string
	Pictures  []chat.Image
}

// ContinueFrom is the request that goes on as if a call had these arguments and
// this result. The other calls of the same answer keep theirs.
func (t *Turn) ContinueFrom(c *Call, edit Edit) (*chat.Request, error) {
	if c.Round >= len(t.Rounds) || c.Index >= len(t.Rounds[c.Round].Calls) {
		return nil, errors.New("continuing from a result: the call is not of this turn")
	}
	r := t.Rounds[c.Round]
	request := t.copy(c.Round)
	answer := r.Answer()
	calls := make([]*Call, len(r.Calls))
	results := []chat.Message{}
	for i, other := range r.Calls {
		changed := *other
		if i == c.Index {
			changed.Arguments, changed.Incomplete = edit.Arguments, false
			changed.Result = &chat.Result{RunOf: chat.RunOf{Index: i, ID: c.ID, Name: c.Name}, Status: chat.RunDone, Text: edit.Result, Pictures: edit.Pictures}
		}
		if changed.Result == nil {
			return nil, errors.New(i18n.T("continuing from a result: the call of %s beside it has none; run it first", changed.Name))
		}
		answer.ToolCalls[i] = changed.ToolCall
		calls[i] = &changed
		results = append(results, changed.answered(changed.Result.Text))
	}
	request.Messages = append(append(request.Messages, answer), append(results, shown(calls)...)...)
	if request.ToolChoice != "none" { // what forced the call held for the first round
		request.ToolChoice, request.ToolName = "auto", ""
	}
	return request, nil
}

// shown are the pictures of results as the message that follows them, since a
// result itself has no place for pictures.
func shown(calls []*Call) []chat.Message {
	m := chat.Message{Role: chat.User, PartList: true}
	for _, c := range calls {
		if c.Result == nil {
			continue
		}
		for k := range c.Result.Pictures {
			m.Parts = append(m.Parts, chat.Part{Text: fmt.Sprintf("[Picture %d of %s, call %s]", k+1, c.Name, c.ID)},
				chat.Part{Image: &c.Result.Pictures[k]})
		}
	}
	if len(m.Parts) == 0 {
		return nil
	}
	return []chat.Message{m}
}

// BranchAt is the request that continues an answer as if another token had been
// chosen at a place. The words so far become the beginning of the answer, so
// only words can be branched from: calls are edited as calls.
func (t *Turn) BranchAt(round, token int, other chat.Candidate) (*chat.Request, error) {
	if round >= len(t.Rounds) || token >= len(t.Rounds[round].Tokens) {
		return nil, errors.New("branching at a token: it is not of this turn")
	}
	var begin strings.Builder
	for _, before := range t.Rounds[round].Tokens[:token] {
		if before.Call >= 0 {
			return nil, errors.New(i18n.T("branching at a token: a call stands before it; change the call itself"))
		}
		begin.WriteString(before.Text)
	}
	if isControl(other.Text) {
		return nil, errors.New(i18n.T("branching at a token: %s is a control token, which only the model may write", other.Text))
	}
	begin.WriteString(other.Text)
	if strings.ContainsRune(begin.String(), utf8.RuneError) {
		return nil, errors.New(i18n.T("branching at a token: a character is cut in two here; choose a place one token before or after"))
	}
	request := t.copy(round)
	begun := chat.Text(chat.Assistant, begin.String())
	begun.Prefix = true
	request.Messages = append(request.Messages, begun)
	return request, nil
}

// isControl reports whether a piece is a control token's name.
func isControl(piece string) bool {
	named := strings.HasPrefix(piece, "[") && strings.HasSuffix(piece, "]") && len(piece) > 4 && strings.ToUpper(piece) == piece
	return piece == "</s>" || piece == "<s>" || named
}

// Again is the request of a round once more, for other sampling, another system
// prompt, or changed tools.
func (t *Turn) Again(round int) *chat.Request { return t.copy(round) }

// WithTool is the request of a round with one tool's definition replaced.
func (t *Turn) WithTool(round int, tool chat.Tool) *chat.Request {
	request := t.copy(round)
	for i := range request.Tools {
		if request.Tools[i].Name == tool.Name {
			request.Tools[i] = tool
			return request
		}
	}
	request.Tools = append(request.Tools, tool)
	return request
}

// copy is the request of a round that may be changed freely.
func (t *Turn) copy(round int) *chat.Request {
	request := *t.Request
	request.Messages = t.Messages(round)
	request.Tools = append([]chat.Tool(nil), t.Request.Tools...)
	return &request
}
