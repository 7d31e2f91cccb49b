package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sirocco/model/chat"
)

// parrot answers every question with one call and the same tokens.
type parrot struct{ model string }

func (p parrot) About() chat.About {
	return chat.About{Model: chat.ModelInfo{Name: p.model}, Device: chat.DeviceInfo{Name: "gpu"}}
}
func (p parrot) Close() {}
func (p parrot) Generate(context.Context, *chat.Request) iter.Seq2[chat.Event, error] {
	return func(yield func(chat.Event, error) bool) {
		token := chat.Token{Candidate: chat.Candidate{ID: int32(len(p.model)), Text: "Sunny."}}
		done := &chat.Done{Text: "Sunny.", FinishReason: chat.FinishStop, Tokens: []chat.Token{token}, About: p.About(),
			ToolCalls: []chat.ToolCall{{ID: "a1B2c3D4e", Name: "weather", Arguments: `{"days": 2, "city": "Oslo"}`}}}
		for _, e := range []chat.Event{{Kind: chat.KindToken, Token: &token}, {Kind: chat.KindText, Text: "Sunny."}, {Kind: chat.KindDone, Done: done}} {
			if !yield(e, nil) {
				return
			}
		}
	}
}

const weather = `{"messages": [{"role": "user", "content": "Weather?"}], "tools": [{"type": "function", "function": {"name": "weather",
	"parameters": {"type": "object", "properties": {"days": {"type": "integer"}}}}}]}`

// session writes a file whose case expects these things.
func session(t *testing.T, expect string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "case.json")
	text := `{"format": "sirocco-session", "version": 1, "title": "t", "request": ` + weather + `, "expect": [` + expect + `]}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func rerun(t *testing.T, r Replay, model string) (out string, err error) {
	t.Helper()
	var o bytes.Buffer
	err = r.run(context.Background(), parrot{model}, &Streams{Out: &o, Err: new(bytes.Buffer)})
	return o.String(), err
}

func TestReplayExpectations(t *testing.T) {
	for _, c := range []struct{ expect, fails string }{
		{`{"kind": "arguments", "name": "weather", "value": {"city": "Oslo", "days": 2}}`, ""},
		{`{"kind": "arguments", "call": 0, "value": {"city": "Bergen"}}`, `the arguments are {"days": 2, "city": "Oslo"}`},
		{`{"kind": "arguments", "call": 1, "value": {}}`, "there is no such call; the answer called weather"},
		{`{"kind": "schema_valid"}`, ""},
		{`{"kind": "json_path", "path": "$.city", "value": "Oslo"}`, ""},
		{`{"kind": "json_path", "path": "$['days']", "value": 3}`, "it is 2"},
		{`{"kind": "json_path", "path": "$.wind[0]", "value": 3}`, "nothing at wind"},
		{`{"kind": "text", "contains": "Sun"}`, ""},
		{`{"kind": "text", "contains": "Rain"}`, `the answer is "Sunny."`},
		{`{"kind": "tokens"}`, "no tokens to compare"},
		{`{"kind": "mood"}`, `its kind is "mood"`},
		{`{"kind": "json_path", "path": "$..a", "value": 1}`, "cannot be read from"},
	} {
		out, err := rerun(t, Replay{Files: []string{session(t, c.expect)}}, "m")
		if failed := err != nil; failed != (c.fails != "") || !strings.Contains(out, c.fails) {
			t.Errorf("%s gave %v:\n%s", c.expect, err, out)
		}
	}
}

// A collection with one case that passes and one that fails; then a file saved
// with one model and run with another.
func TestReplayCollectionAndChangedModel(t *testing.T) {
	one := `{"format": "sirocco-session", "version": 1, "title": "good", "request": ` + weather + `, "expect": [{"kind": "text", "contains": "Sun"}]}`
	two := strings.NewReplacer("good", "bad", "Sun", "Snow").Replace(one)
	path := filepath.Join(t.TempDir(), "collection.json")
	os.WriteFile(path, []byte(`{"format": "sirocco-collection", "version": 1, "sessions": [`+one+`,`+two+`]}`), 0o600)
	out, err := rerun(t, Replay{Files: []string{path}, JSON: true}, "m")
	if err == nil || err.Error() != "1 of 2 cases failed" {
		t.Errorf("the end is %v", err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var first, second verdict
	json.Unmarshal([]byte(lines[0]), &first)
	json.Unmarshal([]byte(lines[1]), &second)
	if len(lines) != 3 || !first.Pass || second.Pass || first.Title != "good" || lines[2] != `{"cases":2,"failed":1,"passed":1}` {
		t.Errorf("got %s", out)
	}

	single := session(t, `{"kind": "tokens"}`)
	rerun(t, Replay{Files: []string{single}, Update: true}, "old")
	if out, err := rerun(t, Replay{Files: []string{single}}, "old"); err != nil || !strings.Contains(out, "tokens: same") {
		t.Errorf("the same model gave %v:\n%s", err, out)
	}
	out, err = rerun(t, Replay{Files: []string{single}}, "newer")
	if err == nil || !strings.Contains(out, "they differ from token 1 on") || !strings.Contains(out, "saved with old on gpu; run with newer on gpu") {
		t.Errorf("another model gave %v:\n%s", err, out)
	}
}

// mute answers as a server without /tokenize does: tokens without ids, or none at all.
type mute struct {
	parrot
	text  string
	known bool
}

func (m mute) Generate(ctx context.Context, r *chat.Request) iter.Seq2[chat.Event, error] {
	return func(yield func(chat.Event, error) bool) {
		for e, err := range m.parrot.Generate(ctx, r) {
			if e.Kind == chat.KindDone {
				e.Done.Text, e.Done.Tokens = m.text, nil
				if m.known {
					e.Done.Tokens = []chat.Token{{Candidate: chat.Candidate{ID: -1, Text: m.text}}}
				}
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// Where a server does not tell its tokens, words and calls are compared.
func TestReplayWithoutTokens(t *testing.T) {
	single := session(t, "")
	rerun(t, Replay{Files: []string{single}, Update: true}, "old")
	for _, known := range []bool{false, true} {
		for text, same := range map[string]bool{"Sunny.": true, "Rain.": false} {
			var out bytes.Buffer
			err := (&Replay{Files: []string{single}}).run(t.Context(), mute{parrot{"old"}, text, known}, &Streams{Out: &out, Err: new(bytes.Buffer)})
			if (err == nil) != same || !strings.Contains(out.String(), "not compared") && same {
				t.Errorf("%q: %v\n%s", text, err, out.String())
			}
		}
	}
}

// A file that cannot be read fails by itself; the others still run.
func TestReplayUnreadable(t *testing.T) {
	good := session(t, `{"kind": "schema_valid"}`)
	out, err := rerun(t, Replay{Files: []string{"missing.json", "replay.go", good}}, "m")
	if err == nil || !strings.Contains(out, "FAIL  missing.json") || !strings.Contains(out, "not a session file") || !strings.Contains(out, "3 cases: 1 passed, 2 failed") {
		t.Errorf("got %v:\n%s", err, out)
	}
}
