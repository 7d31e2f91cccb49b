package openai

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"sirocco/model/chat"
	"sirocco/model/chattemplate"
)

// transcript writes a conversation in one line.
func transcript(messages []chat.Message) string {
	var out []string
	for _, m := range messages {
		line := string(m.Role) + ":"
		for _, part := range m.Parts {
			if part.Image != nil {
				line += " <picture>"
			} else {
				line += " " + part.Text
			}
		}
		for _, c := range m.ToolCalls {
			line += fmt.Sprintf(" %s(%s)", c.Name, c.Arguments)
		}
		out = append(out, line)
	}
	return strings.Join(out, " | ")
}

// shape reads a request of one API leniently, as the server does.
type shape func(text string) (*Request, error)

var (
	chatShape shape = func(text string) (*Request, error) { return ParseChat([]byte(text)) }

	responsesShape shape = func(text string) (*Request, error) {
		v, err := ParseJSON([]byte(text))
		if err != nil {
			return nil, err
		}
		return ResponseFromValue(v, Options{Lenient: true})
	}

	messagesShape shape = func(text string) (*Request, error) {
		v, err := ParseJSON([]byte(text))
		if err != nil {
			return nil, err
		}
		return AnthropicFromValue(v, true, Options{Lenient: true})
	}
)

const (
	dot   = `data:image/png;base64,iVBORw0KGgo=`
	call  = `{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}`
	reply = `{"role":"tool","tool_call_id":"a","content":"r"}`
)

