package outputparser

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sirocco/model/chat"
	"sirocco/model/tokenizer"
	"sirocco/model/tokenizer/tekkentest"
)

// ids writes an answer in which special tokens stand by their names.
func ids(t testing.TB, tok *tokenizer.Tokenizer, answer string) (out []int32) {
	t.Helper()
	marks := regexp.MustCompile(`\[(TOOL_CALLS|ARGS|CALL_ID|INST|IMG)\]|</s>`)
	for answer != "" {
		at := marks.FindStringIndex(answer)
		if at == nil {
			at = []int{len(answer), len(answer)}
		}
		out = tok.AppendEncode(out, answer[:at[0]])
		if at[1] > at[0] {
			id, ok := tok.Special(answer[at[0]:at[1]])
			if !ok {
				t.Fatalf("no special token %s", answer[at[0]:at[1]])
			}
			out = append(out, id)
		}
		answer = answer[at[1]:]
	}
	return out
}

// heard is what a listener puts together from the events.
type heard struct {
	text     string
	calls    []chat.ToolCall
	complete []bool
}

func (h *heard) add(t testing.TB, events []chat.Event) {
	t.Helper()
	for _, e := range events {
		if e.Kind == chat.KindText {
			h.text += e.Text
			continue
		}
		d := e.Call
		if d.Index == len(h.calls) {
			if len(d.ID) != 9 {
				t.Errorf("call %d begins with the id %q", d.Index, d.ID)
			}
			h.calls = append(h.calls, chat.ToolCall{ID: d.ID, Name: d.Name})
			h.complete = append(h.complete, false)
		} else if d.Index != len(h.calls)-1 || d.ID != "" || d.Name != "" {
			t.Errorf("delta %+v among %d calls", *d, len(h.calls))
		}
		if h.complete[d.Index] {
			t.Errorf("delta %+v after the call was complete", *d)
		}
		h.calls[d.Index].Arguments += d.Arguments
		h.complete[d.Index] = d.Complete
	}
}

// listen gives ids to a parser until it is done.
func listen(t testing.TB, p *Parser, ids []int32, end string) *heard {
	t.Helper()
	h := &heard{}
	for _, id := range ids {
		h.add(t, p.Push(id))
	}
	h.add(t, p.Finish(end))
	for i := range h.calls {
		h.calls[i].Incomplete = !h.complete[i]
	}
	if p.Text() != h.text || !slices.Equal(p.Calls(), h.calls) {
		t.Errorf("the sum is %q %+v, the events say %q %+v", p.Text(), p.Calls(), h.text, h.calls)
	}
	return h
}

