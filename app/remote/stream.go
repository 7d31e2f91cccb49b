package remote

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/openai/openai-go/v3/packages/ssestream"

	"sirocco/app/origin"
	"sirocco/model/chat"
)

// errCut is a stream that ends before the answer does.
var errCut = errors.New("the connection was closed in the middle of the answer")

// read takes the answer from a reply: server-sent events, or JSON from a server or
// proxy that does not stream. How it begins says which, whatever its header calls it.
func (a *answer) read(response *http.Response) error {
	body, first, err := beginning(response.Body)
	switch {
	case errors.Is(err, io.EOF):
		return &problem{message: a.at.host() + " answered with nothing at all"}
	case err != nil:
		return a.broken(err)
	case first == '{', first == '[':
		data, err := readWhole(body, largestReply)
		if err != nil {
			return a.broken(err)
		}
		return a.whole(data)
	case first == '<':
		return &problem{status: http.StatusOK, message: a.at.host() + " sent a web page and no answer; is there another program at this address?"}
	}
	return a.stream(response, body)
}

// beginning skips white space and a byte-order mark, and returns the first byte behind
// them.
func beginning(body io.Reader) (*bufio.Reader, byte, error) {
	in := bufio.NewReader(body)
	for {
		head, err := in.Peek(1)
		if err != nil {
			return in, 0, err
		}
		if strings.IndexByte(" \t\r\n\xef\xbb\xbf", head[0]) < 0 {
			return in, head[0], nil
		}
		in.Discard(1)
	}
}

// stream reads server-sent events. What is no JSON keeps the connection alive, unless
// the server calls it an error.
func (a *answer) stream(response *http.Response, body io.Reader) error {
	var strange []byte
	response.Body = &events{ReadCloser: readCloser{body, response.Body}, empty: true}
	events := ssestream.NewDecoder(response)
	for events.Next() {
		event := events.Event()
		data := bytes.TrimSpace(event.Data)
		if bytes.HasPrefix(data, []byte("[DONE]")) {
			if a.reason == "" && a.begun {
				a.reason = chat.FinishStop // some servers never say why
			}
			break
		}
		if event.Type == "error" && !bytes.HasPrefix(data, []byte(`{"choices"`)) {
			return a.eventError(data)
		}
		if len(data) == 0 || data[0] != '{' && data[0] != '[' {
			strange = bytes.Clone(data)
			continue
		}
		if err := a.chunk(data); err != nil {
			return err
		}
		if a.reason != "" && !a.leaving {
			a.leaving = true
			defer time.AfterFunc(a.lastWait, func() { response.Body.Close() }).Stop() // some servers never close
		}
	}
	if err := events.Err(); err != nil && a.reason == "" {
		return a.broken(err)
	}
	if a.reason == "" && a.begun && a.counted {
		a.reason = chat.FinishStop // the count of an answer's tokens is its end
	}
	if a.reason == "" && !a.begun && len(strange) > 0 {
		return &problem{status: http.StatusBadGateway, message: a.at.host() + " sent something that is no answer" + a.quote(a.key.hide(shorten(string(strange))))}
	}
	if a.reason == "" {
		return a.broken(errCut)
	}
	return nil
}

// readCloser reads from one and closes another.
type readCloser struct {
	io.Reader
	io.Closer
}

// whole takes an answer that came as one JSON object, or as one for each piece.
func (a *answer) whole(data []byte) error {
	pieces := json.NewDecoder(bytes.NewReader(data))
	for pieces.More() {
		var piece json.RawMessage
		if pieces.Decode(&piece) != nil {
			piece = data // chunk knows what JSON does not
		}
		if err := a.chunk(piece); err != nil {
			return err
		}
		if len(piece) == len(data) {
			break
		}
	}
	if a.reason == "" && a.begun {
		a.reason = chat.FinishStop
	}
	if a.reason == "" {
		return &problem{status: http.StatusBadGateway, message: a.at.host() + " sent JSON that is no answer" + a.quote(a.key.hide(shorten(string(data))))}
	}
	return nil
}

// broken is the problem of a stream that broke; before the first word the
// question may be asked again.
func (a *answer) broken(err error) error {
	if a.ctx.Err() != nil {
		return a.ctx.Err()
	}
	if errors.Is(err, errGivenUp) {
		return &problem{message: fmt.Sprintf("%s was given up: %v", a.at.host(), err), cause: err}
	}
	return &problem{message: fmt.Sprintf("%s was lost: %v", a.at.host(), origin.Plain(err)), cause: err}
}

