package serve

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sirocco/model/chat"
)

const responsesURL = "/v1/responses"

// What the fields of a request become for the engine.
func TestResponsesReachEngine(t *testing.T) {
	const weather = `"tools": [{"type": "function", "name": "weather", "description": "d", "parameters": {"type": "object"}, "strict": true}]`
	const user = `{"role": "user", "content": "?"}`
	shown := `{"type": "input_image", "image_url": "data:image/png;base64,` + dot + `"}`
	for _, c := range []struct {
		body string
		want func(chat.Request) any
		is   any
	}{
		{`"input": "Hello"`, func(r chat.Request) any { return talk(r) }, "user: Hello"},
		{`"input": "Hello", "instructions": "Be brief."`, func(r chat.Request) any { return talk(r) }, "system: Be brief. | user: Hello"},
		{`"input": [{"role": "developer", "content": "S"}, {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "a"}, ` + shown + `]}]`,
			func(r chat.Request) any { return talk(r) }, "system: S | user: a <70 bytes>"},
		{`"input": [` + user + `, {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [{"type": "output_text", "text": "Yes.", "annotations": []}]}, {"role": "user", "content": "Why?"}]`,
			func(r chat.Request) any { return talk(r) }, "user: ? | assistant: Yes. | user: Why?"},
		{`"input": [` + user + `, {"type": "reasoning", "summary": []}, {"role": "assistant", "content": "Let me see."},
			{"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": "{}"}, {"type": "function_call", "call_id": "call_2", "name": "weather", "arguments": "{\"a\":1}"},
			{"type": "function_call_output", "call_id": "call_1", "output": "sun"}, {"type": "function_call_output", "call_id": "call_2", "output": [{"type": "input_text", "text": "rain"}]}], ` + weather,
			func(r chat.Request) any { return talk(r) }, `user: ? | assistant: Let me see. weather({}) weather({"a":1}) | tool: sun | tool: rain`},
		{`"input": [` + user + `, {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"}, {"type": "function_call_output", "call_id": "c", "output": [` + shown + `]}]`,
			func(r chat.Request) any { return talk(r) }, "user: ? | assistant: look({}) | tool:  | user: <70 bytes>"},
		{`"input": "x", ` + weather, func(r chat.Request) any {
			return fmt.Sprint(r.Tools[0].Name, r.Tools[0].Description, string(r.Tools[0].Parameters), *r.Tools[0].Strict, r.ToolChoice)
		}, `weatherd{"type": "object"}trueauto`},
		{`"input": "x", "tool_choice": "required", ` + weather, func(r chat.Request) any { return r.ToolChoice }, "required"},
		{`"input": "x", "tool_choice": "none", ` + weather, func(r chat.Request) any { return r.ToolChoice }, "none"},
		{`"input": "x", "tool_choice": {"type": "function", "name": "weather"}, ` + weather, func(r chat.Request) any { return r.ToolChoice + r.ToolName }, "functionweather"},
		{`"input": "x", "parallel_tool_calls": false`, func(r chat.Request) any { return *r.ParallelToolCalls }, false},
		{`"input": "x", "max_output_tokens": 9`, func(r chat.Request) any { return r.MaxTokens }, 9},
		{`"input": "x"`, func(r chat.Request) any { return r.MaxTokens }, 0},
		{`"input": "x", "temperature": 1, "top_p": 0.5`, func(r chat.Request) any { return []any{r.Sampling.Temperature, r.Sampling.TopP} }, []any{1, 0.5}},
		{`"input": "x", "text": {"format": {"type": "json_schema", "name": "n", "schema": {"enum": [1]}, "strict": true}}`, func(r chat.Request) any { return string(r.Schema) }, `{"enum": [1]}`},
		{`"input": "x", "text": {"format": {"type": "json_object"}}`, func(r chat.Request) any { return string(r.Schema) }, `{"type": "object"}`},
		{`"input": "x", "text": {"format": {"type": "text"}, "verbosity": "low"}`, func(r chat.Request) any { return string(r.Schema) }, ``},
		{`"input": "x", "top_logprobs": 2`, func(r chat.Request) any { return r.Logprobs }, 2},
		{`"input": "x", "store": false, "background": false, "previous_response_id": null, "metadata": {"a": "b"}, "truncation": "auto", "reasoning": {"effort": "low"}, "user": "me"`,
			func(r chat.Request) any { return talk(r) }, "user: x"},
	} {
		if got := c.want(reached(t, responsesURL, `{`+c.body+`}`)); fmt.Sprint(got) != fmt.Sprint(c.is) {
			t.Errorf("%s became %v, want %v", c.body, got, c.is)
		}
	}
}

