package remote

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"sirocco/model/chat"
)

// What servers are known to make of tool calls, and what becomes of it.
func TestCallsAreRepaired(t *testing.T) {
	piece := func(index int, id, name, arguments string) string {
		data, _ := json.Marshal(map[string]any{"index": index, "id": id, "type": "function", "function": map[string]any{"name": name, "arguments": arguments}})
		return string(data)
	}
	for name, c := range map[string]struct {
		lines []string
		want  string // name, arguments of each call
		text  string
	}{
		"as it should be":    {[]string{called(piece(0, "abcdefgh1", "f", "")), called(piece(0, "", "", `{"a": `)), called(piece(0, "", "", `1}`))}, `f {"a": 1}`, ""},
		"two calls":          {[]string{called(piece(0, "abcdefgh1", "f", `{"a": 1}`) + "," + piece(1, "abcdefgh2", "g", `{}`))}, `f {"a": 1}, g {}`, ""},
		"OpenAI's ids":       {[]string{called(piece(0, "call_0123456789abcdef", "f", `{}`))}, `f {}`, ""},
		"no ids":             {[]string{called(piece(0, "", "f", `{}`) + "," + piece(1, "", "f", `{}`))}, `f {}, f {}`, ""},
		"one id twice":       {[]string{called(piece(0, "call_0", "f", `{}`) + "," + piece(1, "call_0", "g", `{}`))}, `f {}, g {}`, ""},
		"one index":          {[]string{called(piece(0, "call_0", "f", `{}`)), called(piece(0, "call_1", "g", `{}`))}, `f {}, g {}`, ""},
		"said twice":         {[]string{called(piece(0, "abcdefgh1", "f", `{"a": "}"}`)), called(piece(0, "", "", `{"a": "}"}`))}, `f {"a": "}"}`, ""},
		"said twice at once": {[]string{called(piece(0, "abcdefgh1", "f", `{"a": {"b": 1}}{"a": {"b": 1}}`))}, `f {"a": {"b": 1}}`, ""},
		"name again":         {[]string{called(piece(0, "abcdefgh1", "f", `{"a"`)), called(piece(0, "abcdefgh1", "f", `: 1}`))}, `f {"a": 1}`, ""},
		"name late":          {[]string{called(piece(0, "abcdefgh1", "", `{"a"`)), called(piece(0, "", "f", `: 1}`))}, `f {"a": 1}`, ""},
		"no arguments":       {[]string{called(piece(0, "abcdefgh1", "f", ""))}, `f {}`, ""},
		"an object":          {[]string{called(`{"index": 0, "function": {"name": "f", "arguments": {"a": 1}}}`)}, `f {"a": 1}`, ""},
		"as text":            {[]string{says(`[TOOL_CALLS]f[ARGS]{"a": 1}`)}, `f {"a": 1}`, ""},
		"text in pieces":     {[]string{says("Let me see. [TOOL"), says("_CALLS]f[AR"), says(`GS]{"a"`), says(`: 1}[TOOL_CALLS]g[ARGS]{}`)}, `f {"a": 1}, g {}`, "Let me see. "},
		"the older list":     {[]string{says(`[TOOL_CALLS] [{"name": "f", "arguments": {"a": 1}, "id": "abcdefgh1"}]`)}, `f {"a": 1}`, ""},
		"both kinds":         {[]string{called(piece(0, "abcdefgh1", "f", `{}`)), says(`[TOOL_CALLS]g[ARGS]{"a": 2}`)}, `f {}, g {"a": 2}`, ""},
		"nearly a marker":    {[]string{says("[TOOL"), says("BOX] is what I use.")}, "", "[TOOLBOX] is what I use."},
	} {
		f := &fake{chat: streams(append(c.lines, ends("stop"), "[DONE]")...)}
		o := must(t, answered(t.Context(), f.open(t), hello(withTool)))
		var made []string
		ids := map[string]bool{}
		for _, call := range o.done.ToolCalls {
			made = append(made, call.Name+" "+call.Arguments)
			if !regexp.MustCompile(`^[a-zA-Z0-9]{9}$`).MatchString(call.ID) || ids[call.ID] {
				t.Errorf("%s: the id %q is not one the template takes, or it came before", name, call.ID)
			}
			ids[call.ID] = true
		}
		if got := strings.Join(made, ", "); got != c.want || o.done.Text != c.text {
			t.Errorf("%s: %s and the text %q, want %s and %q", name, got, o.done.Text, c.want, c.text)
		}
		if c.want != "" && o.done.FinishReason != chat.FinishToolCalls {
			t.Errorf("%s: the reason is %s", name, o.done.FinishReason)
		}
		deltas(t, name, o)
	}
}

