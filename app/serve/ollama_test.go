package serve

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"sirocco/model/chat"
)

func jsonLines(t *testing.T, body string) (lines []map[string]any) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(body), "\n") {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		lines = append(lines, v)
	}
	return lines
}

// Ollama's clients get lines of JSON unless they say otherwise.
func TestOllamaChat(t *testing.T) {
	const question = `"model": "fake:latest", "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is it?"}]`
	w := ask(newServer(t, &fake{}, Options{}), "POST", "/api/chat", `{`+question+`}`)
	if kind := w.Header().Get("Content-Type"); kind != "application/x-ndjson" {
		t.Errorf("the stream is %q", kind)
	}
	lines := jsonLines(t, w.Body.String())
	text := ""
	for _, line := range lines {
		text += line["message"].(map[string]any)["content"].(string)
	}
	last := lines[len(lines)-1]
	if text != "A red circle." || last["done"] != true || last["done_reason"] != "stop" || last["eval_count"] != 4.0 || last["prompt_eval_count"] != 7.0 {
		t.Errorf("%q, then %v", text, last)
	}
	w = ask(newServer(t, &fake{}, Options{}), "POST", "/api/chat", `{`+question+`, "stream": false}`)
	sees(t, w.Body.Bytes(), map[string]any{"message.content": "A red circle.", "message.role": "assistant", "done": true, "model": "fake", "response": nil})

	w = ask(newServer(t, &fake{}, Options{}), "POST", "/api/generate", `{"prompt": "What is it?", "system": "Be brief.", "stream": false}`)
	sees(t, w.Body.Bytes(), map[string]any{"response": "A red circle.", "done": true, "message": nil})
}

// Options, formats and pictures mean what they mean in a chat completion.
func TestOllamaFields(t *testing.T) {
	data, err := os.ReadFile("../../assets/samples/shapes.png")
	if err != nil {
		t.Fatal(err)
	}
	picture := base64.StdEncoding.EncodeToString(data)
	engine := &fake{}
	s := newServer(t, engine, Options{})
	w := ask(s, "POST", "/api/chat", `{"messages": [{"role": "user", "content": "What is it?", "images": ["`+picture+`"]}], "format": {"type": "object"}, "keep_alive": "5m",
		"options": {"temperature": 3.5, "num_predict": -2, "top_k": 5, "repeat_penalty": 1.1, "seed": 4, "stop": ["x"], "num_ctx": 65536, "mirostat": 1}, "stream": false}`)
	if w.Code != 200 || !strings.Contains(w.Header().Get(noticeHeader), "num_ctx is 65536") {
		t.Fatalf("status %d, notices %q: %s", w.Code, w.Header()[noticeHeader], w.Body)
	}
	got := engine.last()
	p := got.Messages[0].Parts
	if len(p) != 2 || p[0].Image == nil || p[1].Text != "What is it?" || got.MaxTokens != 0 || got.Sampling.Temperature != 2 || got.Sampling.TopK != 5 ||
		got.Sampling.RepeatPenalty != 1.1 || got.Sampling.Seed != 4 || got.Stop[0] != "x" || string(got.Schema) == "" {
		t.Errorf("%+v", got)
	}
	ask(s, "POST", "/api/generate", `{"prompt": "1, 2, 3", "raw": true, "options": {"num_predict": 4}}`)
	if got := engine.last(); len(got.Prompt) == 0 || got.MaxTokens != 4 {
		t.Errorf("a raw prompt: %+v", got)
	}
}

// Calls come whole, with arguments as an object, and find their way back without ids.
func TestOllamaTools(t *testing.T) {
	const tools = `"tools": [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}, {"type": "function", "function": {"name": "time", "parameters": {"type": "object"}}}]`
	w := ask(newServer(t, &fake{play: calls}, Options{}), "POST", "/api/chat", `{"messages": [{"role": "user", "content": "Weather and time?"}], `+tools+`}`)
	lines := jsonLines(t, w.Body.String())
	made := lines[0]["message"].(map[string]any)["tool_calls"].([]any)
	first := made[0].(map[string]any)["function"].(map[string]any)
	if len(made) != 2 || first["name"] != "weather" || first["arguments"].(map[string]any)["city"] != "Rome" || lines[len(lines)-1]["done_reason"] != "stop" {
		t.Fatalf("%v", lines)
	}
	history, _ := json.Marshal(lines[0]["message"])
	engine := &fake{}
	w = ask(newServer(t, engine, Options{}), "POST", "/api/chat", `{"messages": [{"role": "user", "content": "Weather and time?"}, `+string(history)+`,
		{"role": "tool", "tool_name": "time", "content": "noon"}, {"role": "tool", "tool_name": "weather", "content": "mild"}], `+tools+`, "stream": false}`)
	if w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	m := engine.last().Messages
	if len(m) != 4 || m[1].ToolCalls[0].ID != m[3].ToolCallID || m[1].ToolCalls[1].ID != m[2].ToolCallID || m[1].ToolCalls[0].ID == m[1].ToolCalls[1].ID {
		t.Errorf("%+v", m)
	}
}

