package remote

import (
	"context"
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
	case 0, http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
		520, 521, 522, 523, 524, 529: // Cloudflare's, and Anthropic's for too many questions
		return p.again <= longestWait && !unpaid(p.message) && !errors.Is(p.cause, origin.ErrRedirect) && !errors.Is(p.cause, errGivenUp)
	}
	return false
}

// unpaid recognises a refusal for money, which no waiting mends.
func unpaid(said string) bool {
	low := strings.ToLower(said)
	return strings.Contains(low, "insufficient_quota") || strings.Contains(low, "exceeded your current quota") || strings.Contains(low, "billing") || strings.Contains(low, "insufficient balance")
}

// full says that the server has all the questions that it takes.
func (p *problem) full() bool {
	return p.status == http.StatusTooManyRequests || p.status == http.StatusServiceUnavailable
}

// sayWait is the shortest wait that a person is told of.
const sayWait = 2 * time.Second

// longestWait is how long a server is waited for that says when to come again.
const longestWait = 10 * time.Minute

// later tells of a wait.
func (p *problem) later(pause time.Duration) string {
	return fmt.Sprintf("%v; it is asked again in %.0f seconds", p, pause.Seconds())
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
	if p.again = retryAfter(response.Header, time.Now()); p.again > longestWait {
		p.message += fmt.Sprintf("; it asks to come again in %.0f minutes", p.again.Minutes())
	}
	return p
}

// retryAfter is when the server says that another attempt is worth it: in seconds, with
// or without a fraction, as a date, or in milliseconds.
func retryAfter(h http.Header, now time.Time) time.Duration {
	said, unit := strings.TrimSpace(h.Get("Retry-After-Ms")), time.Millisecond
	if said == "" {
		said, unit = strings.TrimSpace(h.Get("Retry-After")), time.Second
	}
	var wait time.Duration
	if n, err := strconv.ParseFloat(said, 64); err == nil && n > 0 && n <= 1e7 {
		wait = time.Duration(n * float64(unit))
	} else if date, err := http.ParseTime(said); err == nil {
		wait = date.Sub(now)
	}
	return max(0, min(wait, 240*time.Hour))
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

// shorten keeps a message to what a person reads.
func shorten(s string) string {
	const longest = 600
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + " …"
}