// deltas checks that what was told on the way is what the end sums up.
func deltas(t *testing.T, name string, o outcome) {
	t.Helper()
	calls := make([]chat.ToolCall, len(o.done.ToolCalls))
	complete := make([]int, len(calls))
	for _, event := range o.events {
		if d := event.Call; d != nil {
			calls[d.Index].ID += d.ID
			calls[d.Index].Name += d.Name
			calls[d.Index].Arguments += d.Arguments
			if d.Complete {
				complete[d.Index]++
			}
		}
	}
	for i := range calls {
		if calls[i] != o.done.ToolCalls[i] || complete[i] != 1 {
			t.Errorf("%s: call %d was told as %+v (complete %d times) and summed up as %+v", name, i, calls[i], complete[i], o.done.ToolCalls[i])
		}
	}
}

// Where no tool may be called, the markers are text like any other.
func TestMarkersAreTextWithoutTools(t *testing.T) {
	f := &fake{chat: streams(says(`Mistral writes [TOOL_CALLS]f[ARGS]{}`), ends("stop"))}
	o := must(t, answered(t.Context(), f.open(t), hello()))
	if o.text != `Mistral writes [TOOL_CALLS]f[ARGS]{}` || len(o.done.ToolCalls) != 0 {
		t.Errorf("%q, %v", o.text, o.done.ToolCalls)
	}
}

// A call that a limit cut off stays as far as it came.
func TestCallCutOff(t *testing.T) {
	f := &fake{chat: streams(called(`{"index": 0, "id": "abcdefgh1", "function": {"name": "f", "arguments": "{\"a\": \"lo"}}`), ends("length"))}
	o := must(t, answered(t.Context(), f.open(t), hello(withTool)))
	if len(o.done.ToolCalls) != 1 || o.done.ToolCalls[0].Arguments != `{"a": "lo` || o.done.FinishReason != chat.FinishLength {
		t.Errorf("%+v", o.done)
	}
}

// Without its parser vLLM leaves the markers out of the text; the tokens tell of
// the call.
func TestSilentCalls(t *testing.T) {
	tok, err := Tekken()
	if err != nil {
		t.Fatal(err)
	}
	special := func(name string) int32 { id, _ := tok.Special(name); return id }
	ids := append(tok.Encode("Let me see."), special("[TOOL_CALLS]"))
	ids = append(append(append(ids, tok.Encode("f")...), special("[ARGS]")), tok.Encode(`{"a": 1}`)...)
	ids = append(ids, special("</s>"))
	var lines []string
	for _, id := range ids {
		content := ""
		if !tok.IsSpecial(id) {
			content = tok.Piece(id)
		}
		lines = append(lines, fmt.Sprintf(`{"choices": [{"index": 0, "delta": {"content": %q}, "logprobs": {"content": [{"token": "token_id:%d", "logprob": -0.1}]}}]}`, content, id))
	}
	f := &fake{version: "0.32.0", tokenize: tekkenTokens(t), chat: streams(append(lines, ends("stop"), "[DONE]")...)}
	o := must(t, answered(t.Context(), f.open(t), hello(withTool)))
	if o.done.Text != "Let me see." || len(o.done.ToolCalls) != 1 || o.done.ToolCalls[0].Name != "f" || o.done.ToolCalls[0].Arguments != `{"a": 1}` || o.done.FinishReason != chat.FinishToolCalls {
		t.Errorf("%q, %+v, %s", o.done.Text, o.done.ToolCalls, o.done.FinishReason)
	}
	mentions(t, strings.Join(o.notices, "; "), "--enable-auto-tool-choice")
	deltas(t, "silent", o)
	// A server that parses sends the same tokens, and the call once.
	lines = append(lines[:4:4], called(`{"index": 0, "id": "abcdefgh1", "function": {"name": "f", "arguments": "{\"a\": 1}"}}`))
	for _, id := range ids[4:] {
		lines = append(lines, fmt.Sprintf(`{"choices": [{"index": 0, "delta": {}, "logprobs": {"content": [{"token": "token_id:%d", "logprob": -0.1}]}}]}`, id))
	}
	f.chat = streams(append(lines, ends("tool_calls"), "[DONE]")...)
	o = must(t, answered(t.Context(), f.open(t), hello(withTool)))
	if len(o.done.ToolCalls) != 1 || o.done.ToolCalls[0].ID != "abcdefgh1" || strings.Contains(strings.Join(o.notices, ""), "as words") {
		t.Errorf("%+v, %q", o.done.ToolCalls, o.notices)
	}
}
