package reply

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sirocco/model/chat"
	"sirocco/model/patch"
	"sirocco/model/prompt"
	"sirocco/model/tekken"
)

// rendered is the assistant's turn as the template writes it: what the model
// would have generated, up to and with </s>.
func rendered(t testing.TB, tok *tekken.Tokenizer, answer chat.Message) []int32 {
	t.Helper()
	messages := []chat.Message{chat.Text(chat.User, "Do."), answer}
	for _, c := range answer.ToolCalls {
		m := chat.Text(chat.ToolRole, "done")
		m.ToolCallID = c.ID
		messages = append(messages, m)
	}
	if len(answer.ToolCalls) == 0 {
		messages = append(messages, chat.Text(chat.User, "Thanks."))
	}
	p, err := prompt.Build(chat.Request{Messages: messages}, tok, patch.Rule{PatchSize: 14, MaxSize: 1540, Merge: 2})
	if err != nil {
		t.Fatal(err)
	}
	asked, _ := tok.Special("[/INST]")
	end, _ := tok.Special("</s>")
	start := slices.Index(p.IDs, asked) + 1
	return p.IDs[start : start+slices.Index(p.IDs[start:], end)+1]
}

// roundTrip renders an answer and reads it back.
func roundTrip(t testing.TB, tok *tekken.Tokenizer, answer chat.Message) {
	t.Helper()
	p := New(tok, Options{Seed: 3, NoGuard: true})
	h := listen(t, p, rendered(t, tok, answer), chat.FinishLength)
	if h.text != answer.Parts[0].Text {
		t.Errorf("%s: text %q comes back as %q", tok.Version(), answer.Parts[0].Text, h.text)
	}
	if len(h.calls) != len(answer.ToolCalls) {
		t.Fatalf("%s: of %d calls %d come back: %+v", tok.Version(), len(answer.ToolCalls), len(h.calls), h.calls)
	}
	for i, want := range answer.ToolCalls {
		got := h.calls[i]
		if tok.Version() == "v13" { // does not write ids
			got.ID = want.ID
		}
		if got != want || !h.complete[i] {
			t.Errorf("%s: call %+v comes back as %+v", tok.Version(), want, h.calls[i])
		}
	}
	want := chat.FinishToolCalls
	if len(answer.ToolCalls) == 0 {
		want = chat.FinishStop
	}
	if p.Reason() != want {
		t.Errorf("%s: ends with %s, want %s", tok.Version(), p.Reason(), want)
	}
}

// jsonString quotes as Python's json.dumps(ensure_ascii=False) does, which is how
// the template writes arguments.
func jsonString(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s)
	quoted := strings.TrimSuffix(b.String(), "\n")
	return strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(quoted)
}

func made(n int, name, arguments string) chat.ToolCall {
	return chat.ToolCall{ID: fmt.Sprintf("Call%05d", n), Name: name, Arguments: arguments}
}

// What prompt writes, reply reads, in every version of the template.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	words := []string{"[TOOL_CALLS]", "[ARGS]", "</s>", "}", "{\"", "\\", "\"", "日本語", "🙂", " ", "\n", "a", "ß", "[{", "0"}
	text := func() (s string) {
		for range r.IntN(6) {
			s += words[r.IntN(len(words))]
		}
		return s
	}
	for _, version := range []string{"v7", "v11", "v13"} {
		tok := tokenizer(t, version)
		for range 150 {
			answer := chat.Text(chat.Assistant, "")
			for n := range r.IntN(4) {
				arguments := fmt.Sprintf(`{"a": %s, "name": [%d, {"%d": %s}], "c": null}`, jsonString(text()), r.IntN(100), n, jsonString(text()))
				answer.ToolCalls = append(answer.ToolCalls, made(n, []string{"f", "get_weather", "a-B_9"}[r.IntN(3)], arguments))
			}
			if version != "v7" || len(answer.ToolCalls) == 0 { // v7 writes no text before calls
				answer.Parts[0].Text = "x" + text() + "y"
			}
			roundTrip(t, tok, answer)
		}
	}
}

func FuzzRoundTrip(f *testing.F) {
	tok := tokenizer(f, "v11")
	f.Add("Let me look.", "[TOOL_CALLS]\"}", "k", false)
	f.Add("", "🙂\\", "name", true)
	f.Fuzz(func(t *testing.T, text, value, key string, two bool) {
		text, value, key = strings.ToValidUTF8(text, ""), strings.ToValidUTF8(value, ""), strings.ToValidUTF8(key, "")
		answer := chat.Text(chat.Assistant, strings.TrimSpace(text))
		arguments := fmt.Sprintf("{%s: %s}", jsonString(key), jsonString(value))
		answer.ToolCalls = []chat.ToolCall{made(1, "f", arguments)}
		if two {
			answer.ToolCalls = append(answer.ToolCalls, made(2, "g", "{}"))
		}
		roundTrip(t, tok, answer)
	})
}
