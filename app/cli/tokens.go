package cli

import (
	"errors"
	"fmt"
	"io"

	"sirocco/app/openai"
	"sirocco/model/chat"
	"sirocco/model/chattemplate"
	"sirocco/model/chattemplate/pyjson"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
)

// RunTokens answers every line of in by one line of out, in order: {"text": …} by
// {"ids": …}, an OpenAI chat request by {"ids", "images", "spans"}, anything it
// cannot answer by {"error": …}. lenient reads requests as the server does; without
// it what the reference refuses is refused. No model is loaded. The error is of reading in or
// writing out.
func RunTokens(tok *tokenizer.Tokenizer, rule imageproc.Rule, lenient bool, in io.Reader, out io.Writer) error {
	return answerLines(in, out, func(line []byte) (any, error) { return tokensOf(line, tok, rule, lenient) }, func(err error) any { return tokensError{err.Error()} })
}

type tokensError struct {
	Error string `json:"error"`
}

type textTokens struct {
	IDs []int32 `json:"ids"`
}

type chatTokens struct {
	IDs    []int32     `json:"ids"`
	Images []chat.Grid `json:"images"`
	Spans  []chat.Span `json:"spans"`
	// Notices say what --lenient left out or moved.
	Notices []string `json:"notices,omitempty"`
}

// tokensOf answers one line.
func tokensOf(line []byte, tok *tokenizer.Tokenizer, rule imageproc.Rule, lenient bool) (any, error) {
	v, err := openai.ParseJSON(line)
	if err != nil {
		return nil, err
	}
	text, isText := v.Get("text")
	_, isChat := v.Get("messages")
	switch {
	case isText && isChat:
		return nil, errors.New("the line has both \"text\" and \"messages\"; give one of them")
	case isText && text.Kind != pyjson.String:
		return nil, fmt.Errorf("text is %v; a string was expected", text.Kind)
	case isText:
		return textTokens{tok.AppendEncode([]int32{}, pyjson.Clean(text.Text))}, nil
	case !isChat:
		return nil, errors.New("the line is no object with \"text\" or \"messages\"")
	}
	request, err := openai.FromValue(v, openai.Options{Lenient: lenient})
	if err != nil {
		return nil, err
	}
	if lenient {
		chattemplate.MapCallIDs(&request.Chat)
	}
	p, err := chattemplate.Build(request.Chat, tok, rule)
	if err != nil {
		return nil, err
	}
	return chatTokens{IDs: p.IDs, Images: p.Grids(), Spans: p.Spans, Notices: request.Notices}, nil
}
