package chattemplate

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"os"
	"strings"
	"testing"
	"time"

	"sirocco/model/chat"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
	"sirocco/model/tokenizer/tekkentest"
)

var rule = imageproc.Rule{PatchSize: 14, MaxSize: 1540, Merge: 2}

// picture is a PNG file of that size.
func picture(t testing.TB, width, height int) chat.Part {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return chat.Part{Image: &chat.Image{Name: "test.png", Data: file.Bytes()}}
}

// show writes a prompt as one string, special tokens by their names.
func show(tok *tokenizer.Tokenizer, ids []int32) string {
	var b strings.Builder
	for start := 0; start < len(ids); {
		end := start + 1
		if tok.IsSpecial(ids[start]) {
			b.WriteString(tok.Piece(ids[start]))
		} else {
			for end < len(ids) && !tok.IsSpecial(ids[end]) {
				end++
			}
			b.WriteString(tok.Decode(ids[start:end]))
		}
		start = end
	}
	return b.String()
}

func say(role chat.Role, texts ...string) chat.Message {
	m := chat.Message{Role: role}
	for _, text := range texts {
		m.Parts = append(m.Parts, chat.Part{Text: text})
	}
	return m
}

func calls(text string, list ...chat.ToolCall) chat.Message {
	m := say(chat.Assistant, text)
	m.ToolCalls = list
	return m
}

func result(id, text string) chat.Message {
	m := say(chat.ToolRole, text)
	m.ToolCallID = id
	return m
}

var weather = chat.Tool{
	Name:        "get_weather",
	Description: "Get the weather",
	Parameters:  json.RawMessage(`{"type":"object","properties":{"city":{"type":"string","description":"Ville, e.g. Zürich"}},"required":["city"]}`),
}

const weatherJSON = `[{"type": "function", "function": {"name": "get_weather", "description": "Get the weather", ` +
	`"parameters": {"type": "object", "properties": {"city": {"type": "string", "description": "Ville, e.g. Zürich"}}, "required": ["city"]}}}]`

var (
	paris = chat.ToolCall{ID: "000000001", Name: "get_weather", Arguments: `{"city":"Paris"}`}
	rome  = chat.ToolCall{ID: "000000002", Name: "get_weather", Arguments: `{"city":"Rome"}`}
)

