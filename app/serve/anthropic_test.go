package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sirocco/model/chat"
)

const anthropicURL = "/v1/messages"

// asks is a request of Anthropic's clients with more fields.
func asks(more string) string {
	return `{"model": "m", "max_tokens": 50, "messages": [{"role": "user", "content": "What is it?"}]` + more + `}`
}

// What the fields of Anthropic's requests become for the engine.
func TestMessagesReachEngine(t *testing.T) {
	const weather = `, "tools": [{"name": "weather", "description": "d", "input_schema": {"type": "object"}, "cache_control": {"type": "ephemeral"}}]`
	shown := `{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "` + dot + `"}}`
	conversation := func(messages string) string { return `{"max_tokens": 5, "messages": [` + messages + `]}` }
	for _, c := range []struct {
		body string
		want func(chat.Request) any
		is   any
	}{
		{asks(``), func(r chat.Request) any { return talk(r) }, "user: What is it?"},
		{asks(`, "system": "Be brief."`), func(r chat.Request) any { return talk(r) }, "system: Be brief. | user: What is it?"},
		{asks(`, "system": [{"type": "text", "text": "Be", "cache_control": {"type": "ephemeral"}}, {"type": "text", "text": "brief."}]`), func(r chat.Request) any { return talk(r) }, "system: Be brief. | user: What is it?"},
		{conversation(`{"role": "user", "content": [` + shown + `, {"type": "text", "text": "What is it?"}]}`), func(r chat.Request) any { return talk(r) }, "user: <70 bytes> What is it?"},
		{conversation(`{"role": "user", "content": "?"}, {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "text", "text": "I look."}, {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Rome"}}, {"type": "tool_use", "id": "toolu_2", "name": "time", "input": {}}]},
			{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "sun"}, {"type": "tool_result", "tool_use_id": "toolu_2", "is_error": true}, {"type": "text", "text": "And?"}]}`),
			func(r chat.Request) any { return talk(r) }, `user: ? | assistant: I look. weather({"city": "Rome"}) time({}) | tool: sun | tool:  | user: And?`},
		{conversation(`{"role": "user", "content": "?"}, {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "look", "input": {}}]},
			{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": "seen"}, ` + shown + `]}, {"type": "text", "text": "And?"}]}`),
			func(r chat.Request) any { return talk(r) }, `user: ? | assistant: look({}) | tool: seen | user: <70 bytes> And?`},
		{conversation(`{"role": "user", "content": "?"}, {"role": "assistant", "content": "It is"}`), func(r chat.Request) any { return fmt.Sprint(talk(r), r.ContinueFinal) }, `user: ? | assistant: It istrue`},
		{asks(weather), func(r chat.Request) any {
			return r.Tools[0].Name + r.Tools[0].Description + string(r.Tools[0].Parameters) + r.ToolChoice
		}, `weatherd{"type": "object"}auto`},
		{asks(weather + `, "tool_choice": {"type": "auto", "disable_parallel_tool_use": true}`), func(r chat.Request) any { return fmt.Sprint(r.ToolChoice, *r.ParallelToolCalls) }, "autofalse"},
		{asks(weather + `, "tool_choice": {"type": "any"}`), func(r chat.Request) any { return r.ToolChoice }, "required"},
		{asks(weather + `, "tool_choice": {"type": "none"}`), func(r chat.Request) any { return r.ToolChoice }, "none"},
		{asks(weather + `, "tool_choice": {"type": "tool", "name": "weather"}`), func(r chat.Request) any { return r.ToolChoice + r.ToolName }, "functionweather"},
		{asks(`, "stop_sequences": ["a", "b"]`), func(r chat.Request) any { return r.Stop }, []string{"a", "b"}},
		{asks(``), func(r chat.Request) any { return r.MaxTokens }, 50},
		{asks(``), func(r chat.Request) any { return r.Sampling.Temperature }, 0.15},
		{asks(`, "temperature": 1, "top_p": 0.5, "top_k": 3`), func(r chat.Request) any { return []any{r.Sampling.Temperature, r.Sampling.TopP, r.Sampling.TopK} }, []any{1, 0.5, 3}},
		{asks(`, "output_config": {"format": {"type": "json_schema", "schema": {"enum": [1]}}}`), func(r chat.Request) any { return string(r.Schema) }, `{"enum": [1]}`},
		{asks(`, "output_format": {"type": "json_schema", "schema": {"enum": [1]}}`), func(r chat.Request) any { return string(r.Schema) }, `{"enum": [1]}`},
		{asks(`, "metadata": {"user_id": "me"}, "thinking": {"type": "disabled"}, "service_tier": "auto"`), func(r chat.Request) any { return talk(r) }, "user: What is it?"},
	} {
		if got := c.want(reached(t, anthropicURL, c.body)); fmt.Sprint(got) != fmt.Sprint(c.is) {
			t.Errorf("%s became %v, want %v", c.body, got, c.is)
		}
	}
}

