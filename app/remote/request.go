package remote

import (
	"sirocco/app/openai"
	"sirocco/model/chat"
)

// body is a chat-completion request, in OpenAI's shape with vLLM's fields.
type body struct {
	Model    string               `json:"model"`
	Messages []openai.WireMessage `json:"messages"`
	Tools    []openai.WireTool    `json:"tools,omitempty"`
	Choice   any                  `json:"tool_choice,omitempty"`
	Parallel *bool                `json:"parallel_tool_calls,omitempty"`
	Format   any                  `json:"response_format,omitempty"`

	Temperature *float64           `json:"temperature,omitempty"`
	TopP        *float64           `json:"top_p,omitempty"`
	TopK        *int               `json:"top_k,omitempty"`
	MinP        *float64           `json:"min_p,omitempty"`
	Repetition  *float64           `json:"repetition_penalty,omitempty"`
	Presence    *float64           `json:"presence_penalty,omitempty"`
	Frequency   *float64           `json:"frequency_penalty,omitempty"`
	LogitBias   map[string]float64 `json:"logit_bias,omitempty"`
	Seed        *int64             `json:"seed,omitempty"`

	MaxTokens     int      `json:"max_tokens,omitempty"`
	MaxCompletion int      `json:"max_completion_tokens,omitempty"` // where max_tokens is refused
	Stop          []string `json:"stop,omitempty"`
	Logprobs      *bool    `json:"logprobs,omitempty"`
	TopLogprobs   int      `json:"top_logprobs,omitempty"`
	TokensAsIDs   *bool    `json:"return_tokens_as_token_ids,omitempty"`

	ContinueFinal *bool `json:"continue_final_message,omitempty"`
	Generation    *bool `json:"add_generation_prompt,omitempty"`

	Stream        bool           `json:"stream"`
	StreamOptions map[string]any `json:"stream_options,omitempty"`
}

// body writes a request for the server. promptTokens is the prompt's length
// where it is known to be the server's, else 0. With strict, arguments of calls
// are made to fit their schemas even where nothing says so.
func (e *Engine) body(r *chat.Request, promptTokens int, strict bool) (*body, error) {
	b := &body{Model: e.about.Model.Name, Parallel: r.ParallelToolCalls, Stop: r.Stop, TopLogprobs: r.Logprobs, Logprobs: yes(true), Stream: true}
	b.StreamOptions = map[string]any{"include_usage": true}
	var err error
	if b.Messages, err = openai.WriteMessages(r.Messages, e.dataURL); err != nil {
		return nil, err
	}
	for i := range b.Messages {
		b.Messages[i].Prefix = false // vLLM says it with continue_final_message
	}
	b.tools(r, strict && e.family != siroccoFamily)
	if len(r.Schema) > 0 {
		b.Format = map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": "answer", "schema": r.Schema, "strict": true}}
	}
	b.sampling(r.Sampling, e.family.rich())
	b.MaxTokens = e.limit(r.MaxTokens, promptTokens)
	if e.confirmed && e.family == vllmFamily {
		b.TokensAsIDs = yes(true)
	}
	if last := len(r.Messages) - 1; last >= 0 && (r.ContinueFinal || r.Messages[last].Prefix) {
		b.ContinueFinal, b.Generation = yes(true), yes(false)
	}
	return b, nil
}

func yes[T any](v T) *T { return &v }

// prefixed says in the last message, not beside it, that the answer goes on from there.
func (b *body) prefixed() {
	if last := len(b.Messages) - 1; last >= 0 && b.ContinueFinal != nil {
		b.Messages[last].Prefix = true
	}
	b.ContinueFinal, b.Generation = nil, nil
}

// tools writes what may be called, and whether something must be.
func (b *body) tools(r *chat.Request, strict bool) {
	b.Tools = openai.WriteTools(r.Tools)
	for i := range b.Tools {
		if f := &b.Tools[i].Function; strict && f.Strict == nil && len(f.Parameters) > 0 {
			f.Strict = yes(true)
		}
	}
	if len(r.Tools) > 0 {
		b.Choice = openai.WriteChoice(r)
	}
}

// sampling writes how tokens are drawn. Servers that know vLLM's fields are told
// of what is off as well, for their own defaults may be on.
func (b *body) sampling(s chat.Sampling, rich bool) {
	b.Temperature, b.Seed = &s.Temperature, yes(int64(s.Seed))
	b.LogitBias = openai.WriteBias(s.LogitBias)
	or := func(v, off float64) *float64 {
		if v == 0 {
			v = off
		}
		if v == off && !rich {
			return nil
		}
		return &v
	}
	if s.PresencePenalty != 0 {
		b.Presence = &s.PresencePenalty
	}
	if s.FrequencyPenalty != 0 {
		b.Frequency = &s.FrequencyPenalty
	}
	b.TopP, b.MinP, b.Repetition = or(s.TopP, 1), or(s.MinP, 0), or(s.RepeatPenalty, 1)
	if s.TopK > 0 || rich {
		k := s.TopK
		if k == 0 {
			k = -1 // older versions of vLLM do not take 0
		}
		b.TopK = &k
	}
}

// limit is how many tokens to ask for: vLLM refuses more than fit, and asking
// for none in particular means as many as do.
func (e *Engine) limit(wanted, prompt int) int {
	length := e.about.Model.Context
	switch {
	case length == 0:
		return wanted
	case prompt > 0 && prompt < length:
		if wanted >= length-prompt {
			return 0
		}
	case wanted >= length:
		return 0
	}
	return wanted
}
