package openai

import (
	"encoding/json"
	"strconv"

	"sirocco/model/chat"
)

// The parts of a chat-completion request as they are written, by WriteChat and
// by whoever sends one to a server. Types of our own rather than a client
// library's: those sort the keys of a tool's schema, whose order is part of
// the prompt.

// WireMessage is one message; Content is a string, a list of parts, or nothing.
type WireMessage struct {
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

// WireTool is one definition of a tool.
type WireTool struct {
	Type     string       `json:"type"`
	Function WireFunction `json:"function"`
}

// WireFunction is what a tool's definition holds.
type WireFunction struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters,omitempty"`
	Strict      *bool           `json:"strict,omitempty"`
}

// WriteMessages writes all messages; url gives the address of each picture.
func WriteMessages(messages []chat.Message, url func(*chat.Image) (string, error)) ([]WireMessage, error) {
	out := []WireMessage{}
	for _, m := range messages {
		content, err := content(m, url)
		if err != nil {
			return nil, err
		}
		out = append(out, WireMessage{m.Role, content, m.ToolCalls, m.ToolCallID, m.Name, m.Prefix})
	}
	return out, nil
}

// content is a string where it came as one.
func content(m chat.Message, url func(*chat.Image) (string, error)) (any, error) {
	switch {
	case m.PartList:
	case len(m.Parts) == 0 && m.Role == chat.Assistant:
		return nil, nil
	case len(m.Parts) == 0:
		return "", nil
	case len(m.Parts) == 1 && m.Parts[0].Image == nil:
		return m.Parts[0].Text, nil
	}
	parts := []wirePart{}
	for _, p := range m.Parts {
		if p.Image == nil {
			parts = append(parts, wirePart{Type: "text", Text: &p.Text})
			continue
		}
		address, err := url(p.Image)
		if err != nil {
			return nil, err
		}
		parts = append(parts, wirePart{Type: "image_url", ImageURL: &wireURL{address}})
	}
	return parts, nil
}

// WriteTools writes the definitions of all tools.
func WriteTools(tools []chat.Tool) []WireTool {
	var out []WireTool
	for _, t := range tools {
		out = append(out, WireTool{"function", WireFunction{t.Name, t.Description, t.Parameters, t.Strict}})
	}
	return out
}

// WriteChoice writes tool_choice; nil is everybody's default, auto.
func WriteChoice(r *chat.Request) any {
	switch r.ToolChoice {
	case "", "auto":
		return nil
	case "function":
		return map[string]any{"type": "function", "function": map[string]string{"name": r.ToolName}}
	}
	return r.ToolChoice
}

// WriteBias writes logit_bias, whose keys are ids as text.
func WriteBias(bias map[int32]float64) map[string]float64 {
	if len(bias) == 0 {
		return nil
	}
	out := make(map[string]float64, len(bias))
	for id, b := range bias {
		out[strconv.Itoa(int(id))] = b
	}
	return out
}
