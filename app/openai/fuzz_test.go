package openai

import (
	"errors"
	"testing"

	"sirocco/model/chat"
	"sirocco/model/patch"
	"sirocco/model/prompt"
	"sirocco/model/tekken"
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
	tok, err := tekken.Open("../../assets/breeze/tekken.json")
	if err != nil {
		f.Fatal(err)
	}
	rule := patch.Rule{PatchSize: 14, MaxSize: 280, Merge: 2}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ParseChat(data)
		if err != nil {
			var fault *chat.RequestError
			if !errors.As(err, &fault) || fault.Message == "" {
				t.Fatalf("a strange error: %v", err)
			}
			return
		}
		prompt.MapCallIDs(&r.Chat)
		p, err := prompt.Build(r.Chat, tok, rule)
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
