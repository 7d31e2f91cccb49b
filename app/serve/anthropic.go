package serve

import (
	"encoding/json"
	"net/http"

	"sirocco/app/openai"
	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
)

// anthropicMessage is the reply of Anthropic's Messages API.
type anthropicMessage struct {
	ID           string         `json:"id"`
	Type         string         `json:"type"`
	Role         string         `json:"role"`
	Model        string         `json:"model"`
	Content      []any          `json:"content"` // of textBlock and toolBlock
	StopReason   *string        `json:"stop_reason"`
	StopSequence *string        `json:"stop_sequence"`
	Usage        anthropicUsage `json:"usage"`
}

type textBlock struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type toolBlock struct {
	Type  string          `json:"type"`
	ID    string          `json:"id"`
	Name  string          `json:"name"`
	Input json.RawMessage `json:"input"`
}

// anthropicUsage counts tokens; those read from the cache are no input tokens.
type anthropicUsage struct {
	Input   int    `json:"input_tokens"`
	Created int    `json:"cache_creation_input_tokens"`
	Cached  int    `json:"cache_read_input_tokens"`
	Output  int    `json:"output_tokens"`
	Tier    string `json:"service_tier"`
}

// anthropicShape reads requests that are to be answered, countingShape those whose
// tokens are to be counted.
func anthropicShape(v pyjson.Value, o openai.Options) (*openai.Request, error) {
	return openai.AnthropicFromValue(v, false, o)
}

func countingShape(v pyjson.Value, o openai.Options) (*openai.Request, error) {
	return openai.AnthropicFromValue(v, true, o)
}

// messages answers Anthropic's clients.
func (s *Server) messages(w http.ResponseWriter, r *http.Request) error {
	q, free, err := s.requestOf(w, r, anthropicShape)
	if err != nil {
		return err
	}
	defer free()
	b := &blocks{q: q, reply: anthropicMessage{
		ID: "msg_" + randomName(), Type: "message", Role: "assistant", Model: s.o.Engine.About().Model.Name, Content: []any{},
	}}
	if q.Stream {
		return s.stream(w, r, []*request{q}, func(out *sseBuffer) streamWriter { b.out = out; return b })
	}
	if err := s.answers(r.Context(), []*request{q}, b); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, b.reply)
}

// countTokens tells how many tokens a conversation has, pictures included, even
// when it does not fit.
func (s *Server) countTokens(w http.ResponseWriter, r *http.Request) error {
	v, free, err := s.readObject(w, r)
	if err != nil {
		return err
	}
	defer free()
	q, err := s.parse(r.Context(), v, countingShape)
	if err == nil {
		err = s.measure(r.Context(), q, maxCounted)
	}
	if err == nil {
		err = s.prove(r.Context(), q)
	}
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]int{"input_tokens": q.tokens})
}

// stopReason is why an answer ended, in Anthropic's words.
func stopReason(d *chat.Done) string {
	switch reason, _ := finish(d); {
	case reason == chat.FinishToolCalls:
		return "tool_use"
	case reason == chat.FinishLength:
		return "max_tokens"
	case d.StopSequence != "":
		return "stop_sequence"
	}
	return "end_turn"
}

// anthropicProblem is an error in Anthropic's shape.
type anthropicProblem struct {
	Type  string `json:"type"`
	Error struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	} `json:"error"`
}

// anthropicError turns an error of ours into theirs. The field at fault stands in
// the message; a conversation that does not fit is known by its first words.
func anthropicError(p *problem) anthropicProblem {
	out := anthropicProblem{Type: "error"}
	out.Error.Type, out.Error.Message = anthropicType(p.Status), p.Message
	if p.Code == chat.CodeTooLong {
		out.Error.Message = "prompt is too long: " + p.Message
	}
	return out
}

func anthropicType(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "authentication_error"
	case http.StatusForbidden:
		return "permission_error"
	case http.StatusNotFound:
		return "not_found_error"
	case http.StatusRequestEntityTooLarge:
		return "request_too_large"
	case http.StatusTooManyRequests:
		return "rate_limit_error"
	case http.StatusServiceUnavailable:
		return "overloaded_error"
	}
	if status >= 500 {
		return "api_error"
	}
	return "invalid_request_error"
}