// The worked examples of the format: what each request looks like to the model.
func TestTemplate(t *testing.T) {
	image := picture(t, 56, 56)
	small := picture(t, 28, 28)
	round := []chat.Message{say(chat.User, "Paris and Rome?"), calls("Let me look.", paris, rome), result("000000002", "25"), result("000000001", "21")}
	cases := []struct {
		name, version string
		req           chat.Request
		want          string
	}{
		{"plain", "v11", chat.Request{Messages: []chat.Message{say(chat.User, "Hello, how are you?")}},
			"<s>[INST]Hello, how are you?[/INST]"},
		{"system prompts stay apart", "v11", chat.Request{Messages: []chat.Message{say(chat.System, "a"), say(chat.System, "b"), say(chat.User, "c")}},
			"<s>[SYSTEM_PROMPT]a[/SYSTEM_PROMPT][SYSTEM_PROMPT]b[/SYSTEM_PROMPT][INST]c[/INST]"},
		{"several turns", "v11", chat.Request{Messages: []chat.Message{say(chat.System, "S"), say(chat.User, "a"), say(chat.Assistant, "b  "), say(chat.User, "c")}},
			"<s>[SYSTEM_PROMPT]S[/SYSTEM_PROMPT][INST]a[/INST]b</s>[INST]c[/INST]"},
		{"neighbours merge", "v11", chat.Request{Messages: []chat.Message{say(chat.User, "a"), say(chat.User, ""), say(chat.User, "b", "", "c"), say(chat.Assistant, "d"), calls("e", paris), result("000000001", "")}},
			"<s>[INST]a\n\nb\n\nc[/INST]d\n\ne[TOOL_CALLS]get_weather[CALL_ID]000000001[ARGS]{\"city\": \"Paris\"}</s>[TOOL_RESULTS]000000001[TOOL_CONTENT][/TOOL_RESULTS]"},
		{"typed markers are text", "v11", chat.Request{Messages: []chat.Message{say(chat.User, "[/INST]</s>")}},
			"<s>[INST][/INST]</s>[/INST]"},
		{"one picture comes first", "v11", chat.Request{Messages: []chat.Message{{Role: chat.User, Parts: []chat.Part{{Text: "What is this?"}, image}}}},
			"<s>[INST][IMG][IMG][IMG_BREAK][IMG][IMG][IMG_END]What is this?[/INST]"},
		{"several pictures stay", "v11", chat.Request{Messages: []chat.Message{{Role: chat.User, Parts: []chat.Part{{Text: "A"}, small, {Text: "B"}, {Text: "C"}, small, {Text: "D"}, {Text: "E"}}}}},
			"<s>[INST]A[IMG][IMG_END]B\n\nC[IMG][IMG_END]D\n\nE[/INST]"},
		{"continued", "v11", chat.Request{ContinueFinal: true, Messages: []chat.Message{say(chat.User, "Write JSON"), say(chat.Assistant, `{"answer":`)}},
			`<s>[INST]Write JSON[/INST]{"answer":`},
		{"tools before the last question", "v11", chat.Request{Tools: []chat.Tool{weather}, Messages: append(round[:4:4], say(chat.Assistant, "Mild."), say(chat.User, "And Bonn?"))},
			"<s>[INST]Paris and Rome?[/INST]Let me look.[TOOL_CALLS]get_weather[CALL_ID]000000001[ARGS]{\"city\": \"Paris\"}[TOOL_CALLS]get_weather[CALL_ID]000000002[ARGS]{\"city\": \"Rome\"}</s>" +
				"[TOOL_RESULTS]000000001[TOOL_CONTENT]21[/TOOL_RESULTS][TOOL_RESULTS]000000002[TOOL_CONTENT]25[/TOOL_RESULTS]Mild.</s>[AVAILABLE_TOOLS]" + weatherJSON + "[/AVAILABLE_TOOLS][INST]And Bonn?[/INST]"},
		{"v7 writes one list of calls", "v7", chat.Request{Messages: round},
			"<s>[INST]Paris and Rome?[/INST]Let me look.[TOOL_CALLS][{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}, \"id\": \"000000001\"}, {\"name\": \"get_weather\", \"arguments\": {\"city\": \"Rome\"}, \"id\": \"000000002\"}]</s>" +
				"[TOOL_RESULTS]000000002[TOOL_CONTENT]25[/TOOL_RESULTS][TOOL_RESULTS]000000001[TOOL_CONTENT]21[/TOOL_RESULTS]"},
		{"v13 leaves ids out, tools come first", "v13", chat.Request{Tools: []chat.Tool{weather}, Messages: append(round[:4:4], say(chat.User, "So?"))},
			"<s>[AVAILABLE_TOOLS]" + weatherJSON + "[/AVAILABLE_TOOLS][INST]Paris and Rome?[/INST]Let me look.[TOOL_CALLS]get_weather[ARGS]{\"city\": \"Paris\"}[TOOL_CALLS]get_weather[ARGS]{\"city\": \"Rome\"}</s>" +
				"[TOOL_RESULTS]21[/TOOL_RESULTS][TOOL_RESULTS]25[/TOOL_RESULTS][INST]So?[/INST]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tok := tekkentest.Version(t, c.version)
			p, err := Build(c.req, tok, rule)
			if err != nil {
				t.Fatal(err)
			}
			if got := show(tok, p.IDs); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
			checkSpans(t, p)
		})
	}
}

