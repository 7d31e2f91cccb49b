package inspect

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"sirocco/model/chat"
)

// saved is the population story as a session, and the events it was made of.
func saved(t testing.TB, change func(*chat.Request)) (*Session, *chat.Request) {
	t.Helper()
	turn := population()
	if change != nil {
		change(turn.Request)
	}
	events := []chat.Timed{
		{Event: chat.Event{Kind: chat.KindPrompt, Prompt: turn.Rounds[0].Prompt}},
		{At: time.Second, Event: chat.Event{Kind: chat.KindToken, Token: &turn.Rounds[0].Tokens[0].Token}},
		{At: time.Second, Event: chat.Event{Kind: chat.KindResult, Result: &chat.Result{RunOf: chat.RunOf{Name: "x"}, Status: "done", Text: "68", Pictures: []chat.Image{{Name: "p", Data: []byte("pixels")}}}}},
		{At: time.Second, Event: chat.Event{Kind: chat.KindDone, Done: turn.Rounds[0].Done}},
	}
	s, err := NewSession("Population", time.Unix(1e9, 0).UTC(), turn.About, turn.Request, events, true)
	if err != nil {
		t.Fatal(err)
	}
	return s, turn.Request
}

// A session file fits the published schema and comes back as the same request
// and events, pictures too.
func TestSessionFile(t *testing.T) {
	s, request := saved(t, nil)
	call := 0
	s.Expect = []Expect{{Kind: ExpectArguments, Call: &call, Value: json.RawMessage(`{"country":"France"}`)}, {Kind: ExpectPath, Path: "$.country", Value: json.RawMessage(`"France"`)},
		{Kind: ExpectText, Contains: "68"}, {Kind: ExpectValid}, {Kind: ExpectTokens}}
	data, err := s.Write()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := os.ReadFile("../../docs/session.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	whole := func(text string) []Fault {
		found, err := Validate(schema, text)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if found := whole(string(data)); len(found) > 0 {
		t.Errorf("the file does not fit its schema: %+v\n%s", found, data)
	}
	if found := whole(`{"format": "sirocco-collection", "version": 1, "sessions": [` + string(data) + `]}`); len(found) > 0 {
		t.Errorf("a collection does not fit the schema: %+v", found)
	}
	for _, wrong := range []string{`{"format": "sirocco-session", "version": 1}`, strings.Replace(string(data), `"json_path"`, `"jsonpath"`, 1), strings.Replace(string(data), `"at": 1.000000`, `"at": -1`, 1)} {
		if len(whole(wrong)) == 0 {
			t.Errorf("the schema takes %.80s", wrong)
		}
	}
	back, err := ReadSession(data)
	if err != nil {
		t.Fatal(err)
	}
	again, err := back.ChatRequest(nil)
	if err != nil {
		t.Fatal(err)
	}
	if again.Messages[0].Parts[0].Image == nil || string(again.Messages[0].Parts[0].Image.Data) != string(request.Messages[0].Parts[0].Image.Data) || again.Sampling.Seed != 3 {
		t.Errorf("the request came back as %+v", again)
	}
	turn := back.Turn(again)
	if got := turn.Calls()[0]; got.Result == nil || string(got.Result.Pictures[0].Data) != "pixels" || !reflect.DeepEqual(turn.Rounds[0].Prompt.IDs, []int32{1, 3, 10, 10, 13, 50, 4}) {
		t.Errorf("the turn came back as %+v", got)
	}
}

func TestPicturesByHash(t *testing.T) {
	s, _ := saved(t, nil)
	kept := s.Pictures
	s.Pictures = nil
	if _, err := s.ChatRequest(nil); err == nil || !strings.Contains(err.Error(), "not in the file") {
		t.Errorf("a missing picture gave %v", err)
	}
	find := func(hash string) ([]byte, error) { return kept[hash], nil }
	if _, err := s.ChatRequest(find); err != nil {
		t.Error(err)
	}
	if _, err := s.ChatRequest(func(string) ([]byte, error) { return []byte("other"), nil }); err == nil || !strings.Contains(err.Error(), "changed or damaged") {
		t.Errorf("another picture gave %v", err)
	}
}

func TestRedact(t *testing.T) {
	for _, c := range []struct {
		text, want string
	}{
		{"key sk-proj-abcdefgh12345678ABCDEFGH ok", "key [redacted] ok"},
		{"Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer [redacted]"},
		{`{"password": "hunter22", "user": "me"}`, `{"password": "[redacted]", "user": "me"}`},
		{"https://me:s3cret@example.org/x", "https://me:[redacted]@example.org/x"},
		{"ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[redacted]"},
		{"-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----!", "[redacted]!"},
		{"the password is a word about tokens and secrets", "the password is a word about tokens and secrets"},
		{"a [redacted] twice", "a [redacted] twice"},
	} {
		if got, _ := Redact(c.text, Rules); got != c.want {
			t.Errorf("%q became %q", c.text, got)
		}
		if again, n := Redact(c.want, Rules); again != c.want || n != 0 {
			t.Errorf("%q became %q when redacted again", c.want, again)
		}
	}
}

// Nowhere in a redacted file is the secret left, not even as tokens, and it still
// reads as a request.
func TestRedactedSession(t *testing.T) {
	s, _ := saved(t, func(r *chat.Request) {
		r.Messages = append(r.Messages, chat.Text(chat.System, `use api_key="Zx81Zx81Zx81"`))
		r.Messages = append(r.Messages, chat.Message{Role: chat.Assistant, ToolCalls: []chat.ToolCall{{ID: "a1B2c3D4e", Name: "f", Arguments: `{"secret": "Zx81Zx81Zx81"}`}}})
	})
	if err := s.Redact(Rules); err != nil {
		t.Fatal(err)
	}
	data, err := s.Write()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "Zx81") || s.Redacted != 2 {
		t.Errorf("%d secrets were taken out of\n%s", s.Redacted, data)
	}
	for _, e := range s.Events {
		if e.Kind == chat.KindToken || e.Kind == chat.KindPrompt && len(e.Prompt.IDs) > 0 {
			t.Errorf("a %s event still spells it", e.Kind)
		}
	}
	if _, err := s.ChatRequest(nil); err != nil {
		t.Error(err)
	}
	clean, _ := saved(t, nil)
	before := len(clean.Events)
	if err := clean.Redact(Rules); err != nil || clean.Redacted != 0 || len(clean.Events) != before {
		t.Errorf("a session without secrets was changed: %d, %v", clean.Redacted, err)
	}
}

// Files come from anywhere: reading one never panics.
func FuzzReadCollection(f *testing.F) {
	s, _ := saved(f, nil)
	data, err := s.Write()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"format":"sirocco-collection","version":1,"sessions":[null]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, _, err := ReadCollection(data)
		if err != nil {
			return
		}
		for _, s := range c.Sessions {
			if request, err := s.ChatRequest(nil); err == nil {
				s.Turn(request).Calls()
				s.Redact(Rules)
			}
		}
	})
}
