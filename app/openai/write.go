package openai

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"

	"sirocco/model/chat"
)

// wireRequest is a chat-completion request as it is written, in the order in
// which people read one.
type wireRequest struct {
	Model             string             `json:"model,omitempty"`
	Messages          []WireMessage      `json:"messages"`
	Tools             []WireTool         `json:"tools,omitempty"`
	ToolChoice        any                `json:"tool_choice,omitempty"`
	ParallelToolCalls *bool              `json:"parallel_tool_calls,omitempty"`
	ResponseFormat    any                `json:"response_format,omitempty"`
	Temperature       float64            `json:"temperature"`
	TopP              float64            `json:"top_p,omitempty"`
	TopK              int                `json:"top_k,omitempty"`
	MinP              float64            `json:"min_p,omitempty"`
	RepetitionPenalty float64            `json:"repetition_penalty,omitempty"`
	PresencePenalty   float64            `json:"presence_penalty,omitempty"`
	FrequencyPenalty  float64            `json:"frequency_penalty,omitempty"`
	LogitBias         map[string]float64 `json:"logit_bias,omitempty"`
	Seed              uint64             `json:"seed"`
	MaxTokens         int                `json:"max_tokens,omitempty"`
	Stop              []string           `json:"stop,omitempty"`
	Logprobs          bool               `json:"logprobs,omitempty"`
	TopLogprobs       int                `json:"top_logprobs,omitempty"`
	ContinueFinal     bool               `json:"continue_final_message,omitempty"`
}

// WriteChat writes a request as ParseChat reads it. url gives the address of
// each picture; nil embeds them as data URLs. The guard against repetition has
// no place in this shape, and exact prompts have none either.
func WriteChat(r *chat.Request, model string, url func(*chat.Image) string) ([]byte, error) {
	if url == nil {
		url = DataURL
	}
	if len(r.Prompt) > 0 {
		return nil, fmt.Errorf("writing a request: it is an exact sequence of %d tokens, which a chat completion cannot say", len(r.Prompt))
	}
	messages, err := WriteMessages(r.Messages, func(image *chat.Image) (string, error) { return url(image), nil })
	if err != nil {
		return nil, fmt.Errorf("writing a request: %w", err)
	}
	s := r.Sampling
	out := wireRequest{
		Model: model, Messages: messages, Tools: WriteTools(r.Tools), ToolChoice: WriteChoice(r), ParallelToolCalls: r.ParallelToolCalls,
		ResponseFormat: format(r.Schema), Temperature: s.Temperature, TopP: s.TopP, TopK: s.TopK, MinP: s.MinP,
		RepetitionPenalty: s.RepeatPenalty, PresencePenalty: s.PresencePenalty, FrequencyPenalty: s.FrequencyPenalty, LogitBias: WriteBias(s.LogitBias),
		Seed: s.Seed, MaxTokens: r.MaxTokens, Stop: r.Stop, Logprobs: r.Logprobs > 0, TopLogprobs: r.Logprobs, ContinueFinal: r.ContinueFinal,
	}
	data, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing a request: %w", err)
	}
	return data, nil
}

// DataURL holds a picture itself.
func DataURL(image *chat.Image) string {
	return "data:" + http.DetectContentType(image.Data) + ";base64," + base64.StdEncoding.EncodeToString(image.Data)
}

func format(schema json.RawMessage) any {
	if len(schema) == 0 {
		return nil
	}
	return map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": "answer", "schema": schema}}
}
