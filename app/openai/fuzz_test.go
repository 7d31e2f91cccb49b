package openai

import (
	"errors"
	"testing"

	"sirocco/model/chat"
	"sirocco/model/chattemplate"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
)

// FuzzRequest feeds anything through the whole way from JSON to ids: errors name
// a field, ids are in range, and every id has its span.
func FuzzRequest(f *testing.F) {
	const gif = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
	for _, seed := range []string{
		`{"messages":[{"role":"user","content":"Hello"}]}`,
		`{"messages":[{"role":"system","content":"S"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"` + gif + `"}}]}],"temperature":0.15,"stop":["x"],"seed":3}`,
		`{"messages":[{"role":"user","content":"?"},{"role":"assistant","content":"b","tool_calls":[{"id":"000000001","function":{"name":"f","arguments":"{\"a\":1e5,\"a\":NaN}"}}]},{"role":"tool","tool_call_id":"000000001","content":"21"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"pattern":"^(?P<n>a)\\1+$"}}}}}],"tool_choice":"required"}`,
		`{"messages":[{"role":"user","content":"?"},{"role":"assistant","content":"b "}],"continue_final_message":true,"response_format":{"type":"json_object"},"logit_bias":{"1":2}}`,
	} {
		f.Add([]byte(seed))
	}
	tok, err := tokenizer.Open("../../assets/breeze/tekken.json")
	if err != nil {
		f.Fatal(err)
	}
	rule := imageproc.Rule{PatchSize: 14, MaxSize: 280, Merge: 2}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ParseChat(data)
		if err != nil {
			var fault *chat.RequestError
			if !errors.As(err, &fault) || fault.Message == "" {
				t.Fatalf("a strange error: %v", err)
			}
			return
		}
		chattemplate.MapCallIDs(&r.Chat)
		p, err := chattemplate.Build(r.Chat, tok, rule)
		if err != nil {
			return
		}
		at := 0
		for _, s := range p.Spans {
			if s.Start != at || s.End <= at || s.Message < 0 || s.Message >= len(r.Chat.Messages) {
				t.Fatalf("span %+v after %d ids", s, at)
			}
			at = s.End
		}
		if at != len(p.IDs) {
			t.Fatalf("the spans cover %d of %d ids", at, len(p.IDs))
		}
		for _, id := range p.IDs {
			if id < 0 || int(id) >= tok.VocabSize() {
				t.Fatalf("id %d of %d", id, tok.VocabSize())
			}
		}
	})
}

// FuzzShapes feeds anything to the readers of the other APIs: errors name a field,
// and every message has its place.
func FuzzShapes(f *testing.F) {
	for _, seed := range []string{
		`{"prompt":["a",[1,2]],"echo":true,"n":2}`,
		`{"input":[{"role":"user","content":[{"type":"input_text","text":"a"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":[{"type":"input_image","image_url":"data:;base64,AAAA"}]}],"tools":[{"type":"function","name":"f"}],"text":{"format":{"type":"json_object"}}}`,
		`{"max_tokens":5,"system":[{"type":"text","text":"S"}],"messages":[{"role":"user","content":"?"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{"x":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"image","source":{"type":"base64","data":"AAAA"}}]}]}],"tool_choice":{"type":"any"},"tools":[{"name":"f"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := ParseJSON(data)
		if err != nil {
			return
		}
		text, err := CompletionFromValue(v)
		expectNamed(t, err)
		if err == nil && len(text.Prompts) == 0 {
			t.Fatal("a request without prompts was taken")
		}
		response, err := ResponseFromValue(v, Options{})
		expectPlaces(t, response, err)
		message, err := AnthropicFromValue(v, false, Options{})
		expectPlaces(t, message, err)
	})
}

func expectPlaces(t *testing.T, r *Request, err error) {
	expectNamed(t, err)
	if err == nil && len(r.Places) != len(r.Chat.Messages) {
		t.Fatalf("%d messages stand in %d places", len(r.Chat.Messages), len(r.Places))
	}
}

func expectNamed(t *testing.T, err error) {
	var fault *chat.RequestError
	if err != nil && (!errors.As(err, &fault) || fault.Message == "") {
		t.Fatalf("a strange error: %v", err)
	}
}
