package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"sirocco/app/openai"
	"sirocco/model/chat"
	"sirocco/model/patch"
	"sirocco/model/prompt"
	"sirocco/model/prompt/pyjson"
	"sirocco/model/tekken"
)

// RunTokens answers every line of in by one line of out, in order: {"text": …} by
// {"ids": …}, an OpenAI chat request by {"ids", "images", "spans"}, anything it
// cannot answer by {"error": …}. No model is loaded. The error is of reading in or
// writing out.
func RunTokens(tok *tekken.Tokenizer, rule patch.Rule, in io.Reader, out io.Writer) error {
	lines := lineReader{bufio.NewReaderSize(in, 1<<16)}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		line, err := lines.next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil && !errors.Is(err, errLongLine):
			return fmt.Errorf("reading the lines to tokenize: %w", err)
		}
		var answer any
		if err == nil {
			answer, err = tokensOf(line, tok, rule)
		}
		if err != nil {
			answer = tokensError{err.Error()}
		}
		if err := encoder.Encode(answer); err != nil {
			return fmt.Errorf("writing tokens: %w", err)
		}
	}
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
}

// tokensOf answers one line.
func tokensOf(line []byte, tok *tekken.Tokenizer, rule patch.Rule) (any, error) {
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
	request, err := openai.FromValue(v, openai.Options{})
	if err != nil {
		return nil, err
	}
	p, err := prompt.Build(request.Chat, tok, rule)
	if err != nil {
		return nil, err
	}
	return chatTokens{IDs: p.IDs, Images: p.Grids(), Spans: p.Spans}, nil
}

// errLongLine says that a line was too long to be kept; it was read to its end.
var errLongLine = fmt.Errorf("the line is longer than %d MB", openai.MaxSize>>20)

type lineReader struct{ *bufio.Reader }

// next returns a line without its end, or io.EOF after the last one.
func (r lineReader) next() ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := r.ReadSlice('\n')
		if !long {
			line = append(line, part...)
		}
		if len(line) > openai.MaxSize+len("\r\n") {
			long, line = true, nil
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(line) == 0 && !long:
			return nil, io.EOF
		case err != nil && err != io.EOF:
			return nil, err
		case long:
			return nil, errLongLine
		}
		return bytes.TrimRight(line, "\r\n"), nil
	}
}
