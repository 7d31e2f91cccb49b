package remote

import (
	"errors"
	"net/http"
	"regexp"
	"strings"

	"sirocco/model/chat"
)

// Fields that we send of our own accord and some server refuses. Such a field is taken
// back, the question is sent again without it, and the server is remembered for it.
var takenBack = []struct {
	name  string   // as it is remembered
	words []string // of an error about it
	asked func(*chat.Request) bool
	drop  func(*body)
}{
	{"stream_options", []string{"stream_options"}, never, func(b *body) { b.StreamOptions = nil }},
	{"logprobs", []string{"logprobs"}, func(r *chat.Request) bool { return r.Logprobs > 0 }, func(b *body) { b.Logprobs, b.TopLogprobs = nil, 0 }},
	{"return_tokens_as_token_ids", []string{"return_tokens_as_token_ids"}, never, func(b *body) { b.TokensAsIDs = nil }},
	{"seed", []string{"seed"}, never, func(b *body) { b.Seed = nil }},
	{"parallel_tool_calls", []string{"parallel_tool_calls"}, func(r *chat.Request) bool { return r.ParallelToolCalls != nil }, func(b *body) { b.Parallel = nil }},
	// Of one question, not of the server: its limit with its prompt is more than fits.
	{tooMuch, []string{"maximum context length", "in the completion"}, never, func(b *body) { b.MaxTokens, b.MaxCompletion = 0, 0 }},
	{tooLarge, []string{"max_tokens", "too large"}, never, func(b *body) { b.MaxTokens, b.MaxCompletion = 0, 0 }},
	{"max_tokens", []string{"max_tokens", "max_completion_tokens"}, never, func(b *body) { b.MaxCompletion, b.MaxTokens = b.MaxTokens, 0 }},
	{"top_k", []string{"top_k"}, func(r *chat.Request) bool { return r.Sampling.TopK > 0 }, func(b *body) { b.TopK = nil }},
	{"min_p", []string{"min_p"}, func(r *chat.Request) bool { return r.Sampling.MinP > 0 }, func(b *body) { b.MinP = nil }},
	{"presence_penalty", []string{"presence_penalty", "presencepenalty"}, func(r *chat.Request) bool { return r.Sampling.PresencePenalty != 0 }, func(b *body) { b.Presence = nil }},
	{"frequency_penalty", []string{"frequency_penalty", "frequencypenalty"}, func(r *chat.Request) bool { return r.Sampling.FrequencyPenalty != 0 }, func(b *body) { b.Frequency = nil }},
	{"temperature", []string{"temperature"}, func(r *chat.Request) bool { return r.Sampling.Temperature < 0 }, func(b *body) { b.Temperature = nil }},
	// The prefix of an answer: Mistral's own API says it in the message.
	{"continue_final_message", []string{"continue_final_message", "add_generation_prompt"}, never, (*body).prefixed},
	{"repetition_penalty", []string{"repetition_penalty"}, func(r *chat.Request) bool { return r.Sampling.RepeatPenalty > 0 }, func(b *body) { b.Repetition = nil }},
}

// Names of what is taken back for one question alone.
const (
	tooMuch  = "a limit beyond the context"
	tooLarge = "a limit that is too large"
)

// limits are what a person may have asked for.
var limits = map[string]bool{tooMuch: true, tooLarge: true}

func never(*chat.Request) bool { return false }

