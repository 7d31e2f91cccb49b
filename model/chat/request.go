package chat

import "encoding/json"

// Request is one question to the engine: the whole conversation so far and how
// to answer it.
type Request struct {
	Messages []Message
	// Prompt, when set, is the exact sequence to continue, in place of Messages
	// and Tools and without a template.
	Prompt []int32 `json:",omitempty"`
	Tools  []Tool
	// ToolChoice is "auto" (default), "none", "required", or "function" with
	// ToolName naming the one function that must be called.
	ToolChoice        string
	ToolName          string
	ParallelToolCalls *bool // nil means allowed
	// Schema, when set, constrains the answer's text to this JSON Schema.
	Schema   json.RawMessage `json:",omitempty"`
	Sampling Sampling
	// MaxTokens ends the answer after so many tokens; 0 means as many as fit.
	MaxTokens int
	Stop      []string
	// Logprobs asks for the N most likely alternatives of every token.
	Logprobs int
	// PromptLogprobs asks for the log-probabilities of the prompt's tokens, too; they
	// come with the progress of reading it.
	PromptLogprobs bool `json:",omitempty"`
	// NoGuard turns off the guard that ends endless repetition.
	NoGuard bool
	// Resume names a file in which an engine on this machine keeps what it has read
	// of the conversation, and from which it takes that up again; "" is none.
	Resume string `json:",omitempty"`
	// ContinueFinal continues the last assistant message instead of answering.
	ContinueFinal bool
}

// KVSnapshotMagic begins a file that Resume names.
const KVSnapshotMagic = "SIROCCO\x01"

// HasPicture reports whether any message holds a picture.
func (r *Request) HasPicture() bool {
	for _, m := range r.Messages {
		for _, part := range m.Parts {
			if part.Image != nil {
				return true
			}
		}
	}
	return false
}

// Sampling says how a token is drawn from the logits. The zero value is greedy.
type Sampling struct {
	Temperature      float64 // 0 is greedy
	TopK             int     // 0 is off
	TopP             float64 // 0 or 1 is off
	MinP             float64 // 0 is off
	RepeatPenalty    float64 // 0 or 1 is off
	PresencePenalty  float64
	FrequencyPenalty float64
	LogitBias        map[int32]float64
	Seed             uint64
}

// DefaultSampling is what the model card recommends: temperature 0.15 and
// nothing else.
func DefaultSampling() Sampling { return Sampling{Temperature: 0.15} }