// What the published APIs allow and the template does not is put into a form that it
// takes, on every route.
func TestNormalise(t *testing.T) {
	messages := func(list string) string { return `{"messages":[` + list + `]}` }
	input := func(list string) string { return `{"input":[` + list + `]}` }
	for _, c := range []struct {
		name    string
		read    shape
		request string
		want    string
		notices int
	}{
		{"developer", chatShape, messages(`{"role":"developer","content":"s"},{"role":"user","content":"u"}`), "system: s | user: u", 0},
		{"system after the user", messagesShape, messages(`{"role":"user","content":"u"},{"role":"system","content":"s"}`), "user: u | system: s", 0},
		{"system after the assistant", chatShape, messages(`{"role":"user","content":"u"},{"role":"assistant","content":"a"},{"role":"system","content":"s"},{"role":"user","content":"v"}`),
			"user: u | assistant: a | user: s v", 1},
		{"system between call and result", chatShape, messages(`{"role":"user","content":"u"},` + call + `,{"role":"system","content":"s"},` + reply + `,{"role":"user","content":"v"}`),
			"user: u | assistant: f({}) | tool: r | user: s v", 1},
		{"system after the result, at the end", chatShape, messages(`{"role":"user","content":"u"},` + call + `,` + reply + `,{"role":"developer","content":"s"}`),
			"user: s u | assistant: f({}) | tool: r", 1},
		{"two in a row after the assistant", chatShape, messages(`{"role":"assistant","content":"a"},{"role":"system","content":"s"},{"role":"system","content":"t"}`),
			"assistant: a | user: s t", 2},
		{"developer in the middle", responsesShape, input(`{"role":"user","content":"u"},{"role":"assistant","content":"a"},{"role":"developer","content":"s"},{"role":"user","content":"v"}`),
			"user: u | assistant: a | user: s v", 1},

		{"empty turn", chatShape, messages(`{"role":"user","content":"u"},{"role":"assistant","content":""},{"role":"user","content":"v"}`), "user: u | user: v", 0},
		{"empty turn, null", chatShape, messages(`{"role":"user","content":"u"},{"role":"assistant","content":null},{"role":"user","content":"v"}`), "user: u | user: v", 0},
		{"empty turn, no parts", messagesShape, messages(`{"role":"user","content":"u"},{"role":"assistant","content":[]},{"role":"user","content":"v"}`), "user: u | user: v", 0},
		{"empty turn, an empty part", responsesShape, input(`{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"output_text","text":""}]},{"role":"user","content":"v"}`), "user: u | user: v", 0},
		{"empty beginning", messagesShape, messages(`{"role":"user","content":"u"},{"role":"assistant","content":""}`), "user: u", 0},

		{"reasoning", chatShape, messages(`{"role":"user","content":"u"},{"role":"assistant","content":"a","reasoning":"r","reasoning_content":"r"},{"role":"user","content":"v"}`),
			"user: u | assistant: a | user: v", 0},
		{"thinking part", chatShape, messages(`{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"t"}]},{"type":"text","text":"a"}]},{"role":"user","content":"v"}`),
			"user: u | assistant: a | user: v", 0},
		{"refusal part", chatShape, messages(`{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"refusal","refusal":"no"}]},{"role":"user","content":"v"}`),
			"user: u | assistant: no | user: v", 0},
		{"refusal field", chatShape, messages(`{"role":"user","content":"u"},{"role":"assistant","content":null,"refusal":"no"},{"role":"user","content":"v"}`),
			"user: u | assistant: no | user: v", 0},

		{"picture in a result, then the assistant", chatShape, messages(`{"role":"user","content":"u"},` + call + `,{"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"r"},{"type":"image_url","image_url":{"url":"` + dot + `"}}]},{"role":"assistant","content":"a"},{"role":"user","content":"v"}`),
			"user: u | assistant: f({}) | tool: r | user: <picture> | assistant: a | user: v", 0},
		{"picture in a result, last", chatShape, messages(`{"role":"user","content":"u"},` + call + `,{"role":"tool","tool_call_id":"a","content":[{"type":"image_url","image_url":"` + dot + `"}]}`),
			"user: u | assistant: f({}) | tool:  | user: <picture>", 0},
		{"screenshot", responsesShape, input(`{"role":"user","content":"u"},{"type":"computer_call","call_id":"a","id":"i","status":"completed","pending_safety_checks":[],"action":{"type":"screenshot"}},{"type":"computer_call_output","call_id":"a","output":{"type":"computer_screenshot","image_url":"` + dot + `"}}`),
			`user: u | assistant: computer({"type": "screenshot"}) | tool:  | user: <picture>`, 0},

		{"web search", responsesShape, input(`{"role":"user","content":"u"},{"type":"web_search_call","id":"w","status":"completed","action":{"type":"search","query":"rain"}},{"role":"user","content":"v"}`),
			"user: u | assistant: rain | user: v", 0},
		{"file search", responsesShape, input(`{"role":"user","content":"u"},{"type":"file_search_call","id":"w","status":"completed","queries":["q"],"results":[{"file_id":"x","filename":"f","text":"found","score":1}]},{"role":"user","content":"v"}`),
			"user: u | assistant: q\nfound | user: v", 0},
		{"custom call", responsesShape, input(`{"role":"user","content":"u"},{"type":"custom_tool_call","call_id":"a","name":"patch","input":"say \"x\""},{"type":"custom_tool_call_output","call_id":"a","output":"done"}`),
			`user: u | assistant: patch({"input": "say \"x\""}) | tool: done`, 0},
		{"shell call", responsesShape, input(`{"role":"user","content":"u"},{"type":"shell_call","call_id":"a","action":{"commands":["ls"]}},{"type":"shell_call_output","call_id":"a","output":[{"stdout":"x","stderr":"","outcome":{"type":"exit","exit_code":0}}]}`),
			`user: u | assistant: shell({"commands": ["ls"]}) | tool: x`, 0},
		{"generated picture", responsesShape, input(`{"role":"user","content":"u"},{"type":"image_generation_call","id":"i","status":"completed","result":"aGVsbG8="},{"role":"user","content":"v"}`),
			"user: u | user: v", 1},
		{"namespace of a call", responsesShape, input(`{"role":"user","content":"u"},{"type":"function_call","call_id":"a","namespace":"git","name":"log","arguments":"{}"},{"type":"function_call_output","call_id":"a","output":"r"}`),
			"user: u | assistant: git__log({}) | tool: r", 0},

		{"document of text", messagesShape, messages(`{"role":"user","content":[{"type":"document","title":"D","source":{"type":"text","media_type":"text/plain","data":"body"}},{"type":"text","text":"?"}]}`),
			"user: D body ?", 0},
		{"document of parts", messagesShape, messages(`{"role":"user","content":[{"type":"document","source":{"type":"content","content":[{"type":"text","text":"body"}]}}]}`), "user: body", 0},
		{"document of base64 text", messagesShape, messages(`{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"text/plain","data":"aGVsbG8="}}]}`), "user: hello", 0},
		{"document that cannot be read", messagesShape, messages(`{"role":"user","content":[{"type":"document","title":"D","source":{"type":"base64","media_type":"application/pdf","data":"aGVsbG8="}}]}`),
			"user: [D was left out: only text and pictures can be read here]", 1},
		{"file", chatShape, messages(`{"role":"user","content":[{"type":"file","file":{"filename":"a.txt","file_data":"data:text/plain;base64,aGVsbG8="}}]}`), "user: a.txt hello", 0},
		{"search result", messagesShape, messages(`{"role":"user","content":[{"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"x"}]}]}`), "user: s\nt\nx", 0},
		{"tool reference in a result", messagesShape, messages(`{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"find","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"tool_reference","tool_name":"g"}]}]}`),
			"user: u | assistant: find({}) | tool: g", 0},
		{"server's tool", messagesShape, messages(`{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"rain"}},{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","title":"T","url":"http://t","encrypted_content":"zzz"}]},{"type":"text","text":"a"}]},{"role":"user","content":"v"}`),
			"user: u | assistant: web_search\nrain T\nhttp://t a | user: v", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := c.read(c.request)
			if err != nil {
				t.Fatal(err)
			}
			if got := transcript(r.Chat.Messages); got != c.want || len(r.Notices) != c.notices {
				t.Errorf("got  %s\nwant %s\nnotices %q", got, c.want, r.Notices)
			}
			if len(r.Places) != len(r.Chat.Messages) {
				t.Errorf("%d places for %d messages", len(r.Places), len(r.Chat.Messages))
			}
		})
	}
}

