package remote

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"sirocco/model/chat"
)

// Streams that a careful client reads all the same: each is what some server sends.
func TestStreamsOfManyServers(t *testing.T) {
	parts := `{"choices": [{"index": 0, "delta": {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": "Hello."}]}}]}`
	for name, c := range map[string]struct {
		lines  []string
		reason string
		notice string
	}{
		"no finish_reason":     {[]string{says("Hello."), "[DONE]"}, chat.FinishStop, ""},
		"empty data":           {[]string{"", says("Hello."), " ", ends("stop"), "[DONE]"}, chat.FinishStop, ""},
		"content in parts":     {[]string{parts, ends("stop"), "[DONE]"}, chat.FinishStop, ""},
		"content filter":       {[]string{says("Hello."), ends("content_filter"), "[DONE]"}, chat.FinishLength, "content filter"},
		"Google's filter":      {[]string{says("Hello."), ends("SAFETY"), "[DONE]"}, chat.FinishLength, "content filter"},
		"Mistral's limit":      {[]string{says("Hello."), ends("model_length"), "[DONE]"}, chat.FinishLength, ""},
		"capitals":             {[]string{says("Hello."), ends("STOP"), "[DONE]"}, chat.FinishStop, ""},
		"a word of theirs":     {[]string{says("Hello."), ends("eos_token"), "[DONE]"}, chat.FinishStop, ""},
		"a number":             {[]string{says("Hello."), `{"choices": [{"index": 0, "delta": {}, "finish_reason": 1}]}`, "[DONE]"}, chat.FinishStop, ""},
		"no JSON":              {[]string{"ping", says("Hello."), "keep-alive", ends("stop"), "[DONE]"}, chat.FinishStop, ""},
		"a ping":               {[]string{`{"type": "ping"}`, says("Hello."), ends("stop"), "[DONE]"}, chat.FinishStop, ""},
		"texts in parts":       {[]string{`{"choices": [{"delta": {"content": ["Hel", "lo."]}}]}`, ends("stop"), "[DONE]"}, chat.FinishStop, ""},
		"one part":             {[]string{`{"choices": [{"delta": {"content": {"type": "text", "text": "Hello."}}}]}`, ends("stop"), "[DONE]"}, chat.FinishStop, ""},
		"a refusal":            {[]string{`{"choices": [{"delta": {"content": null, "refusal": "Hello."}}]}`, ends("stop"), "[DONE]"}, chat.FinishStop, ""},
		"as a completion":      {[]string{`{"choices": [{"text": "Hello."}]}`, ends("stop"), "[DONE]"}, chat.FinishStop, ""},
		"floats":               {[]string{says("Hello."), `{"choices": [], "usage": {"prompt_tokens": 3.0, "completion_tokens": "2", "prompt_tokens_details": null}}`, ends("stop"), "[DONE]"}, chat.FinishStop, ""},
		"-Infinity":            {[]string{`{"choices": [{"delta": {"content": "Hello."}, "logprobs": {"content": [{"token": "Hello. NaN", "logprob": -Infinity, "top_logprobs": [{"token": "-Infinity\"", "logprob": NaN}]}]}}]}`, ends("stop"), "[DONE]"}, chat.FinishStop, ""},
		"ends with a count":    {[]string{says("Hello."), `{"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}`}, chat.FinishStop, ""},
		"ends with it all":     {[]string{says("Hel"), says("lo"), `{"object": "chat.completion", "choices": [{"message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}]}`}, chat.FinishStop, ""},
		"other shapes":         {[]string{`{"id": 5, "choices": [{"index": "0", "delta": {"content": "Hello.", "role": 1, "tool_calls": {}}, "logprobs": []}], "usage": []}`, ends("stop"), "[DONE]"}, chat.FinishStop, ""},
		"an empty error":       {[]string{`{"error": {}, "choices": [{"delta": {"content": "Hello."}}]}`, ends("stop"), "[DONE]"}, chat.FinishStop, ""},
		"broken by its reason": {[]string{says("Hello."), ends("insufficient_system_resource"), "[DONE]"}, chat.FinishCancelled, "insufficient_system_resource"},
	} {
		f := &fake{chat: streams(c.lines...)}
		o := must(t, answered(t.Context(), f.open(t), hello()))
		if o.text != "Hello." || o.done.FinishReason != c.reason || !strings.Contains(strings.Join(o.notices, " "), c.notice) {
			t.Errorf("%s: %q, reason %s, notices %q", name, o.text, o.done.FinishReason, o.notices)
		}
	}
}

