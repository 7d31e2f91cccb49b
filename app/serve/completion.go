package serve

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"sirocco/app/openai"
	"sirocco/model/chat"
)

// completion is the reply to a chat request, or a piece of it.
type completion struct {
	ID      string   `json:"id"`
	Object  string   `json:"object"`
	Created int64    `json:"created"`
	Model   string   `json:"model"`
	Choices []choice `json:"choices"`
	// Fingerprint names what computes: the same one and the same seed give the same answer.
	Fingerprint string          `json:"system_fingerprint"`
	Tier        string          `json:"service_tier"`
	Usage       json.RawMessage `json:"usage,omitempty"` // "null" in the pieces before the one that has it
}

// choice is one answer: whole in Message, or a piece of it in Delta.
type choice struct {
	Index        int       `json:"index"`
	Message      *message  `json:"message,omitempty"`
	Delta        *delta    `json:"delta,omitempty"`
	Logprobs     *logprobs `json:"logprobs"`
	FinishReason *string   `json:"finish_reason"`
	StopReason   *string   `json:"stop_reason"` // vLLM's
}

type message struct {
	Role      string  `json:"role"`
	Content   *string `json:"content"`
	Reasoning string  `json:"reasoning_content,omitempty"` // what was thought before
	Refusal   *string `json:"refusal"`
	ToolCalls []any   `json:"tool_calls,omitempty"` // of chat.ToolCall and customCall
}

type usage struct {
	Prompt     int           `json:"prompt_tokens"`
	Completion int           `json:"completion_tokens"`
	Total      int           `json:"total_tokens"`
	Details    promptDetails `json:"prompt_tokens_details"`
	Made       outputDetails `json:"completion_tokens_details"`
}

// serviceTier is the only one there is, in OpenAI's words.
const serviceTier = "default"

// fingerprint is the program's version and the model, hashed.
func (s *Server) fingerprint() string {
	about := s.o.Engine.About()
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", s.o.Version, about.Model.Name, about.Model.Context))
	return "fp_" + hex.EncodeToString(sum[:5])
}

type promptDetails struct {
	Cached int `json:"cached_tokens"`
}

// add counts one more answer; fresh means to a prompt that is not counted yet.
func (u *usage) add(d *chat.Done, fresh bool) {
	if fresh {
		u.Details.Cached += d.Usage.CachedTokens
		u.Prompt += d.Usage.PromptTokens
	}
	u.Completion += d.Usage.CompletionTokens
	u.Made.Reasoning += d.Usage.ReasoningTokens
	u.Total = u.Prompt + u.Completion
}

// newCompletion begins a reply. The model it names is the one that answers,
// whatever the request called it.
func (s *Server) newCompletion(object string) completion {
	return completion{ID: "chatcmpl-" + randomName(), Object: object, Created: time.Now().Unix(), Model: s.o.Engine.About().Model.Name,
		Fingerprint: s.fingerprint(), Tier: serviceTier}
}

func (s *Server) chatCompletions(w http.ResponseWriter, r *http.Request) error {
	q, free, err := s.requestOf(w, r, openai.FromValue)
	if err != nil {
		return err
	}
	defer free()
	if q.Stream {
		return s.stream(w, r, []*request{q}, func(out *sseBuffer) streamWriter { return s.newChunkWriter(q, out) })
	}
	c := &whole{s: s, q: q, reply: s.newCompletion("chat.completion")}
	if err := s.answers(r.Context(), []*request{q}, c); err != nil {
		return err
	}
	if c.reply.Usage, err = marshal(c.spent); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, c.reply)
}

// whole collects the answers to a question for one reply.
type whole struct {
	s      *Server
	q      *request
	reply  completion
	spent  usage
	tokens *logprobs // of the answer being made
}

func (c *whole) begin(int) {
	if c.q.Logprobs {
		c.tokens = &logprobs{Content: []tokenLogprob{}}
	}
}

func (c *whole) event(e chat.Event) {
	if c.tokens != nil && e.Kind == chat.KindToken {
		c.tokens.Content = append(c.tokens.Content, c.s.logprob(e.Token, c.q.Chat.Logprobs))
	}
}

func (c *whole) end(d *chat.Done) {
	c.spent.add(d, len(c.reply.Choices) == 0)
	reason, stop := finish(d)
	c.reply.Choices = append(c.reply.Choices, choice{
		Index: len(c.reply.Choices), Message: c.q.messageOf(d), Logprobs: c.tokens, FinishReason: &reason, StopReason: stop,
	})
}

// messageOf is what the assistant said; its content is null when it only called.
func (q *request) messageOf(d *chat.Done) *message {
	m := &message{Role: string(chat.Assistant), Reasoning: d.Reasoning, ToolCalls: q.callsOf(d)}
	if d.Text != "" || len(d.ToolCalls) == 0 {
		m.Content = &d.Text
	}
	return m
}

// marshal writes JSON in which <, > and & stay as they are.
func marshal(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// randomName makes an id that nobody else has.
func randomName() string {
	var name [12]byte
	rand.Read(name[:]) // never fails
	return hex.EncodeToString(name[:])
}