// A request, and what must stand in the reply.
func TestMessages(t *testing.T) {
	stopped := func(_ context.Context, _ *chat.Request, say func(chat.Event)) error {
		say(chat.Event{Kind: chat.KindText, Text: "A red"})
		e := end(chat.FinishStop, "A red", 2)
		e.Done.StopSequence = " circle"
		say(e)
		return nil
	}
	cut := func(_ context.Context, _ *chat.Request, say func(chat.Event)) error {
		say(chat.Event{Kind: chat.KindCall, Call: &chat.CallDelta{ID: "AAAAAAAA0", Name: "weather", Arguments: `{"city": "Ro`}})
		say(end(chat.FinishLength, "", 2))
		return nil
	}
	for _, c := range []struct {
		name string
		play func(context.Context, *chat.Request, func(chat.Event)) error
		want map[string]any
	}{
		{"text", nil, map[string]any{
			"type": "message", "role": "assistant", "model": "fake", "content.0.type": "text", "content.0.text": "A red circle.", "content.1": nil,
			"stop_reason": "end_turn", "stop_sequence": nil, "usage.input_tokens": 4.0, "usage.cache_read_input_tokens": 3.0, "usage.output_tokens": 4.0,
		}},
		{"calls", calls, map[string]any{
			"stop_reason": "tool_use", "content.0.type": "tool_use", "content.0.id": "AAAAAAAA0", "content.0.name": "weather",
			"content.0.input.city": "Rome", "content.1.name": "time", "content.2": nil,
		}},
		{"length", says(chat.FinishLength, "A"), map[string]any{"stop_reason": "max_tokens"}},
		{"repetition", says(chat.FinishRepetition, "A"), map[string]any{"stop_reason": "max_tokens"}},
		{"stop sequence", stopped, map[string]any{"stop_reason": "stop_sequence", "stop_sequence": " circle"}},
		{"a call cut off", cut, map[string]any{"stop_reason": "max_tokens", "content.0.type": "tool_use", "content.0.input.city": nil}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ask(newServer(t, &fake{play: c.play}, Options{}), "POST", anthropicURL, asks(``))
			if w.Code != 200 {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			sees(t, w.Body.Bytes(), c.want)
		})
	}
}