// takeBack finds the field that an error is about, and remembers that this server does
// not take it. It is false where the error is about nothing that can be left out.
func (a *answer) takeBack(err error) bool {
	var wrong *chat.RequestError
	var p *problem
	switch {
	case errors.As(err, &wrong):
	case errors.As(err, &p) && (p.status == http.StatusBadRequest || p.status == http.StatusUnprocessableEntity || p.status == http.StatusInternalServerError || p.status == http.StatusNotImplemented):
	default:
		return false
	}
	said := strings.ToLower(err.Error())
	if wrong != nil {
		said += " " + strings.ToLower(wrong.Param)
	}
	a.Engine.mu.Lock()
	defer a.Engine.mu.Unlock()
	for _, field := range takenBack {
		if a.left[field.name] || field.asked(&a.plan.request) || !isAbout(said, field.words, field.name) {
			continue
		}
		if field.name == tooMuch || field.name == tooLarge {
			a.spared = map[string]bool{tooMuch: true, tooLarge: true}
			return true
		}
		if a.Engine.refused == nil {
			a.Engine.refused = map[string]bool{}
		}
		a.Engine.refused[field.name] = true
		return true
	}
	if wrong != nil && !a.plain && isVague(said) {
		a.plain, a.strict = true, false
		return true
	}
	return false
}

// vague is a refusal that names nothing.
var vague = regexp.MustCompile(`^(error|status|http)?[\s:]*(400|422)?[\s:.,-]*(bad request|invalid (request|argument|input|parameters?)|request contains an invalid argument|unprocessable( entity| content)?|validation (error|failed)|unsupported parameters?)?\W*$`)

// isVague says that an error does not tell what it is about. The question is then sent
// once with nothing in it that nobody asked for.
func isVague(said string) bool {
	_, theirs, quoted := strings.Cut(said, "(it says: ")
	return !quoted || vague.MatchString(strings.TrimSpace(theirs))
}

// remember keeps for later questions that this server took one without its extras.
func (a *answer) remember() {
	if !a.plain {
		return
	}
	a.Engine.mu.Lock()
	defer a.Engine.mu.Unlock()
	if a.Engine.refused == nil {
		a.Engine.refused = map[string]bool{}
	}
	for name := range a.left {
		if name != tooMuch && name != tooLarge {
			a.Engine.refused[name] = true
		}
	}
	a.Engine.refused[strictName] = true
}

// strictName is what is remembered of a server that does not know strict.
const strictName = "strict"

// strictly says whether arguments are to fit their schemas though nobody asked.
func (e *Engine) strictly() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !e.refused[strictName]
}

// loosen gives up strict for this question, and for all at a server that has no such
// field. A server that knows it may refuse one schema alone.
func (a *answer) loosen() {
	a.strict = false
	if a.family == vllmFamily {
		return
	}
	a.Engine.mu.Lock()
	defer a.Engine.mu.Unlock()
	if a.Engine.refused == nil {
		a.Engine.refused = map[string]bool{}
	}
	a.Engine.refused[strictName] = true
}

// isAbout says that an error is about a field: it has one of the words, or about a
// limit all of them.
func isAbout(said string, words []string, name string) bool {
	if name == tooMuch || name == tooLarge {
		for _, word := range words {
			if !strings.Contains(said, word) {
				return false
			}
		}
		return true
	}
	for _, word := range words {
		if strings.Contains(said, word) {
			return !ranged[name] || unsupported.MatchString(said)
		}
	}
	return false
}

// ranged are fields whose value, not the field, may be what is refused.
var ranged = map[string]bool{"temperature": true, "presence_penalty": true, "frequency_penalty": true, "seed": true}

// unsupported are the words for a field that is not taken at all.
var unsupported = regexp.MustCompile(`support|permit|unknown|unrecogni|unexpected|extra|deprecated|not allowed|not available|additional properties|no such`)

// spare leaves out of a request what this server does not take.
func (a *answer) spare(b *body) {
	a.Engine.mu.Lock()
	defer a.Engine.mu.Unlock()
	a.left = map[string]bool{}
	for _, field := range takenBack {
		extra := a.plain && field.name != "temperature" && field.name != "max_tokens" && !field.asked(&a.plan.request)
		if a.Engine.refused[field.name] || a.spared[field.name] || extra && (!limits[field.name] || a.plan.request.MaxTokens == 0) {
			field.drop(b)
			a.left[field.name] = true
		}
	}
}
