package outputparser

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sirocco/model/chat"
	"sirocco/model/chattemplate"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
	"sirocco/model/tokenizer/tekkentest"
)

// rendered are the assistant's turns of a conversation as the template writes
// them: what the model would have generated, each up to and with </s>.
func rendered(t testing.TB, tok *tokenizer.Tokenizer, answers []chat.Message) (turns [][]int32) {
	t.Helper()
	messages := []chat.Message{chat.Text(chat.User, "Do.")}
	for _, answer := range answers {
		messages = append(messages, answer)
		for _, c := range answer.ToolCalls {
			m := chat.Text(chat.ToolRole, "done")
			m.ToolCallID = c.ID
			messages = append(messages, m)
		}
		if len(answer.ToolCalls) == 0 {
			messages = append(messages, chat.Text(chat.User, "Go on."))
		}
	}
	p, err := chattemplate.Build(chat.Request{Messages: messages}, tok, imageproc.Rule{PatchSize: 14, MaxSize: 1540, Merge: 2})
	if err != nil {
		t.Fatal(err)
	}
	asked, _ := tok.Special("[/INST]")
	told, _ := tok.Special("[/TOOL_RESULTS]")
	end, _ := tok.Special("</s>")
	for from := range p.IDs {
		last := p.IDs[from]
		if to := slices.Index(p.IDs[from:], end); (last == asked || last == told) && to >= 0 {
			if turn := p.IDs[from+1 : from+to+1]; !slices.Contains(turn, asked) && !slices.Contains(turn, told) {
				turns = append(turns, turn)
			}
		}
	}
	if len(turns) != len(answers) {
		t.Fatalf("%d answers are rendered as %d turns", len(answers), len(turns))
	}
	return turns
}

// roundTrip renders answers of one conversation and reads them back.
func roundTrip(t testing.TB, tok *tokenizer.Tokenizer, answers ...chat.Message) {
	t.Helper()
	for i, turn := range rendered(t, tok, answers) {
		readBack(t, tok, turn, answers[i])
		everySplit(t, tok, turn)
	}
}

// readBack reads one turn and compares it with the message it was made of.
func readBack(t testing.TB, tok *tokenizer.Tokenizer, turn []int32, answer chat.Message) {
	t.Helper()
	p := New(tok, Options{Seed: 3, NoGuard: true})
	h := listen(t, p, turn, chat.FinishLength)
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
		if got != want {
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

// everySplit cuts a turn off after each of its tokens: what is heard up to there is
// the beginning of the whole, and no call passes for whole that is not.
func everySplit(t testing.TB, tok *tokenizer.Tokenizer, turn []int32) {
	t.Helper()
	whole := listen(t, New(tok, Options{Seed: 3, NoGuard: true}), turn, chat.FinishLength)
	for n := range turn {
		p := New(tok, Options{Seed: 3, NoGuard: true})
		part := listen(t, p, turn[:n], chat.FinishLength)
		if p.Reason() != chat.FinishLength {
			t.Fatalf("%s: cut off after %d tokens it ends with %s", tok.Version(), n, p.Reason())
		}
		if tok.Version() != "v7" && !strings.HasPrefix(strings.TrimRight(whole.text, "\uFFFD"), strings.TrimRight(part.text, "\uFFFD")) {
			t.Fatalf("%s: cut off after %d tokens the text is %q, of %q", tok.Version(), n, part.text, whole.text)
		}
		for i, c := range part.calls {
			full := whole.calls[i]
			if !c.Incomplete && c.Arguments != full.Arguments || !strings.HasPrefix(full.Arguments, strings.TrimRight(c.Arguments, "\uFFFD")) {
				t.Fatalf("%s: cut off after %d tokens call %d is %+v, of %+v", tok.Version(), n, i, c, full)
			}
		}
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
		tok := tekkentest.Version(t, version)
		for range 60 {
			var answers []chat.Message
			for range 1 + r.IntN(3) {
				answer := chat.Text(chat.Assistant, "")
				for n := range r.IntN(4) {
					arguments := fmt.Sprintf(`{"a": %s, "name": [%d, {"%d": %s}], "c": null}`, jsonString(text()), r.IntN(100), n, jsonString(text()))
					answer.ToolCalls = append(answer.ToolCalls, made(n, []string{"f", "get_weather", "a-B_9"}[r.IntN(3)], arguments))
				}
				if version != "v7" || len(answer.ToolCalls) == 0 { // v7 writes no text before calls
					answer.Parts[0].Text = "x" + text() + "y"
				}
				answers = append(answers, answer)
			}
			roundTrip(t, tok, answers...)
		}
	}
}

func FuzzRoundTrip(f *testing.F) {
	versions := []*tokenizer.Tokenizer{tekkentest.Version(f, "v7"), tekkentest.Version(f, "v11"), tekkentest.Version(f, "v13")}
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
		for _, tok := range versions {
			if tok.Version() == "v7" { // writes no text before calls
				answer.Parts[0].Text = ""
			}
			roundTrip(t, tok, answer, chat.Text(chat.Assistant, "x"+text+"y"), answer)
		}
	})
}
