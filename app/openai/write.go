package openai

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"sirocco/model/chat"
)

// wireRequest is a chat-completion request as it is written, in the order in
// which people read one.
type wireRequest struct {
	Model             string             `json:"model,omitempty"`
	Messages          []wireMessage      `json:"messages"`
	Tools             []wireTool         `json:"tools,omitempty"`
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

type wireMessage struct {
	Role       chat.Role       `json:"role"`
	Content    any             `json:"content,omitempty"`
	ToolCalls  []chat.ToolCall `json:"tool_calls,omitempty"`
	ToolCallID string          `json:"tool_call_id,omitempty"`
	Name       string          `json:"name,omitempty"`
	Prefix     bool            `json:"prefix,omitempty"`
}

type wirePart struct {
	Type     string   `json:"type"`
	Text     *string  `json:"text,omitempty"`
	ImageURL *wireURL `json:"image_url,omitempty"`
}

type wireURL struct {
	URL string `json:"url"`
}

type wireTool struct {
	Type     string       `json:"type"`
	Function wireFunction `json:"function"`
}

type wireFunction struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters,omitempty"`
	Strict      *bool           `json:"strict,omitempty"`
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
	out := wireRequest{
		Model: model, Messages: []wireMessage{}, ToolChoice: choice(r), ParallelToolCalls: r.ParallelToolCalls, ResponseFormat: format(r.Schema),
		Temperature: r.Sampling.Temperature, TopP: r.Sampling.TopP, TopK: r.Sampling.TopK, MinP: r.Sampling.MinP,
		RepetitionPenalty: r.Sampling.RepeatPenalty, PresencePenalty: r.Sampling.PresencePenalty, FrequencyPenalty: r.Sampling.FrequencyPenalty,
		Seed: r.Sampling.Seed, MaxTokens: r.MaxTokens, Stop: r.Stop, Logprobs: r.Logprobs > 0, TopLogprobs: r.Logprobs, ContinueFinal: r.ContinueFinal,
	}
	for _, m := range r.Messages {
		out.Messages = append(out.Messages, wireMessage{m.Role, content(m, url), m.ToolCalls, m.ToolCallID, m.Name, m.Prefix})
	}
	for _, t := range r.Tools {
		out.Tools = append(out.Tools, wireTool{"function", wireFunction{t.Name, t.Description, t.Parameters, t.Strict}})
	}
	if len(r.Sampling.LogitBias) > 0 {
		out.LogitBias = map[string]float64{}
		for id, bias := range r.Sampling.LogitBias {
			out.LogitBias[strconv.Itoa(int(id))] = bias
		}
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

// content is one string, a list of parts, or nothing.
func content(m chat.Message, url func(*chat.Image) string) any {
	if len(m.Parts) == 0 && !m.PartList {
		if m.Role == chat.Assistant {
			return nil
		}
		return ""
	}
	if !m.PartList && len(m.Parts) == 1 && m.Parts[0].Image == nil {
		return m.Parts[0].Text
	}
	parts := []wirePart{}
	for _, p := range m.Parts {
		if p.Image != nil {
			parts = append(parts, wirePart{Type: "image_url", ImageURL: &wireURL{url(p.Image)}})
		} else {
			parts = append(parts, wirePart{Type: "text", Text: &p.Text})
		}
	}
	return parts
}

func choice(r *chat.Request) any {
	switch {
	case r.ToolChoice == "function":
		return map[string]any{"type": "function", "function": map[string]string{"name": r.ToolName}}
	case r.ToolChoice == "" || r.ToolChoice == "auto":
		return nil
	}
	return r.ToolChoice
}

func format(schema json.RawMessage) any {
	if len(schema) == 0 {
		return nil
	}
	return map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": "answer", "schema": schema}}
}