// Answers as models write them and what a listener hears. "name#id(arguments)"
// is a call, with its id where it was given; "…" marks one that was cut off.
func TestAnswers(t *testing.T) {
	for _, c := range []struct{ answer, text, calls, reason string }{
		{"A red circle.</s>", "A red circle.", "", chat.FinishStop},
		{"A red", "A red", "", chat.FinishLength},
		{"Größe 日本語 🙂</s>more", "Größe 日本語 🙂", "", chat.FinishStop},
		{"a[INST]b[IMG]c[ARGS]d[CALL_ID]e</s>", "abcde", "", chat.FinishStop},
		{"</s>", "", "", chat.FinishStop},

		{`[TOOL_CALLS]add[ARGS]{"a": 1}</s>`, "", `add({"a": 1})`, chat.FinishToolCalls},
		{`Hm.[TOOL_CALLS]add[CALL_ID]AbC123456[ARGS]{"a": 1}</s>`, "Hm.", `add#AbC123456({"a": 1})`, chat.FinishToolCalls},
		{`[TOOL_CALLS] a-b_C [ARGS] {"a": [1, {"b": "}]"}]} </s>`, "", `a-b_C({"a": [1, {"b": "}]"}]})`, chat.FinishToolCalls},
		{`[TOOL_CALLS]f[ARGS]{}[TOOL_CALLS]g[ARGS]{"x": "\"[TOOL_CALLS\\"}</s>`, "", `f({}) g({"x": "\"[TOOL_CALLS\\"})`, chat.FinishToolCalls},
		{`[TOOL_CALLS]f[ARGS]{"a": 1} and {"b": 2}</s>`, "", `f({"a": 1})`, chat.FinishToolCalls},
		{`[TOOL_CALLS]f[ARGS]{a: 1} oh</s>`, "", `f({a: 1} oh)`, chat.FinishToolCalls},
		{`[TOOL_CALLS]f[ARGS]{"a": [1}</s>`, "", `f({"a": [1})`, chat.FinishToolCalls},
		{`[TOOL_CALLS]f[ARGS]12 or so</s>`, "", `f(12)`, chat.FinishToolCalls},
		{`[TOOL_CALLS]f[ARGS]12</s>`, "", `f(12)`, chat.FinishToolCalls},
		{`[TOOL_CALLS]f[ARGS]"a \" b" c</s>`, "", `f("a \" b")`, chat.FinishToolCalls},
		{`[TOOL_CALLS]f[ARGS]</s>`, "", `f({})`, chat.FinishToolCalls},
		{`[TOOL_CALLS]f</s>`, "", `f({})`, chat.FinishToolCalls},
		{`[TOOL_CALLS]f{"a": 1}</s>`, "", `f({"a": 1})`, chat.FinishToolCalls},
		{`[TOOL_CALLS]f[CALL_ID]short[ARGS]{}</s>`, "", `f({})`, chat.FinishToolCalls},
		{`[TOOL_CALLS]f[CALL_ID]aaaaaaaaa[ARGS]{}[TOOL_CALLS]f[CALL_ID]aaaaaaaaa[ARGS]{}</s>`, "", `f#aaaaaaaaa({}) f({})`, chat.FinishToolCalls},
		{`[TOOL_CALLS]f[ARGS]{"a": "unfin`, "", `f({"a": "unfin)…`, chat.FinishLength},
		{`[TOOL_CALLS]f[ARGS]{"a": 1}`, "", `f({"a": 1})`, chat.FinishLength},
		{`[TOOL_CALLS]f`, "", "", chat.FinishLength}, // may be the beginning of another name
		{`[TOOL_CALLS]f[CALL_ID]AbC`, "", `f()…`, chat.FinishLength},
		{`[TOOL_CALLS]f[ARGS]`, "", `f()…`, chat.FinishLength},
		{`[TOOL_CALLS]f[ARGS]{}[TOOL_CALLS]get_c`, "", `f({})`, chat.FinishLength},
		{`[TOOL_CALLS]</s>`, "", "", chat.FinishStop},
		{`[TOOL_CALLS]I would rather not.</s>`, "I would rather not.", "", chat.FinishStop},

		{`[TOOL_CALLS][{"name": "f", "arguments": {"a": [1, "]"]}, "id": "AbC123456"}]</s>`, "", `f#AbC123456({"a": [1, "]"]})`, chat.FinishToolCalls},
		{`[TOOL_CALLS] [{"name": "f", "arguments": {}}, {"arguments": {"name": 2}, "name": "g", "id": 7}] ok</s>`, "", `f({}) g({"name": 2})`, chat.FinishToolCalls},
		{`[TOOL_CALLS][{"name": "f", "arguments": "{\"a\": 1}"}, {"name": "g"}]</s>`, "", `f({"a": 1}) g({})`, chat.FinishToolCalls},
		{`[TOOL_CALLS]{"name": "f", "arguments": {"a": 1}} ok</s>`, "", `f({"a": 1})`, chat.FinishToolCalls},
		{`[TOOL_CALLS][{"name": "f", "arguments": {}}, {"name": "g", "argum`, `{"name": "g", "argum`, `f({})`, chat.FinishLength},
		{`[TOOL_CALLS][1] see below</s>`, "[1] see below", "", chat.FinishStop},
		{`[TOOL_CALLS][{"name": 5}] no</s>`, `{"name": 5}] no`, "", chat.FinishStop},
		{`[TOOL_CALLS][]</s>`, "", "", chat.FinishStop},
	} {
		tok := tekkentest.Version(t, "v11")
		p := New(tok, Options{Seed: 1})
		h := listen(t, p, ids(t, tok, c.answer), chat.FinishLength)
		if h.text != c.text || written(h, c.calls) != c.calls || p.Reason() != c.reason {
			t.Errorf("%s\ngives %q, %s, %s\nwant  %q, %s, %s", c.answer, h.text, written(h, c.calls), p.Reason(), c.text, c.calls, c.reason)
		}
	}
}

