package chat

import (
	"encoding/json"
	"reflect"
	"testing"
)

// The lines that `ask --json` prints are what scripts rely on.
func TestEventsAreFlatObjects(t *testing.T) {
	top := []Candidate{{ID: 1065, Text: "A", Logprob: -0.02}}
	for _, c := range []struct {
		event Event
		want  string
	}{
		{Event{Kind: KindText, Text: "<b>"}, `{"event":"text","text":"\u003cb\u003e"}`},
		{Event{Kind: KindPrefill, Prefill: &Prefill{Done: 5, Total: 9}}, `{"event":"prefill","done":5,"total":9,"cached":0}`},
		{Event{Kind: KindToken, Token: &Token{Candidate: top[0], Top: top}},
			`{"event":"token","id":1065,"text":"A","logprob":-0.02,"top":[{"id":1065,"text":"A","logprob":-0.02}]}`},
		{Event{Kind: KindDone, Done: &Done{Text: "A", FinishReason: FinishStop,
			ToolCalls: []ToolCall{{ID: "a1B2c3D4e", Name: "f", Arguments: "{}"}}, Tokens: []Token{}}},
			`{"event":"done","text":"A","finish_reason":"stop","tool_calls":[{"id":"a1B2c3D4e","type":"function","function":{"name":"f","arguments":"{}"}}],` +
				`"tokens":[],"usage":{"prompt_tokens":0,"completion_tokens":0,"image_tokens":0,"cached_tokens":0},` +
				`"timings":{"load_s":0,"image_s":0,"prefill_s":0,"decode_s":0,"prefill_tokens_per_s":0,"decode_tokens_per_s":0},` +
				`"model":{"name":"","parameters":0,"format":"","context":0,"vision":false},"device":{"name":"","backend":"","kind":""}}`},
	} {
		got, err := json.Marshal(c.event)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != c.want {
			t.Errorf("%s event:\n got %s\nwant %s", c.event.Kind, got, c.want)
		}
	}
}

// Events survive the way to another process and back.
func TestEventsRoundTrip(t *testing.T) {
	for _, event := range []Event{
		{Kind: KindText, Text: "<b> & ü"},
		{Kind: KindNotice, Text: "shrunk"},
		{Kind: KindLoad, Load: &Load{Done: 1, Total: 2}},
		{Kind: KindPrompt, Prompt: &Prompt{IDs: []int32{1, 3}, Spans: []Span{{Kind: "control", End: 2}}, Images: []Grid{}}},
		{Kind: KindImage, Image: &ImageEncoded{Index: 1, Grid: Grid{Rows: 2}}},
		{Kind: KindPrefill, Prefill: &Prefill{Done: 1}},
		{Kind: KindToken, Token: &Token{Candidate: Candidate{ID: 5, Text: "é", Logprob: -1}, Forbidden: 3, Wanted: &Candidate{ID: 6}}},
		{Kind: KindCall, Call: &CallDelta{Index: 1, Name: "f"}},
		{Kind: KindRound, Round: &Round{Index: 1, Limit: 10}},
		{Kind: KindApproval, Approval: &Approval{RunOf: RunOf{Index: 2, ID: "a1B2c3D4e", Name: "f"}, Arguments: "{}", Source: "built in", Decision: Deny, By: "person"}},
		{Kind: KindRun, Run: &Run{RunOf: RunOf{Name: "f"}, Arguments: "{}", Done: 1, Total: 2, Note: "half"}},
		{Kind: KindResult, Result: &Result{RunOf: RunOf{Name: "f"}, Status: RunDone, Text: "1 < 2", Pictures: []Image{{Name: "map", Data: []byte{0xff}}}, Notes: []string{"cut"}, Seconds: 1}},
		{Kind: KindMessage, Message: &Message{Role: Assistant, Parts: []Part{{Text: "é"}}, ToolCalls: []ToolCall{{ID: "a", Name: "f", Arguments: "{", Incomplete: true}}}},
		{Kind: KindMessage, Message: &Message{Role: User, Parts: []Part{{Image: &Image{Name: "map", Data: []byte{0xff, 0}}}}, PartList: true}},
		{Kind: KindMessage, Message: &Message{Role: ToolRole, Parts: []Part{{Text: "21"}}, ToolCallID: "a", Name: "f"}},
		{Kind: KindDone, Done: &Done{Text: "x", ToolCalls: []ToolCall{{ID: "a", Name: "f", Arguments: "{}"}}, About: About{Model: ModelInfo{Name: "m"}}}},
	} {
		data, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		var back Event
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(event, back) {
			t.Errorf("%s came back as %+v", data, back)
		}
	}
}