// What clients look at before they ask, and what is refused.
func TestOllamaRoutes(t *testing.T) {
	s := newServer(t, &fake{}, Options{})
	for _, c := range []struct {
		method, path, body string
		status             int
		want               map[string]any
	}{
		{"GET", "/api/version", "", 200, map[string]any{"version": ollamaVersion}},
		{"GET", "/api/tags", "", 200, map[string]any{"models.0.name": "fake", "models.0.details.family": family}},
		{"GET", "/api/ps", "", 200, map[string]any{"models.0.model": "fake", "models.0.context_length": 8192.0}},
		{"POST", "/api/show", `{"model": "fake:latest"}`, 200, map[string]any{"capabilities.2": "vision", "model_info.mistral3.context_length": nil}},
		{"POST", "/api/show", `{"name": "llama3"}`, 404, nil},
		{"POST", "/api/chat", `{"model": "fake"}`, 200, map[string]any{"done_reason": "load", "done": true}},
		{"POST", "/api/generate", `{"model": "fake", "keep_alive": 0}`, 200, map[string]any{"done_reason": "load", "response": ""}},
		{"POST", "/api/chat", `{"messages": [{"role": "robot", "content": "x"}]}`, 400, nil},
		{"POST", "/api/chat", `{"messages": [{"role": "user", "content": "x"}], "format": 3}`, 400, nil},
		{"POST", "/api/chat", `{"messages": [{"role": "user", "content": "x", "images": ["AAAA"]}]}`, 400, nil},
		{"POST", "/api/generate", `{"prompt": "x", "suffix": "y"}`, 400, nil},
		{"POST", "/api/pull", `{"model": "x"}`, 501, nil},
		{"POST", "/api/embed", `{"input": "x"}`, 501, nil},
		{"DELETE", "/api/delete", `{"model": "x"}`, 501, nil},
	} {
		w := ask(s, c.method, c.path, c.body)
		if w.Code != c.status {
			t.Errorf("%s %s %s: status %d: %s", c.method, c.path, c.body, w.Code, w.Body)
			continue
		}
		if c.status >= 400 {
			if sentence, ok := look(t, w.Body.Bytes(), "error").(string); !ok || sentence == "" {
				t.Errorf("%s %s: %s", c.method, c.path, w.Body)
			}
			continue
		}
		sees(t, w.Body.Bytes(), c.want)
	}
	if w := ask(s, "HEAD", "/", ""); w.Code != http.StatusOK {
		t.Errorf("HEAD /: status %d", w.Code)
	}
}

// No tokens may be asked for: the prompt is read, and kept for what follows.
func TestNoTokens(t *testing.T) {
	for path, c := range map[string]struct {
		body string
		want map[string]any
	}{
		chatURL:         {hello(`"max_tokens": 0`), map[string]any{"choices.0.message.content": "", "choices.0.finish_reason": "length", "usage.completion_tokens": 0.0}},
		"/v1/responses": {`{"input": "x", "max_output_tokens": 0}`, map[string]any{"status": "incomplete", "usage.output_tokens": 0.0}},
		"/v1/messages":  {`{"max_tokens": 0, "messages": [{"role": "user", "content": "x"}]}`, map[string]any{"stop_reason": "max_tokens", "usage.output_tokens": 0.0}},
		textURL:         {`{"prompt": "x", "max_tokens": 0}`, map[string]any{"choices.0.text": "", "choices.0.finish_reason": "length", "usage.completion_tokens": 0.0}},
	} {
		engine := &fake{}
		w := ask(newServer(t, engine, Options{}), "POST", path, c.body)
		if w.Code != 200 {
			t.Fatalf("%s: status %d: %s", path, w.Code, w.Body)
		}
		sees(t, w.Body.Bytes(), c.want)
		if got := engine.last().MaxTokens; got != 1 {
			t.Errorf("%s: the engine was asked for %d tokens", path, got)
		}
	}
}

// Calls and results in the form they had before tools are part of many histories.
func TestFunctionRole(t *testing.T) {
	engine := &fake{}
	w := ask(newServer(t, engine, Options{}), "POST", chatURL, `{"messages": [{"role": "user", "content": "Weather?"},
		{"role": "assistant", "content": null, "function_call": {"name": "weather", "arguments": "{\"city\": \"Rome\"}"}},
		{"role": "function", "name": "weather", "content": "mild"}]}`)
	if w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	m := engine.last().Messages
	if m[1].ToolCalls[0].Name != "weather" || m[2].Role != chat.ToolRole || m[2].ToolCallID != m[1].ToolCalls[0].ID {
		t.Errorf("%+v", m)
	}
}
