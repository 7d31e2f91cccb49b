package serve

import (
	"fmt"
	"testing"

	"sirocco/model/chat"
)

// Every field of a chat completion that the issue names, and what it becomes for the engine.
func TestRequestReachesEngine(t *testing.T) {
	sampling := func(of func(chat.Sampling) any) func(chat.Request) any {
		return func(r chat.Request) any { return of(r.Sampling) }
	}
	const forecast = `"tools": [{"type": "function", "function": {"name": "f", "description": "d", "strict": true, "parameters": {"type": "object", "properties": {"b": {}, "a": {}}}}}]`
	for _, c := range []struct {
		field, more string
		want        func(chat.Request) any
		is          any
	}{
		{"messages", "", func(r chat.Request) any { return talk(r) }, "user: What is it?"},
		{"temperature, not given", "", sampling(func(s chat.Sampling) any { return s.Temperature }), 0.15},
		{"temperature", `"temperature": 0`, sampling(func(s chat.Sampling) any { return s.Temperature }), 0},
		{"top_p", `"top_p": 0.5`, sampling(func(s chat.Sampling) any { return s.TopP }), 0.5},
		{"top_k", `"top_k": 3`, sampling(func(s chat.Sampling) any { return s.TopK }), 3},
		{"min_p", `"min_p": 0.1`, sampling(func(s chat.Sampling) any { return s.MinP }), 0.1},
		{"repetition_penalty", `"repetition_penalty": 1.1`, sampling(func(s chat.Sampling) any { return s.RepeatPenalty }), 1.1},
		{"presence_penalty", `"presence_penalty": 1`, sampling(func(s chat.Sampling) any { return s.PresencePenalty }), 1},
		{"frequency_penalty", `"frequency_penalty": -1`, sampling(func(s chat.Sampling) any { return s.FrequencyPenalty }), -1},
		{"logit_bias", `"logit_bias": {"7": 1}`, sampling(func(s chat.Sampling) any { return s.LogitBias }), map[int32]float64{7: 1}},
		{"seed", `"seed": 41`, sampling(func(s chat.Sampling) any { return s.Seed }), 41},
		{"seed of a second answer", `"seed": 41, "n": 2`, sampling(func(s chat.Sampling) any { return s.Seed }), 42},
		{"max_tokens, not given", "", func(r chat.Request) any { return r.MaxTokens }, 0},
		{"max_tokens of the card: as much as fits", `"max_tokens": 131072`, func(r chat.Request) any { return r.MaxTokens }, 131072},
		{"max_completion_tokens wins", `"max_tokens": 5, "max_completion_tokens": 6`, func(r chat.Request) any { return r.MaxTokens }, 6},
		{"stop, a text", `"stop": "x"`, func(r chat.Request) any { return r.Stop }, []string{"x"}},
		{"stop, a list", `"stop": ["x", "y"]`, func(r chat.Request) any { return r.Stop }, []string{"x", "y"}},
		{"logprobs", `"logprobs": true, "top_logprobs": 4`, func(r chat.Request) any { return r.Logprobs }, 4},
		{"tools", forecast, func(r chat.Request) any {
			return []any{r.Tools[0].Name, r.Tools[0].Description, string(r.Tools[0].Parameters)}
		}, []any{"f", "d", `{"type": "object", "properties": {"b": {}, "a": {}}}`}},
		{"strict", forecast, func(r chat.Request) any { return *r.Tools[0].Strict }, true},
		{"tool_choice auto", twoTools + `, "tool_choice": "auto"`, func(r chat.Request) any { return r.ToolChoice }, "auto"},
		{"tool_choice none", twoTools + `, "tool_choice": "none"`, func(r chat.Request) any { return r.ToolChoice }, "none"},
		{"tool_choice required", twoTools + `, "tool_choice": "required"`, func(r chat.Request) any { return r.ToolChoice }, "required"},
		{"tool_choice named", twoTools + `, "tool_choice": {"type": "function", "function": {"name": "time"}}`, func(r chat.Request) any {
			return []any{r.ToolChoice, r.ToolName}
		}, []any{"function", "time"}},
		{"parallel_tool_calls", twoTools + `, "parallel_tool_calls": false`, func(r chat.Request) any { return *r.ParallelToolCalls }, false},
		{"response_format json_object", `"response_format": {"type": "json_object"}`, func(r chat.Request) any { return string(r.Schema) }, `{"type": "object"}`},
		{"response_format json_schema", `"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"enum": [1]}}}`,
			func(r chat.Request) any { return string(r.Schema) }, `{"enum": [1]}`},
		{"continue_final_message", `"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}], "continue_final_message": true, "add_generation_prompt": false`,
			func(r chat.Request) any { return r.ContinueFinal }, true},
		{"a file is never named from outside", `"Resume": "/etc/passwd", "resume": "/etc/passwd"`, func(r chat.Request) any { return r.Resume }, ""},
	} {
		if got := c.want(reached(t, chatURL, hello(c.more))); fmt.Sprint(got) != fmt.Sprint(c.is) {
			t.Errorf("%s: %s became %v, want %v", c.field, c.more, got, c.is)
		}
	}
	if a, b := reached(t, chatURL, hello("")), reached(t, chatURL, hello("")); a.Sampling.Seed == b.Sampling.Seed {
		t.Error("two requests without a seed got the same one")
	}
}
