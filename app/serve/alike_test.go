package serve

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"sirocco/model/chat"
)

// What a request asks for stands in the reply and in the stream alike: the same words,
// reasons, log-probabilities, calls and counts, for every field that changes them.
func TestStreamIsTheReply(t *testing.T) {
	for more, play := range map[string]func(context.Context, *chat.Request, func(chat.Event)) error{
		`"temperature": 0`:                    nil,
		`"n": 2`:                              nil,
		`"logprobs": true`:                    nil,
		`"logprobs": true, "top_logprobs": 2`: nil,
		`"stop": "red"`: func(_ context.Context, r *chat.Request, say func(chat.Event)) error {
			say(chat.Event{Kind: chat.KindText, Text: "A "})
			e := end(chat.FinishStop, "A ", 2)
			e.Done.StopSequence = r.Stop[0]
			say(e)
			return nil
		},
		`"max_tokens": 1`: says(chat.FinishLength, "A"),
		`"seed": 1`:       says(chat.FinishRepetition, "A", "A"),
		twoTools:          calls,
		twoTools + `, "tool_choice": "required", "n": 2`: oneCall,
		twoTools + `, "tool_choice": "none"`:             nil,
		`"response_format": {"type": "json_object"}`:     says(chat.FinishStop, `{"a":`, ` 1}`),
		`"continue_final_message": true, "messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]`: nil,
	} {
		s := newServer(t, &fake{play: play}, Options{})
		w := ask(s, "POST", chatURL, hello(more))
		var whole map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &whole); err != nil || w.Code != http.StatusOK {
			t.Errorf("%s: status %d: %s", more, w.Code, w.Body)
			continue
		}
		streamed := ask(s, "POST", chatURL, hello(more+`, "stream": true, "stream_options": {"include_usage": true}`))
		got := assembled(t, events(t, streamed.Body))
		for _, field := range []string{"choices", "usage", "model"} {
			if a, b := canonical(t, whole[field]), canonical(t, got[field]); a != b {
				t.Errorf("%s: %s of the reply\n%s, of the stream\n%s", more, field, a, b)
			}
		}
	}
}

func canonical(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// assembled puts a stream together as clients do.
func assembled(t *testing.T, pieces [][]byte) map[string]any {
	t.Helper()
	out := map[string]any{}
	var choices []any
	for _, data := range pieces {
		var piece map[string]any
		if err := json.Unmarshal(data, &piece); err != nil {
			t.Fatal(err)
		}
		out["model"] = piece["model"]
		if piece["usage"] != nil {
			out["usage"] = piece["usage"]
		}
		for _, c := range piece["choices"].([]any) {
			c := c.(map[string]any)
			i := int(c["index"].(float64))
			for len(choices) <= i {
				choices = append(choices, map[string]any{"index": float64(len(choices)), "message": map[string]any{"role": "assistant", "content": nil, "refusal": nil}, "logprobs": nil})
			}
			into := choices[i].(map[string]any)
			into["finish_reason"], into["stop_reason"] = c["finish_reason"], c["stop_reason"]
			addLogprobs(into, c["logprobs"])
			addDelta(into["message"].(map[string]any), c["delta"].(map[string]any))
		}
	}
	for _, c := range choices { // a call's words are null, an answer's are ""
		if m := c.(map[string]any)["message"].(map[string]any); m["tool_calls"] != nil && m["content"] == "" {
			m["content"] = nil
		}
	}
	out["choices"] = choices
	return out
}

func addLogprobs(into map[string]any, piece any) {
	more, ok := piece.(map[string]any)
	if !ok {
		return
	}
	if into["logprobs"] == nil {
		into["logprobs"] = map[string]any{"content": []any{}, "refusal": nil}
	}
	all := into["logprobs"].(map[string]any)
	all["content"] = append(all["content"].([]any), more["content"].([]any)...)
}

func addDelta(message, delta map[string]any) {
	if text, ok := delta["content"].(string); ok {
		before, _ := message["content"].(string)
		message["content"] = before + text
	}
	made, _ := message["tool_calls"].([]any)
	pieces, _ := delta["tool_calls"].([]any)
	for _, p := range pieces {
		p := p.(map[string]any)
		function := p["function"].(map[string]any)
		if i := int(p["index"].(float64)); i == len(made) {
			made = append(made, map[string]any{"id": p["id"], "type": p["type"], "function": map[string]any{"name": function["name"], "arguments": ""}})
		}
		whole := made[int(p["index"].(float64))].(map[string]any)["function"].(map[string]any)
		whole["arguments"] = whole["arguments"].(string) + function["arguments"].(string)
	}
	if made != nil {
		message["tool_calls"] = made
	}
}