// Silence after reasoning is said to be none.
func TestReasoningWithoutAnAnswer(t *testing.T) {
	for _, field := range []string{"reasoning", "reasoning_content"} {
		f := &fake{chat: streams(fmt.Sprintf(`{"choices": [{"index": 0, "delta": {%q: "Let me think"}}]}`, field), ends("length"), "[DONE]")}
		o := must(t, answered(t.Context(), f.open(t), hello()))
		if !strings.Contains(strings.Join(o.notices, " "), "reasoning") {
			t.Errorf("%s: notices %q", field, o.notices)
		}
	}
}

// Calls without id and index, and names in pieces, come out whole and once.
func TestCallsOfManyServers(t *testing.T) {
	for name, c := range map[string]struct {
		pieces []string
		want   string
	}{
		"neither id nor index": {[]string{`{"function": {"name": "f", "arguments": "{\"a\": 1}"}}`, `{"function": {"name": "get_weather", "arguments": "{}"}}`}, `f({"a": 1}) get_weather({})`},
		"name in pieces":       {[]string{`{"index": 0, "id": "a1", "function": {"name": "get_", "arguments": ""}}`, `{"index": 0, "function": {"name": "weather"}}`, `{"index": 0, "function": {"arguments": "{\"a\": 1}"}}`}, `get_weather({"a": 1})`},
		"name with every one":  {[]string{`{"index": 0, "id": "a1", "function": {"name": "f", "arguments": "{\"a\""}}`, `{"index": 0, "id": "a1", "function": {"name": "f", "arguments": ": 1}"}}`}, `f({"a": 1})`},
		"none has arguments":   {[]string{`{"function": {"name": "f", "arguments": ""}}`, `{"function": {"name": "get_weather", "arguments": ""}}`}, `f({}) get_weather({})`},
		"together":             {[]string{`{"function": {"name": "f", "arguments": ""}}, {"function": {"name": "f", "arguments": ""}}`}, `f({}) f({})`},
		"an index of text":     {[]string{`{"index": "0", "id": 7, "function": {"name": "f", "arguments": "{\"a\""}}`, `{"index": 0.0, "function": {"arguments": ": 1}"}}`}, `f({"a": 1})`},
		"nulls":                {[]string{`{"index": null, "id": null, "function": {"name": "f", "arguments": null}}`, `{"index": null, "id": null, "function": {"name": null, "arguments": "{\"a\": 1}"}}`}, `f({"a": 1})`},
		"no arguments at all":  {[]string{`{"index": 0, "id": "a1", "function": {"name": "other"}}`}, `other({})`},
	} {
		lines := []string{}
		for _, piece := range c.pieces {
			lines = append(lines, called(piece))
		}
		f := &fake{chat: streams(append(lines, ends("tool_calls"), "[DONE]")...)}
		o := must(t, answered(t.Context(), f.open(t), hello(withTool, func(r *chat.Request) {
			r.Tools = append(r.Tools, chat.Tool{Name: "get_weather", Parameters: json.RawMessage(`{}`)})
		})))
		var made, told []string
		for _, call := range o.done.ToolCalls {
			made = append(made, call.Name+"("+call.Arguments+")")
		}
		for _, event := range o.events {
			if event.Kind == chat.KindCall && event.Call.Name != "" {
				told = append(told, event.Call.Name)
			}
		}
		if got := strings.Join(made, " "); got != c.want || len(told) != len(made) {
			t.Errorf("%s: got %s, want %s; names told: %q", name, got, c.want, told)
		}
	}
}

// A stream may have any header, and an answer may come whole: as one object, or one a line.
func TestAnswersByTheirBeginning(t *testing.T) {
	whole := `{"choices": [{"message": {"content": "Hello."}, "finish_reason": "stop"}]}`
	for name, c := range map[string]struct{ kind, body string }{
		"a whole one as a stream": {"text/event-stream", whole},
		"without a header":        {"", "\n" + whole},
		"a line each":             {"application/x-ndjson", says("Hel") + "\n" + says("lo.") + "\n"},
		"a stream as JSON":        {"application/json", "\ufeffdata: " + says("Hello.") + "\n\ndata: [DONE]\n\n"},
		"a stream as text":        {"text/plain", ": hello\n\ndata:" + says("Hello.") + "\r\n\r\ndata: [DONE]" + "\r\n\r\n"},
		"an older call":           {"application/json", `{"choices": [{"message": {"content": "Hello.", "function_call": {"name": "f", "arguments": "{}"}}, "finish_reason": "function_call"}]}`},
	} {
		f := &fake{chat: func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header()["Content-Type"] = []string{c.kind}
			io.WriteString(w, c.body)
		}}
		o := answered(t.Context(), f.open(t), hello(withTool))
		if o.err != nil || o.text != "Hello." || (o.done.FinishReason == chat.FinishToolCalls) != (len(o.done.ToolCalls) > 0) || (len(o.done.ToolCalls) > 0) != (name == "an older call") {
			t.Errorf("%s: %q, %v", name, o.text, o.err)
		}
	}
}