// written shows calls, with those ids that want names.
func written(h *heard, want string) string {
	var parts []string
	for i, c := range h.calls {
		part := c.Name
		if strings.Contains(want, "#"+c.ID) && !strings.Contains(strings.Join(parts, ""), c.ID) {
			part += "#" + c.ID
		}
		part += "(" + c.Arguments + ")"
		if !h.complete[i] {
			part += "…"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

// No half characters are shown, and what the pieces add up to is the whole.
func TestCharactersAreWhole(t *testing.T) {
	tok := tekkentest.Version(t, "v11")
	answer := "né 日本語🙂 ﷽ \U0001F9D1\u200d\U0001F680"
	p := New(tok, Options{})
	sum := ""
	for _, b := range []byte(answer) { // one token for every byte
		for _, e := range p.Push(int32(tok.NumSpecial()) + int32(b)) {
			if strings.ContainsRune(e.Text, '\uFFFD') {
				t.Errorf("half a character after %q", sum)
			}
			sum += e.Text
		}
	}
	if sum != answer {
		t.Errorf("%q, want %q", sum, answer)
	}
	p.Push(int32(tok.NumSpecial()) + 0xf0)
	if events := p.Finish(chat.FinishLength); len(events) != 1 || events[0].Text != "\uFFFD" {
		t.Errorf("half a character at the end gives %+v", events)
	}
}

func TestEndsFromOutside(t *testing.T) {
	tok := tekkentest.Version(t, "v11")
	for _, reason := range []string{chat.FinishLength, chat.FinishCancelled} {
		p := New(tok, Options{Stop: []string{"wait"}})
		h := listen(t, p, ids(t, tok, "so wai"), reason)
		if h.text != "so wai" || p.Reason() != reason || !p.Done() {
			t.Errorf("%s: %q, %s", reason, h.text, p.Reason())
		}
		if p.Push(5) != nil || len(p.Finish(chat.FinishStop)) != 0 || p.Reason() != reason {
			t.Errorf("%s: the answer goes on after its end", reason)
		}
	}
}

func TestCallIDsFollowTheSeed(t *testing.T) {
	tok := tekkentest.Version(t, "v11")
	id := func(seed uint64, n int) string {
		p := New(tok, Options{Seed: seed})
		return listen(t, p, ids(t, tok, strings.Repeat(`[TOOL_CALLS]f[ARGS]{}`, n)+"</s>"), "").calls[n-1].ID
	}
	first, again := id(1, 1), id(1, 1)
	if first != again || first == id(2, 1) || first == id(1, 2) {
		t.Error("ids do not follow seed and index")
	}
}

func TestTokensCostNoAllocation(t *testing.T) {
	tok := tekkentest.Version(t, "v11")
	answer := ids(t, tok, "The sky over the sea is blue, and the sea below it is green. ")
	p := New(tok, Options{Stop: []string{"never here", "END"}})
	r := rand.New(rand.NewPCG(1, 1))
	push := func() {
		for range 50 {
			p.Push(answer[r.IntN(len(answer))])
		}
	}
	for range 400 {
		push()
	}
	// A held-back space is joined to the next piece; nothing else is made.
	if n := testing.AllocsPerRun(100, push); n > 5 {
		t.Errorf("%.0f allocations for 50 tokens", n)
	}
}

// FuzzPush: any ids at all give events that add up, at every cut.
func FuzzPush(f *testing.F) {
	tok := tekkentest.Version(f, "v11")
	for _, seed := range []string{
		"hello</s>", `a[TOOL_CALLS]f[CALL_ID]AbC123456[ARGS]{"a": 1} x[TOOL_CALLS]`, `[TOOL_CALLS][{"name": "f"}, 3`, `[TOOL_CALLS]f{"a`,
	} {
		data := []byte{}
		for _, id := range ids(f, tok, seed) {
			data = append(data, byte(id), byte(id>>8))
		}
		f.Add(data, "END", uint64(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, stop string, seed uint64) {
		p := New(tok, Options{Stop: []string{stop, "x"}, Seed: seed})
		var list []int32
		for ; len(data) >= 2; data = data[2:] {
			list = append(list, int32(int16(data[0])|int16(data[1])<<8))
		}
		h := listen(t, p, list, chat.FinishLength)
		onlyText := !slices.Contains(list, p.special.calls)
		if stop != "" && onlyText && strings.Contains(h.text, strings.ToValidUTF8(stop, "\uFFFD")) {
			t.Errorf("the stop string %q is shown in %q", stop, h.text)
		}
	})
}