// Without Lenient a request is refused where the reference refuses it, and nothing
// in it is moved.
func TestStrictStaysStrict(t *testing.T) {
	for _, text := range []string{
		`{"messages":[{"role":"developer","content":"x"}]}`,
		`{"messages":[{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"refusal","refusal":"no"}]}]}`,
		`{"messages":[{"role":"user","content":"u"},{"role":"assistant","content":"a","reasoning":"r"}]}`,
		`{"messages":[{"role":"user","content":"u"}],"tools":[{"type":"web_search"}]}`,
	} {
		var fault *chat.RequestError
		if _, err := ParseChatWith([]byte(text), Options{}); !errors.As(err, &fault) {
			t.Errorf("%s: got %v", text, err)
		}
	}
	r, err := ParseChatWith([]byte(`{"messages":[{"role":"user","content":"u"},{"role":"assistant","content":""},{"role":"system","content":"s"}]}`), Options{})
	if err != nil || transcript(r.Chat.Messages) != "user: u | assistant:  | system: s" {
		t.Errorf("got %v, %v", r, err)
	}
}

// Tools of every published kind are offered, or left out with a notice. The model
// reads names that its template takes; the client reads its own.
func TestToolsOfEveryKind(t *testing.T) {
	const hello = `"messages":[{"role":"user","content":"u"}],"input":"u","max_tokens":1,`
	parameters := `{"type":"object","properties":{"n":{"type":"integer"}}}`
	for _, c := range []struct {
		name    string
		read    shape
		fields  string
		offered string // names, and the client's where they differ
		notices int
	}{
		{"nested", chatShape, `"tools":[{"type":"function","function":{"name":"f","parameters":` + parameters + `}}]`, "f", 0},
		{"flat on chat", chatShape, `"tools":[{"type":"function","name":"f","parameters":` + parameters + `}]`, "f", 0},
		{"nested on responses", responsesShape, `"tools":[{"type":"function","function":{"name":"f"}}]`, "f", 0},
		{"namespace", responsesShape, `"tools":[{"type":"namespace","name":"git","description":"d","tools":[{"type":"function","name":"log"},{"type":"custom","name":"raw"}]}]`, "git__log=git/log git__raw=git/raw!", 0},
		{"custom", responsesShape, `"tools":[{"type":"custom","name":"patch","format":{"type":"grammar","syntax":"lark","definition":"start: x"}}]`, "patch=patch!", 0},
		{"custom on chat", chatShape, `"tools":[{"type":"custom","custom":{"name":"patch"}}]`, "patch=patch!", 0},
		{"hosted", responsesShape, `"tools":[{"type":"web_search"},{"type":"file_search","vector_store_ids":[]},{"type":"code_interpreter","container":{}},{"type":"mcp","server_label":"x"},{"type":"computer"},{"type":"function","name":"f"}]`, "f", 5},
		{"Anthropic's own", messagesShape, `"tools":[{"type":"web_search_20250305","name":"web_search"},{"type":"bash_20250124","name":"bash"},{"type":"custom","name":"f","input_schema":` + parameters + `}]`, "f", 2},
		{"a name with dots and slashes", chatShape, `"tools":[{"type":"function","function":{"name":"a.b/c"}},{"type":"function","function":{"name":"a_b_c"}}]`, "a_b_c=a.b/c a_b_c=?", 0},
		{"a schema that cannot be read", chatShape, `"tools":[{"type":"function","function":{"name":"bad","parameters":{"type":"object","properties":{"x":{"type":"any"}}}}},{"type":"function","function":{"name":"f"}}]`, "f", 1},
		{"allowed", chatShape, `"tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"g"}}]}}`, "g", 0},
		{"allowed on responses", responsesShape, `"tools":[{"type":"function","name":"f"},{"type":"function","name":"g"}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]}`, "f", 0},
		{"flat choice", chatShape, `"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"function","name":"f"}`, "f", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := c.read(`{` + hello + c.fields + `}`)
			if err != nil {
				t.Fatal(err)
			}
			if c.name == "a name with dots and slashes" {
				twoNames(t, r)
				return
			}
			var offered []string
			for _, tool := range r.Chat.Tools {
				text := tool.Name
				if own, mapped := r.Names[tool.Name]; mapped {
					text += "=" + strings.TrimPrefix(own.Namespace+"/"+own.Name, "/")
					if own.Custom {
						text += "!"
					}
				}
				offered = append(offered, text)
				if err := chattemplate.CheckTool(tool); err != nil {
					t.Errorf("the template does not take %s: %v", tool.Name, err)
				}
			}
			if got := strings.Join(offered, " "); got != c.offered || len(r.Notices) != c.notices {
				t.Errorf("got %s, want %s; notices %q", got, c.offered, r.Notices)
			}
		})
	}
}

