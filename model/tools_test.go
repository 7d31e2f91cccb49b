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

// required and a named function force a call whose arguments fit the schema,
// whatever the model would rather say; the evidence is in the tokens.
func TestForcedCallsAreValid(t *testing.T) {
	m := open(t, Options{})
	for _, force := range []func(*chat.Request){
		func(r *chat.Request) { r.ToolChoice = "required" },
		func(r *chat.Request) { r.ToolChoice, r.ToolName = "function", "paint" },
	} {
		one := false
		request := counting(t)
		request.ParallelToolCalls = &one
		request.Tools = append(request.Tools, chat.Tool{Name: "paint", Parameters: json.RawMessage(
			`{"type": "object", "properties": {"colour": {"enum": ["red", "green"]}}, "required": ["colour"], "additionalProperties": false}`)})
		force(request)
		done, _ := answer(t, m, request)
		if done.FinishReason != chat.FinishToolCalls || len(done.ToolCalls) != 1 {
			t.Fatalf("tool_choice %s gave %d calls and ended with %s: %q", request.ToolChoice, len(done.ToolCalls), done.FinishReason, done.Text)
		}
		var arguments map[string]string
		if err := json.Unmarshal([]byte(done.ToolCalls[0].Arguments), &arguments); err != nil || arguments["colour"] == "" {
			t.Errorf("the arguments are %s", done.ToolCalls[0].Arguments)
		}
		if request.ToolName != "" && done.ToolCalls[0].Name != request.ToolName {
			t.Errorf("%s was called instead of %s", done.ToolCalls[0].Name, request.ToolName)
		}
		if first := done.Tokens[0]; first.Forbidden != m.config.Text.Vocab-1 {
			t.Errorf("at a forced start %d of %d tokens were forbidden", first.Forbidden, m.config.Text.Vocab)
		}
	}
}

// An answer under a schema is JSON of that schema.
func TestAnswerUnderSchema(t *testing.T) {
	m := open(t, Options{})
	request := ask(t, "What colour is the circle?", true)
	request.Schema = json.RawMessage(`{"type": "object", "properties": {"colour": {"enum": ["red", "green", "blue"]}}, "required": ["colour"], "additionalProperties": false}`)
	done, _ := answer(t, m, request)
	var said struct{ Colour string }
	if err := json.Unmarshal([]byte(done.Text), &said); err != nil || said.Colour == "" {
		t.Errorf("the answer is %q", done.Text)
	}
}

// A wrong choice is the request's fault, before anything is computed.
func TestWrongToolChoiceIsRefused(t *testing.T) {
	m := open(t, Options{})
	request := counting(t)
	request.ToolChoice = "sometimes"
	for _, err := range m.Generate(context.Background(), request) {
		if err == nil {
			t.Error("tool_choice sometimes was answered")
		}
		break
	}
}