// checkSpans demands that every id is in exactly one span.
func checkSpans(t *testing.T, p *Prompt) {
	t.Helper()
	at := 0
	for _, s := range p.Spans {
		if s.Start != at || s.End <= s.Start {
			t.Fatalf("span %+v begins at %d, not at %d", s, s.Start, at)
		}
		at = s.End
	}
	if at != len(p.IDs) {
		t.Fatalf("spans end at %d of %d ids", at, len(p.IDs))
	}
}

// What arguments look like in the prompt, whatever the client sent.
func TestArguments(t *testing.T) {
	tok := tekkentest.Version(t, "v11")
	for arguments, want := range map[string]string{
		"":                          `{}`,
		`{"b":1e5,"a":"é\u00e9"}`:   `{"b": 100000.0, "a": "éé"}`,
		`{"a":1,"b":2,"a":3}`:       `{"a": 3, "b": 2}`,
		`{"a": NaN}`:                `{"a": NaN}`,
		`blabla`:                    `"blabla"`,
		`{"cut": "o`:                `"{\"cut\": \"o"`,
		` `:                         `" "`,
		`"text"`:                    `"text"`,
		`null`:                      `null`,
		`{"half": "\ud83d", "x":1}`: "{\"half\": \"\ufffd\", \"x\": 1}",
	} {
		c := paris
		c.Arguments = arguments
		p, err := Build(chat.Request{Messages: []chat.Message{say(chat.User, "?"), calls("", c), result(c.ID, "!")}}, tok, rule)
		if err != nil {
			t.Errorf("%s: %v", arguments, err)
			continue
		}
		_, after, _ := strings.Cut(show(tok, p.IDs), "[ARGS]")
		if got, _, _ := strings.Cut(after, "</s>"); got != want {
			t.Errorf("%s became %s, want %s", arguments, got, want)
		}
	}
}

// Each span knows which message of the request it came from, merged or moved ones too.
func TestSpans(t *testing.T) {
	tok := tekkentest.Version(t, "v11")
	req := chat.Request{Tools: []chat.Tool{weather}, Messages: []chat.Message{
		say(chat.System, "S"), say(chat.User, "a"), {Role: chat.User, Parts: []chat.Part{picture(t, 28, 28), {Text: "b"}}},
		calls("", paris, rome), result(rome.ID, "25"), result(paris.ID, "21"),
	}}
	p, err := Build(req, tok, rule)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range p.Spans {
		got = append(got, s.Kind+" "+string(rune('0'+s.Message))+" "+show(tok, p.IDs[s.Start:s.End]))
	}
	want := []string{
		"control 0 <s>[SYSTEM_PROMPT]", "system 0 S", "control 0 [/SYSTEM_PROMPT]",
		"control 1 [AVAILABLE_TOOLS]", "tools 1 " + weatherJSON, "control 1 [/AVAILABLE_TOOLS][INST]",
		"user 1 a", "image 2 [IMG][IMG_END]", "user 2 b", "control 1 [/INST]",
		"control 3 [TOOL_CALLS]", "assistant 3 get_weather", "control 3 [CALL_ID]", "assistant 3 000000001", "control 3 [ARGS]", `assistant 3 {"city": "Paris"}`,
		"control 3 [TOOL_CALLS]", "assistant 3 get_weather", "control 3 [CALL_ID]", "assistant 3 000000002", "control 3 [ARGS]", `assistant 3 {"city": "Rome"}`, "control 3 </s>",
		"control 5 [TOOL_RESULTS]", "tool_result 5 000000001", "control 5 [TOOL_CONTENT]", "tool_result 5 21", "control 5 [/TOOL_RESULTS]",
		"control 4 [TOOL_RESULTS]", "tool_result 4 000000002", "control 4 [TOOL_CONTENT]", "tool_result 4 25", "control 4 [/TOOL_RESULTS]",
	}
	if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
		t.Errorf("got\n%s\nwant\n%s", a, b)
	}
	if image := p.Images[0]; image.Grid.Tokens() != 2 || show(tok, p.IDs[image.Start:image.Start+2]) != "[IMG][IMG_END]" {
		t.Errorf("the picture is at %+v", image)
	}
	if g := p.Grids()[0]; g != (chat.Grid{Width: 28, Height: 28, Rows: 1, Columns: 1, Tokens: 2}) {
		t.Errorf("its grid is %+v", g)
	}
}

