package serve

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"sirocco/model/chat"
)

// A stream, event by event: what each adds.
func TestStreams(t *testing.T) {
	for _, c := range []struct {
		name string
		play func(context.Context, *chat.Request, func(chat.Event)) error
		more string
		want []string // the choice of each event, or its usage where it has no choice
	}{
		{"text", nil, "", []string{
			`{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null,"stop_reason":null}`,
			`{"index":0,"delta":{"content":"A"},"logprobs":null,"finish_reason":null,"stop_reason":null}`,
			`{"index":0,"delta":{"content":" red"},"logprobs":null,"finish_reason":null,"stop_reason":null}`,
			`{"index":0,"delta":{"content":" circle."},"logprobs":null,"finish_reason":null,"stop_reason":null}`,
			`{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop","stop_reason":null}`,
		}},
		{"repetition", says(chat.FinishRepetition), "", []string{
			`{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null,"stop_reason":null}`,
			`{"index":0,"delta":{},"logprobs":null,"finish_reason":"length","stop_reason":"repetition"}`,
		}},
		{"usage", says(chat.FinishStop), `, "stream_options": {"include_usage": true}`, []string{
			`{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null,"stop_reason":null}`,
			`{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop","stop_reason":null}`,
			`{"prompt_tokens":7,"completion_tokens":1,"total_tokens":8,"prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":0}}`,
		}},
		{"several answers", says(chat.FinishStop), `, "n": 2`, []string{
			`{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null,"stop_reason":null}`,
			`{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop","stop_reason":null}`,
			`{"index":1,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null,"stop_reason":null}`,
			`{"index":1,"delta":{},"logprobs":null,"finish_reason":"stop","stop_reason":null}`,
		}},
		{"logprobs", says(chat.FinishStop, "A"), `, "logprobs": true`, []string{
			`{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null,"stop_reason":null}`,
			`{"index":0,"delta":{"content":"A"},"logprobs":{"content":[{"token":"A","logprob":-0.5,"bytes":BYTES,"top_logprobs":[]}],"refusal":null},"finish_reason":null,"stop_reason":null}`,
			`{"index":0,"delta":{},"logprobs":{"content":[{"token":"</s>","logprob":-0.5,"bytes":[60,47,115,62],"top_logprobs":[]}],"refusal":null},"finish_reason":"stop","stop_reason":null}`,
		}},
		{"a call", oneCall, `, ` + twoTools, []string{
			`{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null,"stop_reason":null}`,
			`{"index":0,"delta":{"tool_calls":[{"index":0,"id":"AAAAAAAA0","type":"function","function":{"name":"weather","arguments":""}}]},"logprobs":null,"finish_reason":null,"stop_reason":null}`,
			`{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\": "}}]},"logprobs":null,"finish_reason":null,"stop_reason":null}`,
			`{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Rome\"}"}}]},"logprobs":null,"finish_reason":null,"stop_reason":null}`,
			`{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls","stop_reason":null}`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newServer(t, &fake{play: c.play}, Options{})
			w := ask(s, "POST", chatURL, hello(`"stream": true`+c.more))
			if kind := w.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
				t.Fatalf("Content-Type is %q: %s", kind, w.Body)
			}
			got := events(t, w.Body)
			if len(got) != len(c.want) {
				t.Fatalf("%d events, want %d: %s", len(got), len(c.want), got)
			}
			exact, err := json.Marshal(ints(s.o.Tokenizer.Bytes(1000)))
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range c.want {
				if piece := pieceOf(t, got[i]); piece != strings.ReplaceAll(want, "BYTES", string(exact)) {
					t.Errorf("event %d is\n%s, want\n%s", i, piece, want)
				}
			}
		})
	}
}

func ints(data []byte) []int {
	out := make([]int, len(data))
	for i, b := range data {
		out[i] = int(b)
	}
	return out
}

// pieceOf is the only choice of an event, or its usage.
func pieceOf(t *testing.T, event []byte) string {
	var c struct {
		Object  string
		Choices []json.RawMessage
		Usage   json.RawMessage
	}
	if err := json.Unmarshal(event, &c); err != nil || c.Object != "chat.completion.chunk" {
		t.Fatalf("%s: %v", event, err)
	}
	if len(c.Choices) == 0 {
		return string(c.Usage)
	}
	return string(c.Choices[0])
}

// While usage is to come, every piece says that it has not come yet.
func TestUsageIsNullBefore(t *testing.T) {
	w := ask(newServer(t, &fake{}, Options{}), "POST", chatURL, hello(`"stream": true, "stream_options": {"include_usage": true}`))
	got := events(t, w.Body)
	for i, event := range got {
		if last := i == len(got)-1; strings.Contains(string(event), `"usage":null`) == last {
			t.Errorf("event %d is %s", i, event)
		}
	}
}

// Two calls in one stream keep their numbers and ids.
func TestStreamOfCalls(t *testing.T) {
	w := ask(newServer(t, &fake{play: calls}, Options{}), "POST", chatURL, hello(`"stream": true, `+twoTools))
	arguments, ids := map[float64]string{}, map[float64]any{}
	for _, event := range events(t, w.Body) {
		index, ok := look(t, event, "choices.0.delta.tool_calls.0.index").(float64)
		if !ok {
			continue
		}
		if id := look(t, event, "choices.0.delta.tool_calls.0.id"); id != nil {
			ids[index] = id
		}
		arguments[index] += look(t, event, "choices.0.delta.tool_calls.0.function.arguments").(string)
	}
	if arguments[0] != `{"city": "Rome"}` || arguments[1] != arguments[0] || ids[0] != "AAAAAAAA0" || ids[1] != "AAAAAAAA1" {
		t.Errorf("arguments %v, ids %v", arguments, ids)
	}
}

// An error before the first word is a status; one in mid-answer is an event.
func TestStreamErrors(t *testing.T) {
	engine := &fake{play: func(context.Context, *chat.Request, func(chat.Event)) error { return errors.New("no device") }}
	s := newServer(t, engine, Options{})
	if w := ask(s, "POST", chatURL, hello(`"stream": true`)); w.Code != 500 {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	engine.play = func(_ context.Context, _ *chat.Request, say func(chat.Event)) error {
		say(chat.Event{Kind: chat.KindText, Text: "A red"})
		return errors.New("device lost at 0xdeadbeef")
	}
	w := ask(s, "POST", chatURL, hello(`"stream": true`))
	got := events(t, w.Body)
	last := got[len(got)-1]
	if look(t, last, "error.type") != "server_error" || strings.Contains(string(last), "0xdead") {
		t.Errorf("the last event is %s", last)
	}
}
