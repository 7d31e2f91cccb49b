package serve

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// The small routes: request and what must stand in the reply.
func TestRoutes(t *testing.T) {
	s := newServer(t, &fake{}, Options{})
	text := s.o.Tokenizer.Encode("What is it?")
	for _, c := range []struct {
		method, path, body string
		status             int
		want               map[string]any
	}{
		{"GET", "/v1/models", "", 200, map[string]any{"object": "list", "data.0.id": "fake", "data.0.object": "model", "data.0.max_model_len": 8192.0}},
		{"GET", "/v1/models/fake", "", 200, map[string]any{"id": "fake", "max_model_len": 8192.0}},
		{"GET", "/v1/models/gpt", "", 404, map[string]any{"error.code": "model_not_found"}},
		{"GET", "/nothing", "", 404, map[string]any{"error.type": "invalid_request_error"}},
		{"GET", chatURL, "", 405, map[string]any{"error.type": "invalid_request_error"}},
		{"DELETE", "/v1/models", "", 405, nil},
		{"POST", "/tokenize", `{"model": "fake", "prompt": "What is it?"}`, 200, map[string]any{
			"count": float64(len(text) + 1), "max_model_len": 8192.0, "tokens.0": 1.0, "tokens.1": float64(text[0]), "token_strs": nil}},
		{"POST", "/tokenize", `{"prompt": "What is it?", "add_special_tokens": false, "return_token_strs": true}`, 200, map[string]any{
			"count": float64(len(text)), "tokens.0": float64(text[0]), "token_strs.0": s.o.Tokenizer.Piece(text[0])}},
		{"POST", "/tokenize", `{"prompt": ""}`, 200, map[string]any{"count": 1.0}},
		{"POST", "/tokenize", hello(""), 200, map[string]any{"tokens.0": 1.0, "tokens.1": 3.0}},
		{"POST", "/tokenize", hello(`"return_token_strs": true`), 200, map[string]any{"token_strs.1": "[INST]"}},
		{"POST", "/tokenize", `{}`, 400, map[string]any{"error.param": "prompt"}},
		{"POST", "/tokenize", `{"prompt": "x", "add_special_tokens": 1}`, 400, map[string]any{"error.param": "add_special_tokens"}},
		{"POST", "/tokenize", `{"messages": 1}`, 400, map[string]any{"error.param": "messages"}},
		{"POST", "/tokenize", `[]`, 400, nil},
		{"POST", "/detokenize", fmt.Sprintf(`{"tokens": %s}`, strings.ReplaceAll(fmt.Sprint(text), " ", ",")), 200, map[string]any{"prompt": "What is it?"}},
		{"POST", "/detokenize", `{"tokens": []}`, 200, map[string]any{"prompt": ""}},
		{"POST", "/detokenize", `{"tokens": [1, -1]}`, 400, map[string]any{"error.param": "tokens[1]"}},
		{"POST", "/detokenize", `{"tokens": [4096]}`, 400, map[string]any{"error.param": "tokens[0]"}},
		{"POST", "/detokenize", `{"tokens": ["1"]}`, 400, map[string]any{"error.param": "tokens[0]"}},
		{"POST", "/detokenize", `{}`, 400, map[string]any{"error.param": "tokens"}},
	} {
		w := ask(s, c.method, c.path, c.body)
		if w.Code != c.status {
			t.Errorf("%s %s %s: status %d, want %d: %s", c.method, c.path, c.body, w.Code, c.status, w.Body)
			continue
		}
		for place, want := range c.want {
			if got := look(t, w.Body.Bytes(), place); got != want {
				t.Errorf("%s %s %s: %s is %v, want %v", c.method, c.path, c.body, place, got, want)
			}
		}
	}
}

// Anthropic's clients, known by the version they send, get models in their shape, and errors too; OpenAI's do not.
func TestAnthropicModels(t *testing.T) {
	s := newServer(t, &fake{}, Options{})
	version := []string{"Anthropic-Version", "2023-06-01"}
	list := ask(s, "GET", "/v1/models", "", version...).Body.Bytes()
	one := ask(s, "GET", "/v1/models/fake", "", version...).Body.Bytes()
	for _, c := range []struct {
		body  []byte
		place string
		want  any
	}{
		{list, "data.0.type", "model"}, {list, "data.0.id", "fake"}, {list, "data.0.display_name", "fake"}, {list, "data.0.lifecycle", "active"},
		{list, "data.0.created_at", s.started.UTC().Format(time.RFC3339)}, {list, "data.0.max_input_tokens", 8192.0}, {list, "data.0.max_tokens", 8192.0},
		{list, "has_more", false}, {list, "first_id", "fake"}, {list, "last_id", "fake"}, {list, "object", nil},
		{one, "type", "model"}, {one, "id", "fake"}, {one, "object", nil},
		{ask(s, "GET", "/v1/models/gpt", "", version...).Body.Bytes(), "error.type", "not_found_error"},
		{ask(s, "GET", "/v1/models/gpt", "").Body.Bytes(), "error.code", "model_not_found"},
	} {
		if got := look(t, c.body, c.place); got != c.want {
			t.Errorf("%s is %v, want %v in %s", c.place, got, c.want, c.body)
		}
	}
}