// What is refused, and which field the error names.
func TestRefusals(t *testing.T) {
	user, bad := say(chat.User, "?"), func(id, name string) chat.ToolCall { return chat.ToolCall{ID: id, Name: name} }
	withTool := func(tool chat.Tool) chat.Request {
		return chat.Request{Messages: []chat.Message{user}, Tools: []chat.Tool{weather, tool}}
	}
	talk := func(m ...chat.Message) chat.Request { return chat.Request{Messages: m} }
	prefixed := say(chat.Assistant, "a")
	prefixed.Prefix = true
	named := result(paris.ID, "x")
	named.Name = "no good"
	cases := []struct {
		param string
		req   chat.Request
	}{
		{"messages", talk()},
		{"messages[0].role", talk(prefixed)},
		{"messages[0].role", talk(say("developer", "x"))},
		{"messages[1].role", talk(user, say(chat.Assistant, "a"))},
		{"messages[2].role", talk(user, prefixed, say(chat.System, "x"), user)},
		{"messages[1].role", talk(user, result(paris.ID, "x"))},
		{"messages[1].prefix", talk(user, prefixed, user)},
		{"continue_final_message", chat.Request{Messages: []chat.Message{user}, ContinueFinal: true}},
		{"continue_final_message", chat.Request{ContinueFinal: true}},
		{"messages[1].content", talk(user, say(chat.Assistant, ""), user)},
		{"messages[1].tool_calls[0].id", talk(user, calls("", bad("call_12345", "f")), user)},
		{"messages[1].tool_calls[0].id", talk(user, calls("", bad("", "f")), user)},
		{"messages[1].tool_calls[1].id", talk(user, calls("", paris, paris), result(paris.ID, "x"))},
		{"messages[1].tool_calls[0].function.name", talk(user, calls("", bad("000000001", "a b")), user)},
		{"messages[2].tool_call_id", talk(user, calls("", paris), result("call_1", "x"))},
		{"messages[2].tool_call_id", talk(user, calls("", paris), result(rome.ID, "x"))},
		{"messages[3].tool_call_id", talk(user, calls("", paris), result(paris.ID, "x"), result(paris.ID, "y"))},
		{"messages[2].name", talk(user, calls("", paris), named)},
		{"messages[3].role", talk(user, calls("", paris, rome), result(paris.ID, "x"), prefixed)},
		{"messages[0].content", talk(chat.Message{Role: chat.System, Parts: []chat.Part{picture(t, 28, 28)}}, user)},
		{"messages[0].content", talk(chat.Message{Role: chat.User, Parts: []chat.Part{{Image: &chat.Image{Data: []byte("text")}}}})},
		{"messages[1].tool_calls", talk(user, calls("", chat.ToolCall{ID: paris.ID, Name: "f", Arguments: strings.Repeat("[", 9999)}), user)},
		{"tools[1].function.name", withTool(chat.Tool{Name: ""})},
		{"tools[1].function.parameters", withTool(chat.Tool{Name: "f", Parameters: json.RawMessage(`{"type":"sting"}`)})},
		{"tools[1].function.parameters", withTool(chat.Tool{Name: "f", Parameters: json.RawMessage(`[]`)})},
		{"tools[1].function.parameters", withTool(chat.Tool{Name: "f", Parameters: json.RawMessage(`{`)})},
	}
	tok := tekkentest.Version(t, "v11")
	for _, c := range cases {
		_, err := Build(c.req, tok, rule)
		var fault *chat.RequestError
		if !errors.As(err, &fault) {
			t.Errorf("%s: got %v", c.param, err)
			continue
		}
		if fault.Param != c.param || !strings.HasPrefix(fault.Message, c.param) {
			t.Errorf("%s: got %q: %s", c.param, fault.Param, fault.Message)
		}
	}
}

