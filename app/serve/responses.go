package serve

import (
	"encoding/json"
	"net/http"
	"time"

	"sirocco/model/chat"
)

// response is the reply of the Responses API. What the request said about the
// answer is repeated in it, as OpenAI does.
type response struct {
	ID                string          `json:"id"`
	Object            string          `json:"object"`
	CreatedAt         int64           `json:"created_at"`
	Status            string          `json:"status"` // in_progress, completed, incomplete, failed
	Error             *responseError  `json:"error"`
	Incomplete        *incomplete     `json:"incomplete_details"`
	Instructions      json.RawMessage `json:"instructions"`
	MaxOutputTokens   json.RawMessage `json:"max_output_tokens"`
	Model             string          `json:"model"`
	Output            []any           `json:"output"`
	ParallelToolCalls bool            `json:"parallel_tool_calls"`
	Previous          *string         `json:"previous_response_id"`
	Reasoning         reasoning       `json:"reasoning"`
	Tier              string          `json:"service_tier"`
	Store             bool            `json:"store"`
	Temperature       float64         `json:"temperature"`
	Text              json.RawMessage `json:"text"`
	ToolChoice        json.RawMessage `json:"tool_choice"`
	Tools             json.RawMessage `json:"tools"`
	TopLogprobs       int             `json:"top_logprobs"`
	TopP              float64         `json:"top_p"`
	Truncation        string          `json:"truncation"`
	Usage             *responseUsage  `json:"usage"`
	User              json.RawMessage `json:"user"`
	Metadata          json.RawMessage `json:"metadata"`
}

type responseError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

type incomplete struct {
	Reason string `json:"reason"`
}

// reasoning is what this model does not do.
type reasoning struct {
	Effort  *string `json:"effort"`
	Summary *string `json:"summary"`
}

type responseUsage struct {
	Input        int           `json:"input_tokens"`
	InputDetails promptDetails `json:"input_tokens_details"`
	Output       int           `json:"output_tokens"`
	Details      outputDetails `json:"output_tokens_details"`
	Total        int           `json:"total_tokens"`
}

type outputDetails struct {
	Reasoning int `json:"reasoning_tokens"`
}

// messageItem and callItem are what an answer is made of.
type messageItem struct {
	ID      string     `json:"id"`
	Type    string     `json:"type"`
	Status  string     `json:"status"`
	Role    string     `json:"role"`
	Content []textPart `json:"content"`
}

type textPart struct {
	Type        string         `json:"type"`
	Text        string         `json:"text"`
	Annotations []any          `json:"annotations"`
	Logprobs    []tokenLogprob `json:"logprobs"`
}

type callItem struct {
	ID        string `json:"id"`
	Type      string `json:"type"`
	Status    string `json:"status"`
	CallID    string `json:"call_id"`
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
	Arguments string `json:"arguments"`
}

// responses answers OpenAI's newer route. What is asked may go on from an earlier
// response.
func (s *Server) responses(w http.ResponseWriter, r *http.Request) error {
	var earlier *remembered
	q, free, err := s.requestOf(w, r, s.responseShape(s.guard.client(r), &earlier))
	if err != nil {
		return err
	}
	defer free()
	a := &items{s: s, q: q, reply: s.newResponse(q), memory: earlier}
	a.reply.Previous, a.reply.Store = earlier.previous, earlier.store
	if earlier.size = int(r.ContentLength); earlier.size < 0 { // sent in chunks
		earlier.size = len(q.body.String())
	}
	if q.Stream {
		return s.stream(w, r, []*request{q}, func(out *sseBuffer) streamWriter { a.out = out; return a })
	}
	if err := s.answers(r.Context(), []*request{q}, a); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, a.reply)
}

// newResponse begins a reply.
func (s *Server) newResponse(q *request) response {
	given := func(name, otherwise string) json.RawMessage {
		if v, there := q.body.Get(name); there && q.Given[name] {
			return json.RawMessage(v.String())
		}
		return json.RawMessage(otherwise)
	}
	sampling := q.Chat.Sampling
	topP := sampling.TopP
	if topP == 0 {
		topP = 1 // off
	}
	return response{
		ID: "resp_" + randomName(), Object: "response", CreatedAt: time.Now().Unix(), Status: "in_progress",
		Model: s.o.Engine.About().Model.Name, Output: []any{}, Tier: serviceTier,
		Instructions: given("instructions", "null"), MaxOutputTokens: given("max_output_tokens", "null"),
		ParallelToolCalls: q.Chat.ParallelToolCalls == nil || *q.Chat.ParallelToolCalls,
		Temperature:       sampling.Temperature, TopP: topP, TopLogprobs: q.Chat.Logprobs,
		Text: given("text", `{"format":{"type":"text"}}`), ToolChoice: given("tool_choice", `"auto"`), Tools: given("tools", "[]"),
		Truncation: "disabled", User: given("user", "null"), Metadata: given("metadata", "{}"),
	}
}

// conclude writes how an answer ended into the reply.
func (r *response) conclude(d *chat.Done) {
	r.Status = "completed"
	if reason, _ := finish(d); reason == chat.FinishLength {
		r.Status, r.Incomplete = "incomplete", &incomplete{"max_output_tokens"}
	}
	u := d.Usage
	r.Usage = &responseUsage{
		Input: u.PromptTokens, InputDetails: promptDetails{u.CachedTokens},
		Output: u.CompletionTokens, Details: outputDetails{u.ReasoningTokens}, Total: u.PromptTokens + u.CompletionTokens,
	}
}
