package remote

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/openai/openai-go/v3/packages/ssestream"

	"sirocco/app/origin"
	"sirocco/model/chat"
)

// chunk is a piece of an answer; whole is set in one that is no stream's.
type chunk struct {
	Choices []struct {
		Delta        *delta          `json:"delta"`
		Message      *delta          `json:"message"`
		Logprobs     *logprobs       `json:"logprobs"`
		FinishReason string          `json:"finish_reason"`
		StopReason   json.RawMessage `json:"stop_reason"`
	} `json:"choices"`
	Usage *usage          `json:"usage"`
	Error json.RawMessage `json:"error"`
}

type delta struct {
	Content   content     `json:"content"`
	ToolCalls []callDelta `json:"tool_calls"`
	// What the model thought, under the names that servers give it.
	Reasoning        content `json:"reasoning"`
	ReasoningContent content `json:"reasoning_content"`
}

// content is text, which some servers send as a list of parts. Parts that are the
// model's thinking are not of the answer.
type content string

// UnmarshalJSON reads either form; anything else is no text.
func (c *content) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*c = content(text)
		return nil
	}
	var parts []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	if json.Unmarshal(data, &parts) == nil {
		for _, part := range parts {
			if part.Type == "text" || part.Type == "output_text" {
				*c += content(part.Text)
			}
		}
	}
	return nil
}

type usage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Details    struct {
		Cached int `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
}

// errCut is a stream that ends before the answer does.
var errCut = errors.New("the connection was closed in the middle of the answer")

// read takes the answer from a reply: server-sent events, or one JSON object
// from a server or proxy that does not stream.
func (a *answer) read(response *http.Response) error {
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind == "application/json" {
		data, err := readWhole(response.Body, largestReply)
		if err != nil {
			return a.broken(err)
		}
		return a.whole(data)
	}
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind == "text/html" {
		return &problem{status: http.StatusOK, message: a.at.host() + " sent a web page and no answer; is there another program at this address?"}
	}
	response.Body = &events{ReadCloser: response.Body, empty: true}
	events := ssestream.NewDecoder(response)
	for events.Next() {
		data := bytes.TrimSpace(events.Event().Data)
		if bytes.HasPrefix(data, []byte("[DONE]")) {
			if a.reason == "" && a.begun {
				a.reason = chat.FinishStop // some servers never say why
			}
			break
		}
		if len(data) == 0 {
			continue // a comment, or nothing, that keeps the connection alive
		}
		if err := a.chunk(data); err != nil {
			return err
		}
	}
	if err := events.Err(); err != nil && a.reason == "" {
		return a.broken(err)
	}
	if a.reason == "" {
		return a.broken(errCut)
	}
	return nil
}

// whole takes an answer that came as one JSON object.
func (a *answer) whole(data []byte) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return &problem{message: a.at.host() + " answered with nothing at all"}
	}
	if err := a.chunk(data); err != nil {
		return err
	}
	if a.reason == "" && !a.begun {
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
	if err := json.Unmarshal(data, &c); err != nil {
		return &problem{message: fmt.Sprintf("%s sent something that is no piece of an answer", a.at.host()), cause: err}
	}
	if len(c.Error) > 0 && string(c.Error) != "null" {
		if !a.begun {
			return a.eventError(data)
		}
		return &problem{status: http.StatusInternalServerError, message: a.at.host() + " failed in the middle of the answer" + a.quote(a.key.hide(messageOf(data)))}
	}
	if a.room -= c.weight(); a.room < 0 {
		return a.broken(givenUp("it sent a longer answer than its context could hold"))
	}
	if c.Usage != nil {
		a.usage = *c.Usage
	}
	if len(c.Choices) == 0 {
		return nil
	}
	choice, circles := &c.Choices[0], false
	if choice.Delta == nil {
		choice.Delta = choice.Message
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
	if choice.FinishReason != "" {
		a.ended(choice.FinishReason, choice.StopReason)
	} else if circles {
		return errRepetition
	}
	return nil
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
	if text := string(d.Content); text != "" {
		a.start()
		if a.toolCallFallback.holds() {
			a.toolCallFallback.text += text
		} else if err := a.textFallback.push(text); err != nil {
			return err
		}
	}
	for i := range d.ToolCalls {
		a.start()
		if err := a.calls.delta(&d.ToolCalls[i]); err != nil {
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