// A prompt given token by token stays as it is.
func TestExactPrompt(t *testing.T) {
	tok := tekkentest.Version(t, "v11")
	p, err := Build(chat.Request{Prompt: []int32{1, 3, 2000}}, tok, rule)
	if err != nil || len(p.IDs) != 3 || p.Spans[0] != (chat.Span{Kind: KindUser, End: 3}) {
		t.Errorf("%+v, %v", p, err)
	}
	for _, wrong := range [][]int32{{}, {-1}, {1, int32(tok.VocabSize())}} {
		_, err := Build(chat.Request{Prompt: wrong}, tok, rule)
		var fault *chat.RequestError
		if !errors.As(err, &fault) || fault.Param != "prompt" {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}

func TestUnknownVersion(t *testing.T) {
	_, err := Build(chat.Request{Messages: []chat.Message{say(chat.User, "?")}}, tekkentest.Version(t, "v3"), rule)
	if err == nil || !strings.Contains(err.Error(), "v3") {
		t.Errorf("got %v", err)
	}
}

// Ids that fit stay, others become nine characters, the same ones every time.
func TestMapCallIDs(t *testing.T) {
	foreign := paris
	foreign.ID = "call_abcdefghijklmnopqrstuvwx"
	req := chat.Request{Messages: []chat.Message{say(chat.User, "?"), calls("", foreign, rome), result(foreign.ID, "1"), result(rome.ID, "2")}}
	before := req.Messages[1].ToolCalls[0].ID
	mapped := req
	ids := MapCallIDs(&mapped)
	id := mapped.Messages[1].ToolCalls[0].ID
	if !goodID(id) || id != mapped.Messages[2].ToolCallID || mapped.Messages[3].ToolCallID != rome.ID {
		t.Errorf("mapped to %q, %q, %q", id, mapped.Messages[2].ToolCallID, mapped.Messages[3].ToolCallID)
	}
	if req.Messages[1].ToolCalls[0].ID != before || req.Messages[2].ToolCallID != before {
		t.Error("the caller's messages changed")
	}
	if _, err := Build(mapped, tekkentest.Version(t, "v11"), rule); err != nil {
		t.Error(err)
	}
	mapped.Messages = mapped.Messages[:3] // an error about them speaks of the caller's ids
	mapped.Messages = append(mapped.Messages, mapped.Messages[2])
	_, err := Build(mapped, tekkentest.Version(t, "v11"), rule)
	if err == nil || !strings.Contains(ids.Restore(err).Error(), foreign.ID) || strings.Contains(ids.Restore(err).Error(), id) {
		t.Errorf("%v, with the caller's ids %v", err, ids.Restore(err))
	}
}

func TestFillSystem(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 30, 0, 0, time.FixedZone("", 3600))
	got, err := FillSystem("{name} {{x}} {today} {yesterday} }}{{", "M", now)
	if err != nil || got != "M {x} 2026-03-01 2026-02-28 }{" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, bad := range []string{"{", "}", "{nam}", "{}", "{0}", "a {name", "{name!r}", "{name:>9}", "{today}}", "{{}"} {
		if got, err := FillSystem(bad, "M", now); err == nil {
			t.Errorf("%q gave %q", bad, got)
		}
	}
	file, err := os.ReadFile("../../assets/prompts/system_prompt.txt")
	if err != nil {
		t.Fatal(err)
	}
	got, err = FillSystem(string(file), "Mistral-Small-3.2-24B-Instruct-2506", now)
	if err != nil || strings.Count(got, "2026-0") != 2 || !strings.HasPrefix(got, "You are Mistral-Small-3.2-24B") {
		t.Errorf("got %v, %s", err, got)
	}
}
