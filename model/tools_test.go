package model

import (
	"context"
	"encoding/json"
	"testing"

	"sirocco/model/chat"
)

// counting is a request that a model with tools answers with a call.
func counting(t *testing.T) *chat.Request {
	request := ask(t, "How many red circles are there? Use the tool.", true)
	request.Tools = []chat.Tool{{Name: "count_shapes", Description: "Counts the shapes of one kind and colour in the picture.", Parameters: json.RawMessage(
		`{"type": "object", "properties": {"shape": {"type": "string"}, "colour": {"type": "string"}}, "required": ["shape", "colour"]}`)}}
	request.MaxTokens = 48
	return request
}

// tool_choice none keeps the tools in the prompt and calls out of the answer,
// however much the model wants one.
func TestToolChoiceNoneForbidsCalls(t *testing.T) {
	m := open(t, Options{})
	request := counting(t)
	call, _ := m.tok.Special("[TOOL_CALLS]")
	request.Sampling.LogitBias = map[int32]float64{call: 50}
	if eager, _ := answer(t, m, request); eager.Tokens[0].ID != call {
		t.Fatalf("with a bias towards calls the answer began with %q", eager.Tokens[0].Text)
	}
	request.ToolChoice = "none"
	done, _ := answer(t, m, request)
	if len(done.ToolCalls) != 0 {
		t.Errorf("tool_choice none gave %+v", done.ToolCalls)
	}
	for _, token := range done.Tokens {
		if token.ID == call {
			t.Error("tool_choice none let [TOOL_CALLS] through")
		}
	}
}

// What cannot be enforced is refused, not ignored.
func TestUnenforceableChoicesAreRefused(t *testing.T) {
	m := open(t, Options{})
	for _, spoil := range []func(*chat.Request){
		func(r *chat.Request) { r.ToolChoice = "required" },
		func(r *chat.Request) { r.ToolChoice, r.ToolName = "function", "count_shapes" },
		func(r *chat.Request) { r.Schema = json.RawMessage(`{"type": "object"}`) },
	} {
		request := counting(t)
		spoil(request)
		for _, err := range m.Generate(context.Background(), request) {
			if err == nil {
				t.Errorf("a request with %q and schema %s was answered", request.ToolChoice, request.Schema)
			}
			break
		}
	}
}
