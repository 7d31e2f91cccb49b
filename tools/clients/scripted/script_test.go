package main

import (
	"encoding/json"
	"strings"
	"testing"

	"sirocco/app/remote"
	"sirocco/model/chat"
	"sirocco/model/toolgrammar"
)

var weather = chat.Tool{Name: "weather", Parameters: json.RawMessage(`{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": false}`)}

// answered is what the engine makes of messages.
func answered(t *testing.T, e *engine, r *chat.Request) (*chat.Done, error) {
	t.Helper()
	for event, err := range e.Generate(t.Context(), r) {
		if err != nil {
			return nil, err
		}
		if event.Kind == chat.KindDone {
			return event.Done, nil
		}
	}
	t.Fatal("no end")
	return nil, nil
}

// The engine says what it is asked to, through the real parser, and nothing that the
// mask forbids.
func TestScripts(t *testing.T) {
	tok, err := remote.Tekken()
	if err != nil {
		t.Fatal(err)
	}
	e := &engine{tok: tok, compiler: toolgrammar.NewCompiler(tok)}
	user := func(text string) chat.Message { return chat.Text(chat.User, text) }
	called := chat.Message{Role: chat.Assistant, ToolCalls: []chat.ToolCall{{ID: "a1B2c3D4e", Name: "weather", Arguments: `{"city": "Oslo"}`}}}
	result := chat.Message{Role: chat.ToolRole, ToolCallID: "a1B2c3D4e", Parts: []chat.Part{{Text: "rain\n"}}}
	for name, c := range map[string]struct {
		request chat.Request
		want    string // text and calls, or a part of an error
		wrong   bool
	}{
		"words":            {request: chat.Request{Messages: []chat.Message{user("Please: <<SAY Hello.>>")}}, want: "Hello."},
		"nothing asked":    {request: chat.Request{Messages: []chat.Message{user("Hi")}}, want: "Ready."},
		"a call":           {request: chat.Request{Messages: []chat.Message{user(`<<CALL weather {"city": "Oslo"}>>`)}, Tools: []chat.Tool{weather}}, want: `weather({"city": "Oslo"})`},
		"a result":         {request: chat.Request{Messages: []chat.Message{user(`<<CALL weather {"city": "Oslo"}>>`), called, result}, Tools: []chat.Tool{weather}}, want: "The tool said: rain"},
		"JSON as a call":   {request: chat.Request{Messages: []chat.Message{user(`<<FILL {"city": "Oslo"}>>`)}, Tools: []chat.Tool{weather}}, want: `weather({"city": "Oslo"})`},
		"JSON":             {request: chat.Request{Messages: []chat.Message{user(`<<FILL {"city": "Oslo"}>>`)}, Schema: weather.Parameters}, want: `{"city": "Oslo"}`},
		"before":           {request: chat.Request{Messages: []chat.Message{user("<<SAY Hello.>>"), chat.Text(chat.Assistant, "Hello."), user("<<RECALL>>")}}, want: "Before that I said: Hello."},
		"no such tool":     {request: chat.Request{Messages: []chat.Message{user("<<CALL wether {}>>")}, Tools: []chat.Tool{weather}}, want: "the mask forbids", wrong: true},
		"wrong arguments":  {request: chat.Request{Messages: []chat.Message{user(`<<CALL weather {"town": "Oslo"}>>`)}, Tools: []chat.Tool{weather}}, want: "the mask forbids", wrong: true},
		"JSON that is not": {request: chat.Request{Messages: []chat.Message{user("<<SAY Hello.>>")}, Schema: weather.Parameters}, want: "the mask forbids", wrong: true},
	} {
		done, err := answered(t, e, &c.request)
		if c.wrong {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := done.Text
		for _, call := range done.ToolCalls {
			got += call.Name + "(" + call.Arguments + ")"
		}
		if got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
