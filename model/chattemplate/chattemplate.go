// Package chattemplate turns a chat request into the exact token ids that
// mistral-common 1.13 makes of it, together with the place of every picture and
// the origin of every id. It is the inverse of package reply. Templates v7
// (Mistral Small 3.1), v11 (3.2) and v13 are chosen by the tokenizer's version.
// Text never becomes a control token: ids are built piece by piece, never by
// tokenizing a string with markers in it.
//
// The stages are: check.go refuses what the reference refuses, normal.go merges
// neighbouring messages, walk.go writes ids and spans. Open chattemplate.go first.
package chattemplate

import (
	"context"
	"fmt"
	"math"

	"sirocco/model/chat"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
)

// Prompt is what the model is given.
type Prompt struct {
	IDs    []int32
	Spans  []chat.Span // cover every id exactly once, in order
	Images []ImageRef  // in the order in which they stand in IDs
}

// ImageRef is a picture's place in a prompt: its block of [IMG], [IMG_BREAK] and
// [IMG_END] ids is IDs[Start : Start+Grid.Tokens()].
type ImageRef struct {
	Grid  imageproc.Grid
	Start int
	Image *chat.Image
}

// The kinds of span. Control covers the template's own tokens.
const (
	KindSystem     = "system"
	KindTools      = "tools"
	KindUser       = "user"
	KindAssistant  = "assistant"
	KindImage      = "image"
	KindToolResult = "tool_result"
	KindControl    = "control"
)

// Build makes the prompt of a request. The rule says how many tokens a picture
// takes; pictures are measured, not decoded. An error is a *chat.RequestError
// when the request is at fault, naming the field and what was expected of it.
func Build(req chat.Request, tok *tokenizer.Tokenizer, rule imageproc.Rule) (*Prompt, error) {
	return BuildWithin(context.Background(), req, tok, rule, math.MaxInt)
}

// TooLongError says that a prompt has more tokens than were allowed.
type TooLongError struct{ Max int }

func (e *TooLongError) Error() string {
	return fmt.Sprintf("the prompt has more than %d tokens", e.Max)
}

// BuildWithin is Build for a prompt that may have at most so many tokens. It ends early, with a *TooLongError or the
// context's error, so that a text that cannot fit, or that nobody waits for any more, is not encoded whole.
func BuildWithin(ctx context.Context, req chat.Request, tok *tokenizer.Tokenizer, rule imageproc.Rule, most int) (*Prompt, error) {
	if req.Prompt != nil {
		return exact(req.Prompt, tok)
	}
	t, err := templateFor(tok)
	if err != nil {
		return nil, err
	}
	messages, err := withPrefix(req)
	if err != nil {
		return nil, err
	}
	if err := check(messages, t.version); err != nil {
		return nil, err
	}
	tools, err := toolsJSON(req.Tools)
	if err != nil {
		return nil, err
	}
	w := walk{template: t, tok: tok, rule: rule, tools: tools, ctx: ctx, maxTokens: most}
	if err := w.conversation(normalise(messages, t.version)); err != nil {
		return nil, err
	}
	if w.ended != nil {
		return nil, w.ended
	}
	return &w.prompt, nil
}

// exact is a prompt that was given token by token.
func exact(ids []int32, tok *tokenizer.Tokenizer) (*Prompt, error) {
	if len(ids) == 0 {
		return nil, &chat.RequestError{Param: "prompt", Message: "prompt is empty; at least one token was expected"}
	}
	for i, id := range ids {
		if id < 0 || int(id) >= tok.VocabSize() {
			return nil, &chat.RequestError{Param: "prompt",
				Message: fmt.Sprintf("prompt holds %d at place %d; a token id from 0 to %d was expected", id, i, tok.VocabSize()-1)}
		}
	}
	return &Prompt{IDs: ids, Spans: []chat.Span{{Kind: KindUser, End: len(ids)}}}, nil
}

// withPrefix marks the last message as one to be continued when the request asks
// for that. The caller's messages are left as they are.
func withPrefix(req chat.Request) ([]chat.Message, error) {
	if !req.ContinueFinal {
		return req.Messages, nil
	}
	last := len(req.Messages) - 1
	if last < 0 || req.Messages[last].Role != chat.Assistant {
		return nil, &chat.RequestError{Param: "continue_final_message",
			Message: "continue_final_message needs a last message by the assistant, which is then continued"}
	}
	messages := append([]chat.Message(nil), req.Messages...)
	messages[last].Prefix = true
	return messages, nil
}

// Grids lists the sizes of the pictures, as events and commands show them.
func (p *Prompt) Grids() []chat.Grid {
	grids := make([]chat.Grid, len(p.Images))
	for i, image := range p.Images {
		g := image.Grid
		grids[i] = chat.Grid{Width: g.Width, Height: g.Height, Rows: g.Rows, Columns: g.Columns, Tokens: g.Tokens()}
	}
	return grids
}
