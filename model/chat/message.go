// Package chat is the plain data that both ends of the engine speak: a Request
// goes in (messages, pictures, tools, sampling), Events come out. It holds no
// logic beyond defaults and JSON, and imports nothing of ours. Open message.go
// first, then request.go, then event.go.
package chat

import "encoding/json"

// Role says who speaks.
type Role string

// The four roles of the chat template.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
	ToolRole  Role = "tool"
)

// Message is one turn as the caller sees it. Parts keep their order, because a
// picture's place in the text is part of the question.
type Message struct {
	Role  Role   `json:"role"`
	Parts []Part `json:"parts,omitempty"`
	// PartList is true when the content came as a list of parts rather than one
	// string, so that it can be written back as it came. The prompt is the same.
	PartList bool `json:"part_list,omitempty"`
	// ToolCalls are the calls an assistant message made.
	ToolCalls []ToolCall `json:"tool_calls,omitempty"`
	// ToolCallID names the call that a tool message answers.
	ToolCallID string `json:"tool_call_id,omitempty"`
	// Name is the tool's name on a tool message; the template does not write it.
	Name string `json:"name,omitempty"`
	// Prefix marks a last assistant message that the model is to continue.
	Prefix bool `json:"prefix,omitempty"`
}

// Part is a piece of a message: text, or a picture when Image is set.
type Part struct {
	Text  string `json:"text,omitempty"`
	Image *Image `json:"image,omitempty"`
	// Thinking marks text that a model thinks: in an answer, or as the form that a
	// system prompt asks for. Only models that think have a place for it.
	Thinking bool `json:"thinking,omitempty"`
}

// Image is a picture as the user gave it: the bytes of the file, not pixels.
type Image struct {
	Name string `json:"name"` // for messages to people: a file name, "picture 2"
	Data []byte `json:"data"`
}

// Tool is a function the model may call, in OpenAI's shape.
type Tool struct {
	Name        string
	Description string
	// Parameters is a JSON Schema, kept as written: the order of its keys is
	// part of the prompt. Empty means {}.
	Parameters json.RawMessage `json:",omitempty"`
	Strict     *bool
}

// ToolCall is one call made by the model. Arguments is JSON text, possibly
// broken when the model was cut off or not constrained.
type ToolCall struct {
	ID        string
	Name      string
	Arguments string
	// Incomplete marks a call that a limit cut off: it must not be run.
	Incomplete bool
}

// Text returns a message made of one string.
func Text(role Role, text string) Message {
	return Message{Role: role, Parts: []Part{{Text: text}}}
}