// chunk takes one piece of the answer.
func (a *answer) chunk(data []byte) error {
	var c chunk
	err := json.Unmarshal(data, &c)
	var other *json.UnmarshalTypeError
	if err != nil && !errors.As(err, &other) {
		c = chunk{}
		err = json.Unmarshal(finite(data), &c)
	}
	if errors.As(err, &other) {
		err = nil // a field of another shape is as good as none; the others were read
	}
	switch {
	case data[0] == '[', a.isFailure(&c, data):
		return a.eventError(data)
	case err != nil:
		return &problem{message: fmt.Sprintf("%s sent something that is no piece of an answer", a.at.host()), cause: err}
	}
	if a.room -= c.weight(); a.room < 0 {
		return a.broken(givenUp("it sent a longer answer than its context could hold"))
	}
	if c.Usage != nil {
		a.usage = *c.Usage
		a.counted = len(c.Choices) == 0
	}
	if len(c.Choices) == 0 {
		return nil
	}
	choice, circles := &c.Choices[0], false
	if choice.Delta == nil {
		choice.Delta = a.unsaid(choice.Message, choice.FinishReason != "")
	}
	if choice.Delta == nil && choice.Text != "" {
		choice.Delta = &delta{Content: choice.Text}
	}
	if choice.Logprobs != nil {
		var err error
		if circles, err = a.tokens(choice.Logprobs.Content); err != nil {
			return err
		}
	}
	if choice.Delta != nil {
		if err := a.delta(choice.Delta); err != nil {
			return err
		}
	}
	switch reason := ending(string(choice.FinishReason)); {
	case reason == endsFailed:
		return a.failed(http.StatusBadGateway, string(choice.FinishReason))
	case reason != "":
		a.ended(reason, choice.StopReason)
	case circles:
		return errRepetition
	}
	return nil
}

// unsaid is what a message adds to the words that came in pieces before it: some servers
// end a stream with the whole of it.
func (a *answer) unsaid(message *delta, last bool) *delta {
	said := content(a.text.String())
	if message == nil || !last || said == "" || !strings.HasPrefix(string(message.Content), string(said)) {
		return message
	}
	rest := *message
	rest.Content = message.Content[len(said):]
	return &rest
}

// ended notes why the server ended the answer.
func (a *answer) ended(reason string, stop json.RawMessage) {
	a.reason = reason
	if json.Unmarshal(stop, &a.stopped) == nil && slices.Contains(a.plan.request.Stop, a.stopped) {
		a.done.StopSequence = a.stopped
	}
}

// tokens tells of generated tokens, and whether the answer goes round in circles.
func (a *answer) tokens(list []logprob) (circles bool, err error) {
	for i := range list {
		a.start()
		a.done.Tokens = append(a.done.Tokens, a.tokenOf(&list[i], a.plan.request.Logprobs))
		token := &a.done.Tokens[len(a.done.Tokens)-1]
		if err := a.emit(chat.Event{Kind: chat.KindToken, Token: token}); err != nil {
			return false, err
		}
		a.toolCallFallback.push(token.ID)
		circles = circles || a.guard != nil && token.ID != unknownID && a.guard.Push(token.ID)
	}
	return circles, nil
}

// start notes that the first of the answer is here.
func (a *answer) start() {
	if !a.begun {
		a.begun, a.first = true, time.Now()
	}
}

// delta takes text and pieces of calls.
func (a *answer) delta(d *delta) error {
	a.thought = a.thought || d.Reasoning != "" || d.ReasoningContent != ""
	if text := string(d.Content + d.Refusal); text != "" {
		a.start()
		if a.toolCallFallback.holds() {
			a.toolCallFallback.text += text
		} else if err := a.textFallback.push(text); err != nil {
			return err
		}
	}
	if d.FunctionCall != nil { // OpenAI's form before there were tools
		d.ToolCalls = append(d.ToolCalls, callDelta{Function: *d.FunctionCall})
	}
	for i := range d.ToolCalls {
		a.start()
		if err := a.calls.delta(&d.ToolCalls[i], i > 0); err != nil {
			return err
		}
	}
	return nil
}

// call tells of a piece of a call that came as one.
func (a *answer) call(d chat.CallDelta) error {
	return a.emit(chat.Event{Kind: chat.KindCall, Call: &d})
}

// spoken passes on what the text was: words, and calls that came among them.
func (a *answer) spoken(events []chat.Event) error {
	for _, event := range events {
		switch event.Kind {
		case chat.KindText:
			a.text.WriteString(event.Text)
		case chat.KindCall:
			event.Call = a.placed(event.Call)
		}
		if err := a.emit(event); err != nil {
			return err
		}
	}
	return nil
}

// placed gives a call that came as text its place behind those that came as
// calls, and keeps it.
func (a *answer) placed(d *chat.CallDelta) *chat.CallDelta {
	if len(a.written) == 0 {
		a.offset = len(a.calls.list)
	}
	if d.Index == len(a.written) {
		a.written = append(a.written, chat.ToolCall{ID: d.ID, Name: d.Name})
	}
	a.written[d.Index].Arguments += d.Arguments
	moved := *d
	moved.Index += a.offset
	return &moved
}
