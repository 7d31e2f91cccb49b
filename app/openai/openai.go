// Package openai reads the requests of OpenAI's clients, and of Anthropic's: JSON
// in, a chat.Request and the few fields that concern the server alone out. `tokens`,
// `ask --request` and `serve` share it, so a request means the same in all three. It
// checks types and ranges; what the chat template allows is checked by model/chattemplate.
// Fields that nobody here knows are ignored, null is as good as absent. Open
// openai.go first, then messages.go; responses.go, completions.go and anthropic.go
// read the other shapes into the same Request.
package openai

import (
	"fmt"
	"unicode/utf8"

	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
)

// MaxSize is the size in bytes of the largest request that is read.
const MaxSize = 64 << 20

// Request is a request of any of these shapes.
type Request struct {
	Chat chat.Request
	// Field holds the conversation: "messages", "input" or "prompt".
	Field string
	// Places says where each of Chat.Messages stands in the request, for errors;
	// nil where that is "messages[i]".
	Places []string
	Model  string
	// N is how many answers are wanted, at least 1.
	N int
	// Stream asks for server-sent events, IncludeUsage for a last one with counts.
	Stream       bool
	IncludeUsage bool
	// Logprobs asks for the log-probability of every token; how many alternatives
	// come with it is Chat.Logprobs.
	Logprobs bool
	// PromptOnly asks for no token at all, only that the prompt is read and kept.
	// Chat.MaxTokens is 1 then: what is generated is for nobody.
	PromptOnly bool
	// Given holds the names of the top-level fields that were there and not null,
	// so that a caller can tell a default from a choice.
	Given map[string]bool
	// Notices say what was left out of a lenient request, or moved, a sentence each.
	Notices []string
	// Names maps the names of tools that the template does not take to the client's.
	Names ToolNames

	mayBeSilent bool // PromptOnly may be asked for

	flat bool // tools have name and parameters in themselves: the Responses API
}

// Options say how far a request may reach out.
type Options struct {
	// Fetch gets a picture that is given as an http or https address. Without it
	// such a picture is an error.
	Fetch func(url string) ([]byte, error)
	// Silent allows a request for no tokens at all (see [Request.PromptOnly]).
	Silent bool
	// Lenient accepts what the published APIs allow and the chat template does not:
	// see normalise.go. Without it a request is refused where mistral-common
	// refuses it.
	Lenient bool
}

// ParseChat reads a request that brings its pictures along, leniently, as the
// server does. Its errors are *chat.RequestError: they name the field and say what
// was expected there.
func ParseChat(data []byte) (*Request, error) { return ParseChatWith(data, Options{Lenient: true}) }

// ParseChatWith is ParseChat with options.
func ParseChatWith(data []byte, opts Options) (*Request, error) {
	v, err := ParseJSON(data)
	if err != nil {
		return nil, err
	}
	return FromValue(v, opts)
}

// ParseJSON reads JSON within the limits of a request: size, depth, valid UTF-8.
func ParseJSON(data []byte) (pyjson.Value, error) {
	if len(data) > MaxSize {
		return pyjson.Value{}, &chat.RequestError{Message: fmt.Sprintf("the request has %d bytes; at most %d are read", len(data), MaxSize)}
	}
	if !utf8.Valid(data) {
		return pyjson.Value{}, &chat.RequestError{Message: "the request is not valid UTF-8"}
	}
	v, err := pyjson.Parse(string(data))
	if err != nil {
		return pyjson.Value{}, &chat.RequestError{Message: fmt.Sprintf("the request cannot be read: %v", err)}
	}
	return v, nil
}

// FromValue reads a chat-completion request that is already taken apart.
func FromValue(v pyjson.Value, opts Options) (*Request, error) {
	r, err := begin(v, "messages")
	if err != nil {
		return nil, err
	}
	r.mayBeSilent = opts.Silent
	return r, r.all(v, func(o object) error { return r.messages(o, opts) },
		r.toolsWith(opts, tool), r.toolChoice, r.sampling, r.limits, r.responseFormat, r.delivery, r.logprobs, r.normaliseWith(opts))
}

// begin is a request of which nothing is read but the names of its fields; want is
// the one it cannot do without.
func begin(v pyjson.Value, want string) (*Request, error) {
	if v.Kind != pyjson.Object {
		return nil, &chat.RequestError{Message: fmt.Sprintf("the request is %v; an object with %q was expected", v.Kind, want)}
	}
	r := &Request{N: 1, Field: want, Given: map[string]bool{}}
	for _, m := range v.Members {
		if m.Value.Kind != pyjson.Null {
			r.Given[pyjson.Clean(m.Key)] = true
		}
	}
	return r, nil
}

// all reads a request's fields, group by group.
func (r *Request) all(v pyjson.Value, groups ...func(object) error) error {
	for _, read := range groups {
		if err := read(object{value: v}); err != nil {
			return err
		}
	}
	return nil
}

// limits reads what ends an answer.
func (r *Request) limits(o object) error {
	for _, name := range []string{"max_tokens", "max_completion_tokens"} { // the newer name wins
		if err := r.maxTokens(o, name); err != nil {
			return err
		}
	}
	return r.stop(o, "stop")
}

// maxTokens reads the limit of an answer. -1, which LM Studio's clients send, is as
// many as fit; 0 reads the prompt alone, which a server takes.
func (r *Request) maxTokens(o object, name string) error {
	v, given := o.get(name)
	switch {
	case given && v.Kind == pyjson.Int && v.Text == "-1":
		r.Chat.MaxTokens, r.PromptOnly = 0, false
		return nil
	case given && v.Kind == pyjson.Int && v.Text == "0" && r.mayBeSilent:
		r.Chat.MaxTokens, r.PromptOnly = 1, true
		return nil
	}
	if given {
		r.PromptOnly = false
	}
	return o.integer(name, 1, 1<<31-1, &r.Chat.MaxTokens)
}

// stop reads the strings that end an answer.
func (r *Request) stop(o object, name string) error {
	stop, given := o.get(name)
	if !given {
		return nil
	}
	items := []pyjson.Value{stop}
	if stop.Kind == pyjson.Array {
		items = stop.Items
	}
	for _, s := range items {
		if s.Kind != pyjson.String || s.Text == "" {
			return o.wrong(name, s, "a string that is not empty, or a list of such strings")
		}
		r.Chat.Stop = append(r.Chat.Stop, pyjson.Clean(s.Text))
	}
	return nil
}

// delivery reads how the answer is to be sent.
func (r *Request) delivery(o object) error {
	err := first(
		o.text("model", &r.Model),
		o.integer("n", 1, 128, &r.N),
		o.boolean("stream", &r.Stream),
		o.boolean("continue_final_message", &r.Chat.ContinueFinal),
	)
	if err != nil {
		return err
	}
	if options, given := o.get("stream_options"); given {
		if options.Kind != pyjson.Object {
			return o.wrong("stream_options", options, "an object")
		}
		return o.child("stream_options", options).boolean("include_usage", &r.IncludeUsage)
	}
	return nil
}

// logprobs reads whether log-probabilities are wanted.
func (r *Request) logprobs(o object) error {
	err := first(o.boolean("logprobs", &r.Logprobs), o.integer("top_logprobs", 0, 20, &r.Chat.Logprobs))
	if err == nil && r.Chat.Logprobs > 0 && !r.Logprobs {
		err = o.fault("top_logprobs", "is given, but logprobs is not true; set it to true to get log-probabilities")
	}
	return err
}