// twoNames: names that become the same one are kept apart, and lead back.
func twoNames(t *testing.T, r *Request) {
	seen := map[string]bool{}
	for i, own := range []string{"a.b/c", "a_b_c"} {
		name := r.Chat.Tools[i].Name
		if seen[name] || !chattemplate.GoodName(name) || r.Names.Original(name).Name != own || r.Names.internal(own) != name {
			t.Errorf("%s is offered as %s, which leads back to %+v", own, name, r.Names.Original(name))
		}
		seen[name] = true
	}
}

// A call is forced only where there is something to call.
func TestForcedHostedTools(t *testing.T) {
	for _, fields := range []string{
		`"tools":[{"type":"web_search"}],"tool_choice":"required"`,
		`"tools":[{"type":"web_search"},{"type":"function","name":"f"}],"tool_choice":{"type":"web_search"}`,
		`"tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"g"}]}`,
	} {
		var fault *chat.RequestError
		if _, err := responsesShape(`{"input":"u",` + fields + `}`); !errors.As(err, &fault) || !strings.HasPrefix(fault.Param, "tool_choice") {
			t.Errorf("%s: got %v", fields, err)
		}
	}
}

// A history that a client has shortened begins with a call; a local shell's result names
// its call by id.
func TestHistoriesThatBeginWithACall(t *testing.T) {
	v, err := ParseJSON([]byte(`{"input": [{"type": "local_shell_call", "id": "x", "call_id": "c1", "action": {"type": "exec", "command": ["ls"]}, "status": "completed"},
		{"type": "local_shell_call_output", "id": "c1", "output": "a"}, {"role": "user", "content": "And?"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	r, err := ResponseFromValue(v, Options{Lenient: true})
	if err != nil {
		t.Fatal(err)
	}
	m := r.Chat.Messages
	if len(m) != 4 || len(r.Places) != 4 || m[0].Role != chat.User || m[1].ToolCalls[0].ID != "c1" || m[2].ToolCallID != "c1" || len(r.Notices) != 1 {
		t.Errorf("%+v, %q, %q", m, r.Places, r.Notices)
	}
}
