package chat

import (
	"encoding/json"
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
