package serve

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"sirocco/model/chat"
)

// completion is the reply to a chat request, or a piece of it.
type completion struct {
	ID      string          `json:"id"`
	Object  string          `json:"object"`
	Created int64           `json:"created"`
	Model   string          `json:"model"`
	Choices []choice        `json:"choices"`
	Usage   json.RawMessage `json:"usage,omitempty"` // "null" in the pieces before the one that has it
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
	Role      string          `json:"role"`
	Content   *string         `json:"content"`
	Refusal   *string         `json:"refusal"`
	ToolCalls []chat.ToolCall `json:"tool_calls,omitempty"`
}

type usage struct {
	Prompt     int           `json:"prompt_tokens"`
	Completion int           `json:"completion_tokens"`
	Total      int           `json:"total_tokens"`
	Details    promptDetails `json:"prompt_tokens_details"`
}

type promptDetails struct {
	Cached int `json:"cached_tokens"`
}

// add counts one more answer to the same prompt.
func (u *usage) add(d *chat.Done) {
	if u.Total == 0 {
		u.Details.Cached = d.Usage.CachedTokens
	}
	u.Prompt = d.Usage.PromptTokens
	u.Completion += d.Usage.CompletionTokens
	u.Total = u.Prompt + u.Completion
}

// newCompletion begins a reply. The model it names is the one that answers,
// whatever the request called it.
func (s *Server) newCompletion(object string) completion {
	return completion{ID: "chatcmpl-" + randomName(), Object: object, Created: time.Now().Unix(), Model: s.o.Engine.About().Model.Name}
}

func (s *Server) chatCompletions(w http.ResponseWriter, r *http.Request) error {
	data, free, err := s.read(w, r)
	if err != nil {
		return err
	}
	defer free()
	q, err := s.parse(r.Context(), data)
	if err != nil {
		return err
	}
	if q.Stream {
		return s.stream(w, r, q)
	}
	reply, err := s.complete(r.Context(), q)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, reply)
}

// complete gives all answers to a question at once.
func (s *Server) complete(ctx context.Context, q *question) (*completion, error) {
	reply := s.newCompletion("chat.completion")
	var spent usage
	for i := range q.N {
		var tokens *logprobs
		if q.Logprobs {
			tokens = &logprobs{Content: []tokenLogprob{}}
		}
		done, err := s.answer(ctx, q, i, func(e chat.Event) {
			if tokens != nil && e.Kind == chat.KindToken {
				tokens.Content = append(tokens.Content, s.logprob(e.Token, q.Chat.Logprobs))
			}
		})
		if err != nil {
			return nil, err
		}
		spent.add(done)
		reason, stop := finish(done.FinishReason)
		reply.Choices = append(reply.Choices, choice{
			Index: i, Message: messageOf(done), Logprobs: tokens, FinishReason: &reason, StopReason: stop,
		})
	}
	var err error
	reply.Usage, err = marshal(spent)
	return &reply, err
}

// messageOf is what the assistant said; its content is null when it only called.
func messageOf(d *chat.Done) *message {
	m := &message{Role: string(chat.Assistant), ToolCalls: d.ToolCalls}
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