// The events come in Anthropic's order, under its names.
func TestMessagesStream(t *testing.T) {
	stream := func(play func(context.Context, *chat.Request, func(chat.Event)) error) ([]string, [][]byte) {
		w := ask(newServer(t, &fake{play: play}, Options{}), "POST", anthropicURL, asks(`, "stream": true`))
		return reported(t, w.Body.String())
	}
	short := func(names []string) string {
		return strings.ReplaceAll(strings.Join(names, " "), "content_block", "block")
	}
	names, events := stream(nil)
	if want := "message_start block_start block_delta block_delta block_delta block_stop message_delta message_stop"; short(names) != want {
		t.Fatalf("events are %s, want %s", short(names), want)
	}
	sees(t, events[0], map[string]any{"message.type": "message", "message.content.0": nil, "message.stop_reason": nil, "message.usage.input_tokens": 7.0})
	sees(t, events[1], map[string]any{"index": 0.0, "content_block.type": "text", "content_block.text": ""})
	sees(t, events[3], map[string]any{"index": 0.0, "delta.type": "text_delta", "delta.text": " red"})
	sees(t, events[6], map[string]any{"delta.stop_reason": "end_turn", "delta.stop_sequence": nil, "usage.output_tokens": 4.0})
	if got := without(t, events[7]); got != `{"type":"message_stop"}` {
		t.Errorf("the last event is %s", got)
	}

	names, events = stream(func(ctx context.Context, r *chat.Request, say func(chat.Event)) error {
		say(chat.Event{Kind: chat.KindText, Text: "I look."})
		return calls(ctx, r, say)
	})
	tool := "block_start block_delta block_delta block_stop "
	if want := "message_start block_start block_delta block_stop " + tool + tool + "message_delta message_stop"; short(names) != want {
		t.Fatalf("events are %s, want %s", short(names), want)
	}
	sees(t, events[4], map[string]any{"index": 1.0, "content_block.type": "tool_use", "content_block.id": "AAAAAAAA0", "content_block.name": "weather"})
	sees(t, events[5], map[string]any{"index": 1.0, "delta.type": "input_json_delta", "delta.partial_json": `{"city": `})
	sees(t, events[8], map[string]any{"index": 2.0, "content_block.name": "time"})
	sees(t, events[12], map[string]any{"delta.stop_reason": "tool_use"})

	names, events = stream(func(_ context.Context, _ *chat.Request, say func(chat.Event)) error {
		say(chat.Event{Kind: chat.KindText, Text: "A red"})
		return errors.New("device lost at 0xdeadbeef")
	})
	last := events[len(events)-1]
	if names[len(names)-1] != "error" || look(t, last, "error.type") != "api_error" || strings.Contains(string(last), "0xdead") {
		t.Errorf("after a fault: %s", last)
	}
}

func TestMessagesRefusals(t *testing.T) {
	user := func(block string) string {
		return `{"max_tokens": 5, "messages": [{"role": "user", "content": [` + block + `]}]}`
	}
	many := strings.Repeat(`{"type": "image"},`, 10_000)
	refuses(t, anthropicURL, []refusal{
		{"no messages", `{"max_tokens": 5}`, "messages", "missing"},
		{"empty", `{"max_tokens": 5, "messages": []}`, "messages", "empty"},
		{"no limit", `{"messages": [{"role": "user", "content": "x"}]}`, "max_tokens", "missing"},
		{"limit", `{"max_tokens": -2, "messages": [{"role": "user", "content": "x"}]}`, "max_tokens", "-2"},
		{"role", `{"max_tokens": 5, "messages": [{"role": "tool", "content": "x"}]}`, "messages[0].role", "user, assistant or system"},
		{"ends in a call", `{"max_tokens": 5, "messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": {}}]}]}`, "messages", "tool_result"},
		{"content", `{"max_tokens": 5, "messages": [{"role": "user", "content": 3}]}`, "messages[0].content", "3"},
		{"block", user(`"x"`), "messages[0].content[0]", "object"},
		{"block's type", user(`{"type": "video"}`), "messages[0].content[0].type", "video"},
		{"source", user(`{"type": "image", "source": {"type": "file", "file_id": "f"}}`), "messages[0].content[0].source.type", "file"},
		{"web picture", user(`{"type": "image", "source": {"type": "url", "url": "https://example.org/x.png"}}`), "messages[0].content[0].source.url", "--allow-remote-images"},
		{"no picture", user(`{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}`), "messages[0].content", "picture"},
		{"result without call", user(`{"type": "tool_result", "tool_use_id": "toolu_x", "content": "y"}`), "messages[0].content[0].role", "tool"},
		{"input", `{"max_tokens": 5, "messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": "{}"}]}]}`, "messages[1].content[0].input", "object"},
		{"system", asks(`, "system": 3`), "system", "3"},
		{"server tool", asks(`, "tools": [{"type": "web_search_20250305", "name": "web_search"}], "tool_choice": {"type": "any"}`), "tool_choice.type", "web_search"},
		{"tool_choice", asks(`, "tool_choice": "auto"`), "tool_choice", "object"},
		{"choice's type", asks(`, "tool_choice": {"type": "some"}`), "tool_choice.type", "some"},
		{"any without tools", asks(`, "tool_choice": {"type": "any"}`), "tool_choice.type", "no tools"},
		{"named without tool", asks(`, "tool_choice": {"type": "tool", "name": "f"}`), "tool_choice.name", "no tool"},
		{"stop_sequences", asks(`, "stop_sequences": [""]`), "stop_sequences", "not empty"},
		{"format", asks(`, "output_config": {"format": {"type": "xml"}}`), "output_config.format.type", "xml"},
		{"temperature", asks(`, "temperature": -1`), "temperature", "-1"},
		{"10,001 pictures", user(many + `{"type": "image"}`), "", "10001 pictures"},
		{"too long", strings.Replace(asks(``), "What is it?", strings.Repeat("word ", 9000), 1), "", "prompt is too long"},
	})
}

