package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"sirocco/app/engine"
	"sirocco/model/chat"
)

const chatURL = "/v1/chat/completions"

const twoTools = `"tools": [{"type": "function", "function": {"name": "weather"}}, {"type": "function", "function": {"name": "time"}}]`

// A request, and what must stand in the reply.
func TestCompletions(t *testing.T) {
	for _, c := range []struct {
		name string
		play func(context.Context, *chat.Request, func(chat.Event)) error
		body string
		want map[string]any
	}{
		{"text", nil, hello(""), map[string]any{
			"object": "chat.completion", "model": "fake",
			"choices.0.index": 0.0, "choices.0.message.role": "assistant", "choices.0.message.content": "A red circle.",
			"choices.0.message.tool_calls": nil, "choices.0.finish_reason": "stop", "choices.0.stop_reason": nil, "choices.0.logprobs": nil,
			"usage.prompt_tokens": 7.0, "usage.completion_tokens": 4.0, "usage.total_tokens": 11.0, "usage.prompt_tokens_details.cached_tokens": 3.0,
		}},
		{"unknown fields are ignored", nil, hello(`"user": "x", "store": true, "service_tier": "auto", "include_stop_str_in_output": false, "my_own": {}`),
			map[string]any{"choices.0.finish_reason": "stop"}},
		{"null fields are absent", nil, hello(`"stop": null, "tools": null, "seed": null, "stream": null`), map[string]any{"choices.0.finish_reason": "stop"}},
		{"length", says(chat.FinishLength, "A"), hello(""), map[string]any{"choices.0.finish_reason": "length", "choices.0.stop_reason": nil}},
		{"repetition", says(chat.FinishRepetition, "A"), hello(""), map[string]any{"choices.0.finish_reason": "length", "choices.0.stop_reason": "repetition"}},
		{"cancelled", says(chat.FinishCancelled, "A"), hello(""), map[string]any{"choices.0.finish_reason": "length", "choices.0.stop_reason": "cancelled"}},
		{"n", nil, hello(`"n": 2`), map[string]any{
			"choices.0.index": 0.0, "choices.1.index": 1.0, "choices.1.message.content": "A red circle.",
			"usage.prompt_tokens": 7.0, "usage.completion_tokens": 8.0, "usage.total_tokens": 15.0,
		}},
		{"logprobs", nil, hello(`"logprobs": true, "top_logprobs": 2`), map[string]any{
			"choices.0.logprobs.content.0.token": "A", "choices.0.logprobs.content.0.logprob": -0.5,
			"choices.0.logprobs.content.3.token": "</s>", "choices.0.logprobs.content.3.bytes.0": float64('<'),
			"choices.0.logprobs.content.0.top_logprobs.1.token": "A", "choices.0.logprobs.content.0.top_logprobs.2": nil,
		}},
		{"logprobs without alternatives", nil, hello(`"logprobs": true`), map[string]any{
			"choices.0.logprobs.content.0.token": "A", "choices.0.logprobs.content.0.top_logprobs.0": nil,
		}},
		{"tool calls", calls, hello(twoTools), map[string]any{
			"choices.0.message.content": nil, "choices.0.finish_reason": "tool_calls",
			"choices.0.message.tool_calls.0.id": "AAAAAAAA0", "choices.0.message.tool_calls.0.type": "function",
			"choices.0.message.tool_calls.1.function.name":      "time",
			"choices.0.message.tool_calls.1.function.arguments": `{"city": "Rome"}`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ask(newServer(t, &fake{play: c.play}, Options{}), "POST", chatURL, c.body)
			if w.Code != http.StatusOK {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			for place, want := range c.want {
				if got := look(t, w.Body.Bytes(), place); got != want {
					t.Errorf("%s is %v, want %v", place, got, want)
				}
			}
		})
	}
}

// What the engine cannot enforce it refuses, and the client is told which field.
func TestEngineRefuses(t *testing.T) {
	engine := &fake{play: func(context.Context, *chat.Request, func(chat.Event)) error {
		return &chat.RequestError{Param: "response_format", Message: "the schema cannot be enforced exactly"}
	}}
	for _, more := range []string{`"stream": true`, `"stream": false`} {
		w := ask(newServer(t, engine, Options{}), "POST", chatURL, hello(more))
		if w.Code != 400 || look(t, w.Body.Bytes(), "error.param") != "response_format" {
			t.Errorf("%s: status %d: %s", more, w.Code, w.Body)
		}
	}
}

// Wrong requests are refused with the field's name, before the engine is asked.
func TestRefusals(t *testing.T) {
	many := strings.Repeat(`{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},`, 10_000)
	for _, c := range []struct {
		name, body string
		status     int
		param      any
		word       string // of the message
	}{
		{"no JSON", `{`, 400, nil, "JSON"},
		{"empty", ``, 400, nil, "JSON"},
		{"a list", `[]`, 400, nil, "object"},
		{"not UTF-8", "{\"a\": \"\xff\"}", 400, nil, "UTF-8"},
		{"no messages", `{"model": "fake"}`, 400, "messages", "messages"},
		{"messages empty", `{"messages": []}`, 400, "messages", "empty"},
		{"role", `{"messages": [{"role": "wizard", "content": "x"}]}`, 400, "messages[0].role", "wizard"},
		{"order of roles", `{"messages": [{"role": "user", "content": "x"}, {"role": "tool", "tool_call_id": "123456789", "content": "y"}]}`, 400, "messages[1].role", "tool"},
		{"temperature", hello(`"temperature": -1`), 400, "temperature", "-1"},
		{"temperature's type", hello(`"temperature": "hot"`), 400, "temperature", "hot"},
		{"top_p", hello(`"top_p": 1.5`), 400, "top_p", "top_p"},
		{"n", hello(`"n": 0`), 400, "n", "n is 0"},
		{"max_tokens", hello(`"max_tokens": -2`), 400, "max_tokens", "max_tokens"},
		{"stream", hello(`"stream": 1`), 400, "stream", "true or false"},
		{"top_logprobs alone", hello(`"top_logprobs": 3`), 400, "top_logprobs", "logprobs"},
		{"too many logprobs", hello(`"logprobs": true, "top_logprobs": 21`), 400, "top_logprobs", "20"},
		{"stop", hello(`"stop": 3`), 400, "stop", "string"},
		{"tool_choice", hello(`"tool_choice": "maybe"`), 400, "tool_choice", "maybe"},
		{"a named call without tool", hello(`"tool_choice": {"type": "function", "function": {"name": "time"}}`), 400, "tool_choice.function.name", "time"},
		{"file picture", picture("file:///etc/passwd"), 400, "messages[0].content[0].image_url.url", "data URL"},
		{"web picture", picture("https://example.org/x.png"), 400, "messages[0].content[0].image_url.url", "--allow-remote-images"},
		{"no picture", picture("data:image/png;base64,AAAA"), 400, "messages[0].content", "picture"},
		{"10,001 pictures", `{"messages": [{"role": "user", "content": [` + many + `{"type": "image_url", "image_url": {"url": ""}}]}]}`, 400, "messages", "10001 pictures"},
		{"depth", hello(`"x": ` + strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000)), 400, nil, "deep"},
		{"depth unclosed", strings.Repeat(`{"a":`, 1_000_000), 400, nil, "deep"},
		{"values", hello(`"x": [0` + strings.Repeat(",0", 1_000_001) + `]`), 400, nil, "values"},
		{"too long", `{"messages": [{"role": "user", "content": "` + strings.Repeat("word ", 9000) + `"}]}`, 400, "messages", "maximum context length is 8192 tokens"},
	} {
		t.Run(c.name, func(t *testing.T) {
			engine := &fake{}
			w := ask(newServer(t, engine, Options{}), "POST", chatURL, c.body)
			got := w.Body.Bytes()
			if w.Code != c.status {
				t.Fatalf("status %d, want %d: %.300s", w.Code, c.status, got)
			}
			if param := look(t, got, "error.param"); param != c.param {
				t.Errorf("param is %v, want %v: %s", param, c.param, got)
			}
			if message := fmt.Sprint(look(t, got, "error.message")); !strings.Contains(message, c.word) {
				t.Errorf("%q does not mention %q", message, c.word)
			}
			if kind := look(t, got, "error.type"); kind != "invalid_request_error" {
				t.Errorf("type is %v", kind)
			}
			if len(engine.heard) != 0 {
				t.Error("the engine was asked all the same")
			}
		})
	}
}