// A single call without its list is a call, and a server that never closes is left.
func TestServersThatNeverClose(t *testing.T) {
	f := &fake{chat: func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "data: %s\n\ndata: %s\n\n", `{"choices": [{"delta": {"tool_calls": {"id": "a1", "function": {"name": "f", "arguments": "{}"}}}}]}`, ends("tool_calls"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}}
	e := f.open(t)
	e.lastWait = time.Millisecond
	o := must(t, answered(t.Context(), e, hello(withTool)))
	if len(o.done.ToolCalls) != 1 || o.done.ToolCalls[0].Name != "f" || o.done.FinishReason != chat.FinishToolCalls {
		t.Errorf("%+v", o.done)
	}
}

// A failure with status 200 never passes for an empty answer.
func TestFailuresWithStatus200(t *testing.T) {
	for body, word := range map[string]string{"": "nothing", `{"code": 500, "msg": "404 NOT_FOUND", "success": false}`: "404 NOT_FOUND"} {
		f := &fake{chat: func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, body)
		}}
		if o := answered(t.Context(), f.open(t), hello()); o.err == nil || !strings.Contains(o.err.Error(), word) {
			t.Errorf("%q: got %v", body, o.err)
		}
	}
}

// A server without a list of models is asked for the one that was named; where none is
// named, one that talks comes before one that embeds.
func TestServersAndTheirLists(t *testing.T) {
	f := &fake{models: `{"object": "list", "data": []}`, chat: streams(says("Hi."), ends("stop"), "[DONE]")}
	e := f.open(t, func(o *Options) { o.Model = "mine" })
	if e.About().Model.Name != "mine" || len(e.Notices()) != 1 {
		t.Errorf("about %+v, notices %q", e.About(), e.Notices())
	}
	must(t, answered(t.Context(), e, hello()))
	f = &fake{models: `{"object": "list", "data": [{"id": "text-embedding-3"}, {"id": "chat"}]}`}
	if e := f.open(t); e.About().Model.Name != "chat" || len(e.Models()) != 2 {
		t.Errorf("%s is asked, of %q", e.About().Model.Name, e.Models())
	}
}

// A server that still loads its model is waited for, longer than one that is busy.
func TestWaitsForAModelThatLoads(t *testing.T) {
	f := &fake{chat: func(w http.ResponseWriter, r *http.Request, attempt int) {
		if attempt < 7 {
			refuses(503, "Loading model")(w, r, attempt)
			return
		}
		streams(says("Hello."), ends("stop"), "[DONE]")(w, r, attempt)
	}}
	if o := must(t, answered(t.Context(), f.open(t), hello())); o.text != "Hello." {
		t.Errorf("%q", o.text)
	}
}

// A page of a login, and an answer that ignores its schema, are named for what they are.
func TestAnswersThatAreNone(t *testing.T) {
	page := &fake{chat: func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<html>Log in</html>")
	}}
	if o := answered(t.Context(), page.open(t), hello()); o.err == nil || !strings.Contains(o.err.Error(), "another program") || len(page.bodies) != 1 {
		t.Errorf("got %v after %d requests", o.err, len(page.bodies))
	}
	for text, told := range map[string]bool{"Hello.": true, `{"a": 1}`: false} {
		f := &fake{chat: streams(says(text), ends("stop"), "[DONE]")}
		o := must(t, answered(t.Context(), f.open(t), hello(func(r *chat.Request) { r.Schema = json.RawMessage(`{"type": "object"}`) })))
		if got := strings.Contains(strings.Join(o.notices, " "), "ignored the JSON schema"); got != told {
			t.Errorf("%s: notices %q", text, o.notices)
		}
	}
}

// Addresses are taken as people paste them.
func TestPastedAddresses(t *testing.T) {
	for _, path := range []string{"", "/", "/v1", "/v1/", "/v1/models", "/v1/chat/completions", "/v1/chat/completions/", "/v1/responses", "/v1/messages", "/docs", "/health", "/#/chat", "/?", ",", "> "} {
		at, err := parseAddress(" <https://example.org/llm" + path)
		if err != nil || at.of("v1/models") != "https://example.org/llm/v1/models" {
			t.Errorf("%s: %s, %v", path, at.of("v1/models"), err)
		}
	}
	for typed, want := range map[string]string{"0.0.0.0:8000": "http://127.0.0.1:8000/v1/models", "[::]:8000": "http://[::1]:8000/v1/models", `"//box:1/"`: "http://box:1/v1/models"} {
		if at, err := parseAddress(typed); err != nil || at.of("v1/models") != want {
			t.Errorf("%s: %s, %v", typed, at.of("v1/models"), err)
		}
	}
}