// A request, and what must stand in the reply.
func TestResponses(t *testing.T) {
	for _, c := range []struct {
		name string
		play func(context.Context, *chat.Request, func(chat.Event)) error
		more string
		want map[string]any
	}{
		{"text", nil, ``, map[string]any{
			"object": "response", "status": "completed", "model": "fake", "error": nil, "incomplete_details": nil, "store": true, "previous_response_id": nil,
			"output.0.type": "message", "output.0.role": "assistant", "output.0.status": "completed", "output.1": nil,
			"output.0.content.0.type": "output_text", "output.0.content.0.text": "A red circle.",
			"usage.input_tokens": 7.0, "usage.output_tokens": 4.0, "usage.total_tokens": 11.0, "usage.input_tokens_details.cached_tokens": 3.0,
			"temperature": 0.15, "top_p": 1.0, "tool_choice": "auto", "text.format.type": "text", "parallel_tool_calls": true,
		}},
		{"what was asked is repeated", nil, `, "instructions": "Be brief.", "metadata": {"a": "b"}, "temperature": 1, "max_output_tokens": 5, "tool_choice": "none", "parallel_tool_calls": false`, map[string]any{
			"instructions": "Be brief.", "metadata.a": "b", "temperature": 1.0, "max_output_tokens": 5.0, "tool_choice": "none", "parallel_tool_calls": false,
		}},
		{"length", says(chat.FinishLength, "A"), ``, map[string]any{
			"status": "incomplete", "incomplete_details.reason": "max_output_tokens", "output.0.status": "incomplete", "output.0.content.0.text": "A",
		}},
		{"calls", calls, ``, map[string]any{
			"status": "completed", "output.0.type": "function_call", "output.0.call_id": "AAAAAAAA0", "output.0.name": "weather",
			"output.1.name": "time", "output.1.arguments": `{"city": "Rome"}`, "output.1.status": "completed", "output.2": nil,
		}},
		{"log-probabilities", nil, `, "include": ["message.output_text.logprobs"], "top_logprobs": 1`, map[string]any{
			"output.0.content.0.logprobs.0.token": "A", "output.0.content.0.logprobs.0.top_logprobs.0.logprob": -0.5, "output.0.content.0.logprobs.3.token": "</s>",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ask(newServer(t, &fake{play: c.play}, Options{}), "POST", responsesURL, `{"input": "x"`+c.more+`}`)
			if w.Code != 200 {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			sees(t, w.Body.Bytes(), c.want)
		})
	}
}

// The events come in OpenAI's order, under its names, numbered.
func TestResponsesStream(t *testing.T) {
	stream := func(play func(context.Context, *chat.Request, func(chat.Event)) error, more string) ([]string, [][]byte) {
		w := ask(newServer(t, &fake{play: play}, Options{}), "POST", responsesURL, `{"input": "x", "stream": true`+more+`}`)
		names, events := reported(t, w.Body.String())
		for i, event := range events {
			if got := look(t, event, "sequence_number"); got != float64(i) {
				t.Errorf("event %d has the number %v", i, got)
			}
		}
		return names, events
	}
	short := func(names []string) string { return strings.ReplaceAll(strings.Join(names, " "), "response.", "") }

	names, events := stream(nil, ``)
	if want := "created in_progress output_item.added content_part.added output_text.delta output_text.delta output_text.delta output_text.done content_part.done output_item.done completed"; short(names) != want {
		t.Fatalf("events are %s, want %s", short(names), want)
	}
	id := look(t, events[2], "item.id")
	sees(t, events[0], map[string]any{"response.status": "in_progress", "response.usage": nil})
	sees(t, events[2], map[string]any{"output_index": 0.0, "item.type": "message", "item.status": "in_progress", "item.content.0": nil})
	sees(t, events[3], map[string]any{"item_id": id, "content_index": 0.0, "part.type": "output_text", "part.text": ""})
	sees(t, events[5], map[string]any{"item_id": id, "delta": " red", "output_index": 0.0, "content_index": 0.0})
	sees(t, events[7], map[string]any{"item_id": id, "text": "A red circle."})
	sees(t, events[8], map[string]any{"part.text": "A red circle."})
	sees(t, events[9], map[string]any{"item.status": "completed", "item.content.0.text": "A red circle."})
	sees(t, events[10], map[string]any{"response.status": "completed", "response.output.0.id": id, "response.usage.output_tokens": 4.0})

	names, events = stream(calls, ``)
	one := "output_item.added function_call_arguments.delta function_call_arguments.delta function_call_arguments.done output_item.done "
	if want := "created in_progress " + one + one + "completed"; short(names) != want {
		t.Fatalf("events are %s, want %s", short(names), want)
	}
	sees(t, events[2], map[string]any{"item.type": "function_call", "item.call_id": "AAAAAAAA0", "item.name": "weather", "item.arguments": ""})
	sees(t, events[3], map[string]any{"delta": `{"city": `, "output_index": 0.0})
	sees(t, events[5], map[string]any{"arguments": `{"city": "Rome"}`, "name": "weather"})
	sees(t, events[7], map[string]any{"output_index": 1.0, "item.name": "time"})

	names, events = stream(says(chat.FinishLength, "A"), `, "top_logprobs": 1`)
	sees(t, events[4], map[string]any{"delta": "A", "logprobs.0.token": "A"})
	if last := names[len(names)-1]; last != "response.incomplete" {
		t.Errorf("a short answer ends with %s", last)
	}

	names, events = stream(func(_ context.Context, _ *chat.Request, say func(chat.Event)) error {
		say(chat.Event{Kind: chat.KindText, Text: "A red"})
		return errors.New("device lost at 0xdeadbeef")
	}, ``)
	last := events[len(events)-1]
	if names[len(names)-1] != "response.failed" || strings.Contains(string(last), "0xdead") {
		t.Errorf("after a fault: %s", last)
	}
	sees(t, last, map[string]any{"response.status": "failed", "response.error.code": "server_error", "response.output.0.content.0.text": "A red"})
}

func TestResponsesRefusals(t *testing.T) {
	many := strings.Repeat(`{"type": "input_image", "image_url": "data:image/png;base64,AAAA"},`, 10_000)
	refuses(t, responsesURL, []refusal{
		{"no input", `{}`, "input", "missing"},
		{"input", `{"input": 3}`, "input", "3"},
		{"an item", `{"input": ["x"]}`, "input[0]", "object"},
		{"item's type", `{"input": [{"type": "web_surf"}]}`, "input[0].type", "web_surf"},
		{"role", `{"input": [{"role": "wizard", "content": "x"}]}`, "input[0].role", "wizard"},
		{"part", `{"input": [{"role": "user", "content": [{"type": "input_audio"}]}]}`, "input[0].content[0].type", "pictures only"},
		{"file", `{"input": [{"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}]}`, "input[0].content[0].file_id", "keeps no files"},
		{"web picture", `{"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "https://example.org/x.png"}]}]}`, "input[0].content[0].image_url", "--allow-remote-images"},
		{"call without id", `{"input": [{"role": "user", "content": "x"}, {"type": "function_call", "name": "f", "arguments": "{}"}]}`, "input[1].call_id", "missing"},
		{"result without call", `{"instructions": "S", "input": [{"role": "user", "content": "x"}, {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"}, {"type": "function_call_output", "call_id": "call_other", "output": "x"}]}`, "input[2].tool_call_id", "call_other"},
		{"reference", `{"input": [{"type": "item_reference", "id": "x"}]}`, "input", "not remembered"},
		{"previous_response_id", `{"input": "x", "previous_response_id": "resp_1"}`, "previous_response_id", "whole conversation"},
		{"conversation", `{"input": "x", "conversation": "c"}`, "conversation", "keeps nothing"},
		{"background", `{"input": "x", "background": true}`, "background", "keeps nothing"},
		{"prompt", `{"input": "x", "prompt": {"id": "p"}}`, "prompt", "keeps nothing"},
		{"tool of OpenAI's", `{"input": "x", "tools": [{"type": "web_search"}], "tool_choice": {"type": "web_search"}}`, "tool_choice.type", "web_search"},
		{"nameless tool", `{"input": "x", "tools": [{"type": "function"}]}`, "tools[0].name", "missing"},
		{"tool_choice", `{"input": "x", "tool_choice": {"type": "allowed_tools"}}`, "tool_choice.tools", "list of tools"},
		{"named without tool", `{"input": "x", "tool_choice": {"type": "function", "name": "f"}}`, "tool_choice.name", "no tool"},
		{"max_output_tokens", `{"input": "x", "max_output_tokens": -2}`, "max_output_tokens", "-2"},
		{"temperature", `{"input": "x", "temperature": 3}`, "temperature", "3"},
		{"text", `{"input": "x", "text": "json"}`, "text", "json"},
		{"format", `{"input": "x", "text": {"format": {"type": "xml"}}}`, "text.format.type", "xml"},
		{"schema", `{"input": "x", "text": {"format": {"type": "json_schema", "schema": 5}}}`, "text.format.schema", "5"},
		{"top_logprobs", `{"input": "x", "top_logprobs": 21}`, "top_logprobs", "21"},
		{"include", `{"input": "x", "include": "x"}`, "include", "list"},
		{"10,001 pictures", `{"input": [{"role": "user", "content": [` + many + `{"type": "input_image"}]}]}`, "input", "10001 pictures"},
		{"too long", `{"input": "` + strings.Repeat("word ", 9000) + `"}`, "input", "maximum context length"},
	})
}
