package remote

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"sirocco/model/chat"
)

// chunk is a piece of an answer; Message and Text are of one that is no stream's.
type chunk struct {
	Choices []struct {
		Delta        *delta          `json:"delta"`
		Message      *delta          `json:"message"`
		Text         content         `json:"text"`
		Logprobs     *logprobs       `json:"logprobs"`
		FinishReason word            `json:"finish_reason"`
		StopReason   json.RawMessage `json:"stop_reason"`
	} `json:"choices"`
	Usage *usage          `json:"usage"`
	Error json.RawMessage `json:"error"`
}

type delta struct {
	Content      content       `json:"content"`
	Refusal      content       `json:"refusal"`
	ToolCalls    callDeltas    `json:"tool_calls"`
	FunctionCall *callFunction `json:"function_call"`
	// What the model thought, under the names that servers give it.
	Reasoning        content `json:"reasoning"`
	ReasoningContent content `json:"reasoning_content"`
}

type usage struct {
	Prompt     count `json:"prompt_tokens"`
	Completion count `json:"completion_tokens"`
	Details    struct {
		Cached count `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
}

// content is text, which some servers send as a list of parts. Parts that are the
// model's thinking are not of the answer.
type content string

// UnmarshalJSON reads any form; what is none is no text.
func (c *content) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*c = content(text)
		return nil
	}
	var part struct {
		Type string  `json:"type"`
		Text content `json:"text"`
	}
	if json.Unmarshal(data, &part) == nil {
		if part.Type == "" || strings.HasSuffix(part.Type, "text") {
			*c = part.Text
		}
		return nil
	}
	var parts []content
	if json.Unmarshal(data, &parts) == nil {
		for _, part := range parts {
			*c += part
		}
	}
	return nil
}

// callDeltas are pieces of calls; some servers send a single one without its list.
type callDeltas []callDelta

// UnmarshalJSON takes either; what is neither is none.
func (c *callDeltas) UnmarshalJSON(data []byte) error {
	var one callDelta
	if len(data) > 0 && data[0] == '{' && json.Unmarshal(data, &one) == nil && (one.ID != "" || one.Function.Name != "" || len(one.Function.Arguments) > 0) {
		*c = callDeltas{one}
		return nil
	}
	json.Unmarshal(data, (*[]callDelta)(c)) // what can be read of it
	return nil
}

// word is a short text that some servers send as a number, or not at all.
type word string

// UnmarshalJSON takes anything.
func (w *word) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*w = word(text)
	} else if len(data) > 0 && data[0] != '{' && data[0] != '[' {
		*w = word(data)
	}
	return nil
}

// count is a whole number, which some servers send as a float or as text.
type count int

// UnmarshalJSON takes anything; what is no number is none.
func (c *count) UnmarshalJSON(data []byte) error {
	if n, err := strconv.ParseFloat(strings.Trim(string(data), `"`), 64); err == nil && math.Abs(n) < 1<<40 {
		*c = count(n)
	}
	return nil
}

// finite writes the numbers that JSON does not know, and Python writes all the same, as
// numbers that it does: no token is less likely than one of -9999, as OpenAI has it.
func finite(data []byte) []byte {
	var out bytes.Buffer
	quoted := false
	for i := 0; i < len(data); i++ {
		c := data[i]
		switch {
		case quoted && c == '\\' && i+1 < len(data):
			out.WriteByte(c)
			i++
			c = data[i]
		case c == '"':
			quoted = !quoted
		case !quoted:
			if name := strange(data[i:]); name != "" {
				out.WriteString("-9999")
				i += len(name) - 1
				continue
			}
		}
		out.WriteByte(c)
	}
	return out.Bytes()
}

// strange is the number at the beginning of data that JSON does not know.
func strange(data []byte) string {
	for _, name := range []string{"-Infinity", "Infinity", "-inf", "inf", "NaN", "nan"} {
		if bytes.HasPrefix(data, []byte(name)) {
			return name
		}
	}
	return ""
}

// What an answer may end with beside what this program says itself.
const (
	endsFiltered = "content_filter"
	endsAborted  = "abort"
	endsFailed   = "error"
)

// endings are the words that servers have for the end of an answer.
var endings = map[string][]string{
	chat.FinishStop:      {"eos", "eos_token", "end_turn", "end", "stop_sequence", "complete", "completed", "done", "finished"},
	chat.FinishLength:    {"max_tokens", "max_output_tokens", "max_length", "model_length", "token_limit", "incomplete", "model_context_window_exceeded"},
	chat.FinishToolCalls: {"tool_call", "tool_use", "function_call", "function_calls"},
	endsFiltered:         {"content-filter", "content_filtered", "safety", "sensitive", "recitation", "refusal", "blocklist", "prohibited_content", "spii", "guardrail_intervened", "moderation"},
	endsAborted:          {"aborted", "cancelled", "canceled"},
	endsFailed:           {"network_error", "insufficient_system_resource", "malformed_function_call", "unexpected_tool_call", "engine_error", "failed", "failure", "internal_error"},
}

// ending is why an answer ended, in the words of OpenAI and vLLM.
func ending(said string) string {
	low := strings.ToLower(said)
	for reason, words := range endings {
		for _, word := range words {
			if low == word {
				return reason
			}
		}
	}
	return low
}