// Errors of every layer have Anthropic's shape on its routes, and its clients' key
// header opens.
func TestMessagesErrors(t *testing.T) {
	s := newServer(t, &fake{play: func(context.Context, *chat.Request, func(chat.Event)) error { return errors.New("no device") }}, Options{Keys: []string{"k"}})
	for _, c := range []struct {
		body    string
		headers []string
		status  int
		kind    string
	}{
		{asks(``), nil, 401, "authentication_error"},
		{asks(``), []string{"X-Api-Key", "wrong"}, 401, "authentication_error"},
		{asks(``), []string{"X-Api-Key", "k", "Origin", "https://evil.example"}, 403, "permission_error"},
		{asks(``), []string{"X-Api-Key", "k", "Host", "evil.example"}, 421, "invalid_request_error"},
		{`{`, []string{"X-Api-Key", "k"}, 400, "invalid_request_error"},
		{asks(``), []string{"X-Api-Key", "k"}, 500, "api_error"},
		{asks(`, "stream": true`), []string{"Authorization", "Bearer k"}, 500, "api_error"},
	} {
		w := ask(s, "POST", anthropicURL, c.body, c.headers...)
		got := w.Body.Bytes()
		if w.Code != c.status || look(t, got, "type") != "error" || look(t, got, "error.type") != c.kind || look(t, got, "error.message") == nil {
			t.Errorf("%v: status %d: %s", c.headers, w.Code, got)
		}
	}
	if w := ask(s, "GET", anthropicURL, "", "X-Api-Key", "k"); w.Code != 405 || look(t, w.Body.Bytes(), "type") != "error" {
		t.Errorf("GET: status %d: %s", w.Code, w.Body)
	}
}

// The count is that of the prompt as the engine would be given it.
func TestCountTokens(t *testing.T) {
	engine := &fake{context: 20}
	s := newServer(t, engine, Options{})
	count := func(body string) float64 {
		t.Helper()
		w := ask(s, "POST", anthropicURL+"/count_tokens", body)
		if w.Code != http.StatusOK {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		return look(t, w.Body.Bytes(), "input_tokens").(float64)
	}
	plain := count(`{"messages": [{"role": "user", "content": "Hello"}]}`)
	if w := ask(s, "POST", "/tokenize", `{"messages": [{"role": "user", "content": "Hello"}]}`); look(t, w.Body.Bytes(), "count") != plain {
		t.Errorf("counted %v, tokenized to %s", plain, w.Body)
	}
	seen := count(`{"messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "` + dot + `"}}, {"type": "text", "text": "Hello"}]}]}`)
	if seen != plain+2 { // one patch and the end
		t.Errorf("with a picture of one patch: %v tokens, without: %v", seen, plain)
	}
	if long := count(`{"messages": [{"role": "user", "content": "` + strings.Repeat("word ", 100) + `"}]}`); long < 100 {
		t.Errorf("what does not fit was counted as %v", long)
	}
	if w := ask(s, "POST", anthropicURL+"/count_tokens", `{"messages": 3}`); w.Code != 400 || look(t, w.Body.Bytes(), "type") != "error" {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if len(engine.heard) != 0 {
		t.Error("counting asked the engine")
	}
}