func picture(url string) string {
	return `{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "` + url + `"}}]}]}`
}

// Clients recognise an overflow by its code.
func TestContextLength(t *testing.T) {
	w := ask(newServer(t, &fake{context: 4}, Options{}), "POST", chatURL, hello(""))
	if code := look(t, w.Body.Bytes(), "error.code"); w.Code != 400 || code != "context_length_exceeded" {
		t.Errorf("status %d, code %v", w.Code, code)
	}
}

// A text-only model says so.
func TestBlindModel(t *testing.T) {
	w := ask(newServer(t, &fake{blind: true}, Options{}), "POST", chatURL, picture("data:image/png;base64,"+dot))
	if w.Code != 400 || !strings.Contains(w.Body.String(), "cannot see") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

// dot is a PNG of one pixel.
const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="

// A picture's bytes reach the engine as they were sent.
func TestPictureReachesEngine(t *testing.T) {
	engine := &fake{}
	if w := ask(newServer(t, engine, Options{}), "POST", chatURL, picture("data:image/png;base64,"+dot)); w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	if part := engine.last().Messages[0].Parts[0]; part.Image == nil || len(part.Image.Data) != 70 {
		t.Errorf("the engine got %+v", part)
	}
}

// OpenAI's ids of tool calls become nine characters for the model and come back
// as they were.
func TestForeignCallIDs(t *testing.T) {
	const theirs = "call_abcdefghijklmnop"
	history := `{"messages": [{"role": "user", "content": "x"},
		{"role": "assistant", "tool_calls": [{"id": "` + theirs + `", "type": "function", "function": {"name": "time", "arguments": "{}"}}]},
		{"role": "tool", "tool_call_id": "%s", "content": "noon"}], ` + twoTools + `}`
	engine := &fake{play: func(_ context.Context, request *chat.Request, say func(chat.Event)) error {
		call := chat.ToolCall{ID: request.Messages[2].ToolCallID, Name: "time", Arguments: "{}"} // the model repeats what it read
		say(end(chat.FinishToolCalls, "", 3, call))
		return nil
	}}
	s := newServer(t, engine, Options{})
	w := ask(s, "POST", chatURL, fmt.Sprintf(history, theirs))
	if got := look(t, w.Body.Bytes(), "choices.0.message.tool_calls.0.id"); got != theirs {
		t.Errorf("the id came back as %v: %s", got, w.Body)
	}
	if id := engine.last().Messages[1].ToolCalls[0].ID; len(id) != 9 {
		t.Errorf("the engine got the id %q", id)
	}
	w = ask(s, "POST", chatURL, fmt.Sprintf(history, "call_unknown"))
	if w.Code != 400 || !strings.Contains(w.Body.String(), "call_unknown") {
		t.Errorf("a result without its call: status %d: %s", w.Code, w.Body)
	}
}

// What goes wrong inside is told without details; the log has them.
func TestEngineFails(t *testing.T) {
	var log strings.Builder
	engine := &fake{play: func(context.Context, *chat.Request, func(chat.Event)) error {
		return errors.New("buffer at 0xdeadbeef in /home/me/model is lost")
	}}
	s := newServer(t, engine, Options{Log: &log})
	w := ask(s, "POST", chatURL, hello(""))
	if w.Code != 500 || strings.Contains(w.Body.String(), "/home") || look(t, w.Body.Bytes(), "error.type") != "server_error" {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "0xdeadbeef") {
		t.Errorf("the log has only %q", log.String())
	}
	engine.play = func(context.Context, *chat.Request, func(chat.Event)) error { panic("out of luck") }
	if w := ask(s, "POST", chatURL, hello("")); w.Code != 500 {
		t.Errorf("a panic gives status %d", w.Code)
	}
	engine.play = says(chat.FinishStop, "well again")
	if w := ask(s, "POST", chatURL, hello("")); w.Code != 200 {
		t.Errorf("after a panic the next request gets %d", w.Code)
	}
}

// An engine that dies in mid-answer is worth asking again.
func TestEngineDies(t *testing.T) {
	fake := &fake{play: func(context.Context, *chat.Request, func(chat.Event)) error {
		return &engine.Died{Reason: "signal: killed"}
	}}
	w := ask(newServer(t, fake, Options{}), "POST", chatURL, hello(""))
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || look(t, w.Body.Bytes(), "error.code") != "engine_restarts" {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

// The log never holds what was asked or answered.
func TestLogIsDiscreet(t *testing.T) {
	var log strings.Builder
	s := newServer(t, &fake{play: says(chat.FinishStop, "my secret answer")}, Options{Log: &log})
	ask(s, "POST", chatURL, strings.ReplaceAll(hello(""), "What is it?", "my secret question"))
	ask(s, "POST", chatURL, hello(`"temperature": "my secret number"`))
	ask(s, "POST", "/my/secret/address", "")
	if strings.Contains(log.String(), "secret") || strings.Count(log.String(), "\n") != 3 {
		t.Errorf("the log says %q", log.String())
	}
}

// full is a disk with no room left.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// A log that nobody can write to any more does not keep anybody from being answered.
func TestLogOnAFullDisk(t *testing.T) {
	s := newServer(t, &fake{}, Options{Log: full{}})
	for _, more := range []string{"", `"stream": true`, `"n": "x"`} {
		if w := ask(s, "POST", chatURL, hello(more)); w.Code != 200 && more != `"n": "x"` || w.Body.Len() == 0 {
			t.Errorf("%s: status %d: %s", more, w.Code, w.Body)
		}
	}
}

// All of it is JSON even where text is not UTF-8 or numbers are infinite.
func TestOddTokens(t *testing.T) {
	engine := &fake{play: func(_ context.Context, _ *chat.Request, say func(chat.Event)) error {
		e := tokenEvent(1000, "\xff<&>", 0)
		e.Token.Logprob = math.Inf(-1)
		say(e)
		say(end(chat.FinishStop, "\xff<&>", 1))
		return nil
	}}
	w := ask(newServer(t, engine, Options{}), "POST", chatURL, hello(`"logprobs": true`))
	if !json.Valid(w.Body.Bytes()) || look(t, w.Body.Bytes(), "choices.0.logprobs.content.0.logprob") != -9999.0 {
		t.Errorf("the reply is %s", w.Body)
	}
}
