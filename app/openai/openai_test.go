package openai

import (
	"encoding/base64"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"sirocco/model/chat"
)

func parse(t *testing.T, text string) *Request {
	t.Helper()
	r, err := ParseChat([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

const hello = `"messages":[{"role":"user","content":"Hello"}]`

// What a request that says nothing gets.
func TestDefaults(t *testing.T) {
	r := parse(t, `{`+hello+`,"tools":null,"temperature":null,"unknown":{"x":1},"user":"me"}`)
	want := &Request{N: 1, Field: "messages", Chat: chat.Request{
		Messages: []chat.Message{chat.Text(chat.User, "Hello")}, ToolChoice: "auto", Sampling: chat.Sampling{Temperature: 0.15}}}
	want.Places = []string{"messages[0]"}
	want.Given = map[string]bool{"messages": true, "unknown": true, "user": true}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("got %+v\nwant %+v", r, want)
	}
}

// Every field the engine knows.
func TestAllFields(t *testing.T) {
	r := parse(t, `{
		"model": "m", "n": 2, "stream": true, "stream_options": {"include_usage": true},
		"temperature": 0, "top_p": 0.9, "top_k": -1, "min_p": 0.05, "repetition_penalty": 1.1, "presence_penalty": -1, "frequency_penalty": 2,
		"seed": -1, "logit_bias": {"17": -100}, "stop": ["a", "b"], "max_tokens": 5, "max_completion_tokens": 7.0, "logprobs": true, "top_logprobs": 3,
		"parallel_tool_calls": false, "tool_choice": {"type": "function", "function": {"name": "f"}}, "continue_final_message": true,
		"response_format": {"type": "json_schema", "json_schema": {"name": "n", "strict": true, "schema": {"z":1,"a":[ 2.50 ]}}},
		"tools": [{"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type":"object"}, "strict": true}}],
		"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "!"}]}`)
	yes, no := true, false
	want := chat.Request{
		Messages: []chat.Message{chat.Text(chat.User, "?"), chat.Text(chat.Assistant, "!")},
		Tools:    []chat.Tool{{Name: "f", Description: "d", Parameters: []byte(`{"type": "object"}`), Strict: &yes}},
		Schema:   []byte(`{"z": 1, "a": [2.5]}`), ToolChoice: "function", ToolName: "f", ParallelToolCalls: &no, ContinueFinal: true,
		Sampling: chat.Sampling{TopP: 0.9, MinP: 0.05, RepeatPenalty: 1.1, PresencePenalty: -1, FrequencyPenalty: 2,
			Seed: math.MaxUint64, LogitBias: map[int32]float64{17: -100}},
		MaxTokens: 7, Stop: []string{"a", "b"}, Logprobs: 3,
	}
	if !reflect.DeepEqual(r.Chat, want) {
		t.Errorf("got  %+v\nwant %+v", r.Chat, want)
	}
	if r.Model != "m" || r.N != 2 || !r.Stream || !r.IncludeUsage || !r.Logprobs || !r.Given["top_k"] {
		t.Errorf("got %+v", r)
	}
}

func TestShortForms(t *testing.T) {
	r := parse(t, `{`+hello+`,"stop":"x","tool_choice":"any","tools":[{"function":{"name":"f"}}],"response_format":{"type":"json_object"},"top_p":0,"seed":18446744073709551615}`)
	if r.Chat.ToolChoice != "required" || len(r.Chat.Stop) != 1 || string(r.Chat.Schema) != `{"type": "object"}` {
		t.Errorf("got %+v", r.Chat)
	}
	if s := r.Chat.Sampling; s.TopP <= 0 || s.TopP > 1e-300 || s.Seed != math.MaxUint64 {
		t.Errorf("got %+v", s)
	}
}

// A conversation with everything a message can hold.
func TestMessages(t *testing.T) {
	gif := base64.StdEncoding.EncodeToString([]byte("GIF89a-like bytes"))
	r := parse(t, `{"messages":[
		{"role":"system","content":[{"type":"text","text":"S"}]},
		{"role":"user","content":[{"type":"text","text":"half \ud83d pair"},{"type":"image_url","image_url":{"url":"data:image/gif;base64,`+gif+`","detail":"low"}},{"type":"image_url","image_url":"data:;base64,`+gif+`"}]},
		{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}},{"id":"b","function":{"name":"g","arguments":{"x":[1,2]}}}]},
		{"role":"tool","tool_call_id":"call_1","name":"f","content":"21"}]}`)
	picture := func(name string) chat.Part {
		return chat.Part{Image: &chat.Image{Name: name, Data: []byte("GIF89a-like bytes")}}
	}
	want := []chat.Message{
		{Role: chat.System, PartList: true, Parts: []chat.Part{{Text: "S"}}},
		{Role: chat.User, PartList: true, Parts: []chat.Part{{Text: "half \ufffd pair"}, picture("picture 1"), picture("picture 2")}},
		{Role: chat.Assistant, ToolCalls: []chat.ToolCall{{ID: "call_1", Name: "f", Arguments: `{"a": 1}`}, {ID: "b", Name: "g", Arguments: `{"x": [1, 2]}`}}},
		{Role: chat.ToolRole, ToolCallID: "call_1", Name: "f", Parts: []chat.Part{{Text: "21"}}},
	}
	if !reflect.DeepEqual(r.Chat.Messages, want) {
		t.Errorf("got  %+v\nwant %+v", r.Chat.Messages, want)
	}
}

// A picture on the web is fetched only by a caller who can.
func TestFetch(t *testing.T) {
	request := []byte(`{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}]}]}`)
	_, err := ParseChat(request)
	var fault *chat.RequestError
	if !errors.As(err, &fault) || fault.Param != "messages[0].content[0].image_url.url" || !strings.Contains(fault.Message, "data URL") {
		t.Errorf("got %v", err)
	}
	fetch := func(url string) ([]byte, error) { return []byte(url), nil }
	r, err := ParseChatWith(request, Options{Fetch: fetch})
	if err != nil || string(r.Chat.Messages[0].Parts[0].Image.Data) != "https://example.org/a.png" {
		t.Errorf("got %+v, %v", r, err)
	}
	refuse := func(string) ([]byte, error) { return nil, errors.New("the host does not answer") }
	if _, err = ParseChatWith(request, Options{Fetch: refuse}); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("got %v", err)
	}
}

// Every error names its field and begins with it.
func TestErrors(t *testing.T) {
	with := func(field string) string { return `{` + hello + `,` + field + `}` }
	for _, c := range []struct{ param, text string }{
		{"", `[]`}, {"", `{`}, {"", "{\"a\":\"\xff\"}"}, {"", strings.Repeat("[", 2000)}, {"", ""},
		{"messages", `{}`}, {"messages", `{"messages":5}`}, {"messages[0]", `{"messages":["x"]}`},
		{"messages[0].role", `{"messages":[{}]}`}, {"messages[0].role", `{"messages":[{"role":"narrators","content":"x"}]}`},
		{"messages[0].content", `{"messages":[{"role":"user"}]}`}, {"messages[0].content", `{"messages":[{"role":"user","content":5}]}`},
		{"messages[0].content[0]", `{"messages":[{"role":"user","content":["x"]}]}`},
		{"messages[0].content[0].type", `{"messages":[{"role":"user","content":[{"type":"input_audio"}]}]}`},
		{"messages[0].content[0].image_url.url", `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAA"}}]}]}`},
		{"messages[0].content[0].image_url", `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":"file:///etc/passwd"}]}]}`},
		{"messages[0].tool_calls[0].function.arguments", `{"messages":[{"role":"assistant","tool_calls":[{"id":"x","function":{"name":"f"}}]}]}`},
		{"messages[0].tool_call_id", `{"messages":[{"role":"tool","content":"x"}]}`},
		{"tools", with(`"tools":{}`)}, {"tools[0].function", with(`"tools":[{"type":"function"}]`)}, {"tools[0].name", with(`"tools":[{"type":"custom"}]`)},
		{"tools[0].function.parameters", with(`"tools":[{"function":{"name":"f","parameters":[]}}]`)},
		{"tool_choice", with(`"tool_choice":"perhaps"`)}, {"tool_choice", with(`"tool_choice":"required"`)},
		{"tool_choice.function.name", with(`"tool_choice":{"type":"function","function":{"name":"g"}}`)},
		{"temperature", with(`"temperature":3`)}, {"temperature", with(`"temperature":"hot"`)}, {"temperature", with(`"temperature":NaN`)},
		{"top_k", with(`"top_k":1.5`)}, {"repetition_penalty", with(`"repetition_penalty":0`)}, {"seed", with(`"seed":1.5`)}, {"n", with(`"n":0`)},
		{"logit_bias", with(`"logit_bias":{"a":1}`)}, {"logit_bias", with(`"logit_bias":{"1":101}`)}, {"stop", with(`"stop":[""]`)},
		{"max_tokens", with(`"max_tokens":0`)}, {"top_logprobs", with(`"top_logprobs":2`)}, {"stream", with(`"stream":"yes"`)},
		{"stream_options.include_usage", with(`"stream_options":{"include_usage":1}`)},
		{"response_format.type", with(`"response_format":{"type":"xml"}`)}, {"response_format.json_schema.schema", with(`"response_format":{"type":"json_schema","json_schema":{"schema":5}}`)},
	} {
		_, err := ParseChat([]byte(c.text))
		var fault *chat.RequestError
		if !errors.As(err, &fault) {
			t.Errorf("%.80s: got %v", c.text, err)
		} else if fault.Param != c.param || !strings.HasPrefix(fault.Message, c.param) {
			t.Errorf("%.80s: got %q: %s", c.text, fault.Param, fault.Message)
		}
	}
}

// As patient as Python's base64.b64decode, which the reference uses.
func TestDecodeBase64(t *testing.T) {
	for text, want := range map[string]string{
		"aGVsbG8=": "hello", "aGVs\n bG8=": "hello", "aGVsbG8=ignored": "hello", "aGVs": "hel", "=aGVs": "hel", "aG=VsbG8=": "hello", "!!!!": "", "aGVsbA==": "hell",
	} {
		if got, err := decodeBase64(text); err != nil || string(got) != want {
			t.Errorf("%q: got %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"a", "aGVsbG8", "aGVsbA=", "aGVsé"} {
		if got, err := decodeBase64(text); err == nil {
			t.Errorf("%q: got %q", text, got)
		}
	}
}
