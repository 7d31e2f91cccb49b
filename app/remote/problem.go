package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sirocco/app/origin"
	"sirocco/model/chat"
)

// problem is a server's refusal, or its silence.
type problem struct {
	status  int // 0 when it did not answer at all
	message string
	again   time.Duration // when the server says it is worth another attempt
	cause   error
}

func (p *problem) Error() string { return p.message }
func (p *problem) Unwrap() error { return p.cause }

// passing reports whether another attempt may succeed.
func (p *problem) passing() bool {
	switch p.status {
	case 0, http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return !errors.Is(p.cause, origin.ErrRedirect) && !errors.Is(p.cause, errGivenUp)
	}
	return false
}

// attempts is how often a question is sent in all. A server that loads its model needs
// longer than one that is busy.
func (p *problem) attempts() int {
	if p.status == http.StatusServiceUnavailable && strings.Contains(strings.ToLower(p.message), "loading") {
		return 2 * attempts
	}
	return attempts
}

// lost is the problem of a connection that could not be made or broke.
func (e *Engine) lost(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	if errors.Is(err, errGivenUp) {
		return &problem{message: fmt.Sprintf("%s was given up: %v", e.at.host(), err), cause: err}
	}
	said := origin.Plain(err)
	advice := ""
	switch {
	case errors.Is(err, origin.ErrRedirect):
		advice = "; redirects are not followed"
	case errors.Is(err, context.DeadlineExceeded):
		return &problem{message: fmt.Sprintf("%s did not answer in time", e.at.host()), cause: err}
	case strings.Contains(said.Error(), "certificate"):
		advice = "; for a certificate of your own, give its file to --remote-ca"
	}
	return &problem{message: fmt.Sprintf("%s cannot be reached: %v%s", e.at.host(), said, advice), cause: err}
}

// refusal turns an error reply into a sentence for the person who asked or for
// the server's admin. Mistakes in the question become *chat.RequestError.
func (e *Engine) refusal(response *http.Response, body []byte) error {
	said := e.key.hide(messageOf(body))
	if advice := adviceFor(response.StatusCode, said); advice != "" {
		return &problem{status: response.StatusCode, message: advice + e.quote(said)}
	}
	if tooLong(said) {
		return &chat.RequestError{Param: "messages", Code: chat.CodeTooLong,
			Message: "the conversation does not fit the server's context; shorten it, use smaller pictures, or have the server started with a larger --max-model-len" + e.quote(said)}
	}
	if response.StatusCode == http.StatusBadRequest || response.StatusCode == http.StatusUnprocessableEntity {
		return &chat.RequestError{Param: paramOf(body), Message: e.at.host() + " refuses the request" + e.quote(said)}
	}
	p := &problem{status: response.StatusCode, message: fmt.Sprintf("%s answered with status %d%s", e.at.host(), response.StatusCode, e.quote(said))}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil {
		p.again = min(time.Duration(seconds)*time.Second, time.Minute)
	}
	return p
}

// quote adds the server's own words, when there are any.
func (e *Engine) quote(said string) string {
	if said == "" {
		return ""
	}
	return " (it says: " + said + ")"
}

// advices know the errors of a server that was started without something, by
// words in its message.
var advices = []struct {
	words  []string
	advice string
}{
	{[]string{"enable-auto-tool-choice"}, "the server was started without tool calling; its admin has to add --enable-auto-tool-choice --tool-call-parser mistral"},
	{[]string{"tool-call-parser"}, "the server was started without a parser for tool calls; its admin has to add --enable-auto-tool-choice --tool-call-parser mistral"},
	{[]string{"at most", "image"}, "the server takes fewer pictures than the conversation has; its admin can raise --limit-mm-per-prompt '{\"image\": 10}'"},
	{[]string{"limit-mm-per-prompt"}, "the server takes fewer pictures than the conversation has; its admin can raise --limit-mm-per-prompt '{\"image\": 10}'"},
	{[]string{"not a multimodal model"}, "the server's model cannot see pictures; ask without them, or use a server with Mistral Small 3.2"},
	{[]string{"chat template"}, "the server has no chat template for its model; its admin has to start it with --tokenizer-mode mistral --config-format mistral --load-format mistral"},
	{[]string{"logprobs", "max"}, "the server gives fewer alternatives per token than asked for; ask for fewer with --logprobs, or its admin can raise --max-logprobs"},
}

// adviceFor is what to do about an error that is about the server's own setup.
func adviceFor(status int, said string) string {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "the server asks for a key and does not take ours; put the right one into " + KeyVariable + " or store it with sirocco remote --keep-key"
	case http.StatusNotFound:
		return "the server has no such address or model; leave off what follows the port, and see sirocco remote for its models"
	case http.StatusMisdirectedRequest:
		return "the server does not answer to this name; a Sirocco server is told of it by --allow-host"
	case http.StatusRequestEntityTooLarge:
		return "the request is larger than the server takes; use fewer or smaller pictures"
	}
	low := strings.ToLower(said)
	for _, a := range advices {
		found := true
		for _, word := range a.words {
			found = found && strings.Contains(low, word)
		}
		if found {
			return a.advice
		}
	}
	return ""
}

// tooLong recognises the errors about a conversation beyond the context.
func tooLong(said string) bool {
	low := strings.ToLower(said)
	return strings.Contains(low, "maximum context length") || strings.Contains(low, "max_model_len") || strings.Contains(low, "maximum model length") ||
		strings.Contains(low, "longer than the maximum")
}

// messageOf finds the message in an error reply of OpenAI's, vLLM's older or
// FastAPI's shape; else the beginning of what was sent, without markup.
func messageOf(body []byte) string {
	var reply struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"`
		Detail  json.RawMessage `json:"detail"`
	}
	if json.Unmarshal(body, &reply) != nil {
		text := strings.Join(strings.Fields(string(body)), " ")
		if strings.HasPrefix(text, "<") {
			return ""
		}
		return shorten(text)
	}
	var inner struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(reply.Error, &inner) == nil && inner.Message != "" {
		return shorten(inner.Message)
	}
	for _, raw := range []json.RawMessage{reply.Error, reply.Detail} {
		var text string
		if json.Unmarshal(raw, &text) == nil && text != "" {
			return shorten(text)
		}
	}
	if reply.Message == "" && len(reply.Detail) > 0 {
		return shorten(string(reply.Detail))
	}
	return shorten(reply.Message)
}

// paramOf is the field an error names.
func paramOf(body []byte) string {
	var reply struct {
		Error struct {
			Param string `json:"param"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &reply) != nil {
		return ""
	}
	return reply.Error.Param
}

// shorten keeps a message to what a person reads.
func shorten(s string) string {
	const longest = 600
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + " …"
}
