package openai

import (
	"slices"
	"strings"

	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
)

// lenientPart reads the kinds of part that the published APIs have and the template
// does not: text in another form, and what can only be left out. known is false for
// the ordinary ones.
func (r *messageReader) lenientPart(o object) (parts []chat.Part, known bool, err error) {
	kind, _ := o.get("type")
	switch kind.Text {
	case "thinking", "redacted_thinking", "reasoning", "reasoning_text", "summary_text":
		return nil, true, nil // of another model, or of an earlier answer
	case "refusal":
		return r.textField(o, "refusal")
	case "input_text", "output_text":
		return r.textField(o, "text")
	case "image":
		image, err := r.sourcePicture(o)
		return []chat.Part{{Image: image}}, true, err
	case "computer_screenshot":
		if _, given := o.get("image_url"); !given {
			return r.leaveOut(o, kind.Text), true, nil
		}
		fallthrough
	case "input_image":
		if _, given := o.get("file_id"); given {
			return nil, true, o.fault("file_id", "is given, but this server keeps no files; send the picture in image_url")
		}
		image, err := r.picture(o)
		return []chat.Part{{Image: image}}, true, err
	case "document", "file", "input_file":
		parts, err := r.document(o, kind.Text)
		return parts, true, err
	}
	if !isHosted(kind.Text) {
		return nil, false, nil
	}
	if text := readable(o.value); text != "" {
		return []chat.Part{{Text: text}}, true, nil
	}
	return r.leaveOut(o, kind.Text), true, nil
}

// hostedKinds are parts and items about tools that run at a vendor's. Their text is
// read.
var hostedKinds = []string{
	"search_result", "web_search_result", "tool_reference", "server_tool_use", "mcp_tool_use", "mcp_tool_result",
	"container_upload", "web_search_call", "file_search_call", "code_interpreter_call", "mcp_call", "mcp_list_tools",
	"mcp_approval_request", "mcp_approval_response", "image_generation_call", "compaction", "compaction_trigger",
	"additional_tools", "configuration_update",
}

func isHosted(kind string) bool {
	return slices.Contains(hostedKinds, kind) || strings.HasSuffix(kind, "_tool_result")
}

// textField is a part that is the text in a field.
func (r *messageReader) textField(o object, name string) ([]chat.Part, bool, error) {
	var text string
	err := o.needText(name, &text)
	return []chat.Part{{Text: text}}, true, err
}

// leaveOut leaves a part out and says so.
func (r *messageReader) leaveOut(o object, kind string) []chat.Part {
	r.request.notice("%s was left out: this model takes text and pictures only, and %s is neither", o.path, brief(pyjson.Text(kind)))
	return nil
}

// document reads a document of Anthropic's, or a file of OpenAI's, that is text or
// is made of parts. Of others the model is told that they were left out.
func (r *messageReader) document(o object, kind string) ([]chat.Part, error) {
	title, _ := firstText(o, "title", "filename")
	source := o
	for _, name := range []string{"source", "file"} {
		if v, given := o.get(name); given && v.Kind == pyjson.Object {
			source = o.child(name, v)
		}
	}
	if name, given := firstText(source, "filename"); given {
		title = name
	}
	if v, given := source.get("content"); given {
		if v.Kind == pyjson.Array || v.Kind == pyjson.String {
			var m chat.Message
			err := r.parts(source, "content", &m)
			return titled(title, m.Parts), err
		}
	}
	if text, there := textOf(source); there {
		return titled(title, []chat.Part{{Text: text}}), nil
	}
	r.leaveOut(o, kind)
	if title == "" {
		title = "a document"
	}
	return []chat.Part{{Text: "[" + title + " was left out: only text and pictures can be read here]"}}, nil
}

// titled puts a document's title before its parts.
func titled(title string, parts []chat.Part) []chat.Part {
	if title == "" {
		return parts
	}
	return append([]chat.Part{{Text: title}}, parts...)
}

// firstText is the first of several fields that holds text.
func firstText(o object, names ...string) (string, bool) {
	for _, name := range names {
		if v, given := o.get(name); given && v.Kind == pyjson.String && v.Text != "" {
			return pyjson.Clean(v.Text), true
		}
	}
	return "", false
}

// textOf is the text of a source: as it is, or in base64 where its type is text.
func textOf(source object) (string, bool) {
	data, given := firstText(source, "data", "file_data", "text")
	if !given {
		return "", false
	}
	kind, _ := firstText(source, "media_type")
	if header, payload, found := strings.Cut(data, ","); found && strings.HasPrefix(header, "data:") {
		kind, data = strings.TrimPrefix(header, "data:"), payload
		if !strings.HasSuffix(kind, ";base64") {
			return "", false
		}
	} else if how, _ := firstText(source, "type"); how == "text" {
		return data, true
	}
	if !strings.HasPrefix(kind, "text/") && !strings.HasPrefix(kind, "application/json") {
		return "", false
	}
	text, err := decodeBase64(data)
	return strings.ToValidUTF8(string(text), "\uFFFD"), err == nil
}

// refusal reads what an assistant refused to say, where it said nothing else.
func (r *messageReader) refusal(o object, m *chat.Message) error {
	if !r.opts.Lenient {
		return nil
	}
	if text, given := firstText(o, "refusal"); given {
		m.Parts = []chat.Part{{Text: text}}
	}
	if m.Role == chat.ToolRole && len(m.Parts) == 0 {
		m.Parts = []chat.Part{{}}
	}
	return nil
}

// customCall reads a call of a custom tool, whose input is a text.
func customCall(o object) (chat.ToolCall, error) {
	var c chat.ToolCall
	var input string
	custom := o
	if v, given := o.get("custom"); given && v.Kind == pyjson.Object {
		custom = o.child("custom", v)
	}
	err := first(o.text("id", &c.ID), custom.needText("name", &c.Name), custom.needText("input", &input))
	c.Arguments = customArguments(input)
	return c, err
}

// customArguments are a custom tool's arguments as the model sees them.
func customArguments(input string) string {
	return "{" + pyjson.Text(customInput).String() + ": " + pyjson.Text(input).String() + "}"
}

// CustomInput is the text that the model gave to a custom tool. Of arguments that
// were cut off it is the arguments as they are.
func CustomInput(arguments string) string {
	if v, err := pyjson.Parse(arguments); err == nil {
		if input, there := v.Get(customInput); there && input.Kind == pyjson.String {
			return pyjson.Clean(input.Text)
		}
	}
	return arguments
}

// hostedItem reads an item of the Responses API about a tool that is no function:
// calls and results that belong together stay so, of the rest the text is read.
func (r *messageReader) hostedItem(o object, kind string, talk *conversation) error {
	id, called := firstText(o, "call_id")
	if !called && strings.HasSuffix(kind, "_call_output") { // a local shell's result names its call by id
		id, called = firstText(o, "id")
	}
	switch {
	case kind == "custom_tool_call":
		c, err := customCall(o)
		var namespace string
		err = first(err, o.text("namespace", &namespace))
		c.ID, c.Name = id, qualified(namespace, c.Name)
		talk.add(chat.Message{Role: chat.Assistant, ToolCalls: []chat.ToolCall{c}}, o.path)
		return err
	case called && strings.HasSuffix(kind, "_output"):
		m := chat.Message{Role: chat.ToolRole, ToolCallID: id}
		err := r.hostedOutput(o, &m)
		talk.add(m, o.path)
		return err
	case called && (strings.HasSuffix(kind, "_call") || kind == "program"):
		c := chat.ToolCall{ID: id, Name: strings.TrimSuffix(kind, "_call"), Arguments: hostedArguments(o)}
		talk.add(chat.Message{Role: chat.Assistant, ToolCalls: []chat.ToolCall{c}}, o.path)
		return nil
	case !isHosted(kind):
		return o.fault("type", "is %s; message, function_call or function_call_output was expected", brief(pyjson.Text(kind)))
	}
	if text := readable(o.value); text != "" && kind != "image_generation_call" {
		talk.add(chat.Text(chat.Assistant, text), o.path)
		return nil
	}
	r.leaveOut(o, kind)
	return nil
}

// hostedOutput reads the result of a hosted tool: a text, parts, a screenshot, or
// an object whose text is read.
func (r *messageReader) hostedOutput(o object, m *chat.Message) error {
	v, given := o.get("output")
	switch {
	case given && v.Kind == pyjson.Object:
		parts, known, err := r.lenientPart(o.child("output", v))
		if m.Parts = parts; known || err != nil {
			return err
		}
	case given && v.Kind == pyjson.Array && len(v.Items) > 0:
		if kind, typed := v.Items[0].Get("type"); typed && kind.Kind == pyjson.String {
			return r.parts(o, "output", m)
		}
	case given && v.Kind == pyjson.String:
		return r.parts(o, "output", m)
	}
	m.Parts = []chat.Part{{Text: readable(o.value)}}
	return nil
}

// hostedArguments are what a hosted tool was asked to do, as JSON.
func hostedArguments(o object) string {
	for _, name := range []string{"action", "operation", "arguments"} {
		if v, given := o.get(name); given && v.Kind == pyjson.Object {
			return pyjson.Clean(v.String())
		}
	}
	rest := pyjson.Value{Kind: pyjson.Object}
	for _, m := range o.value.Members {
		if !slices.Contains([]string{"type", "id", "call_id", "status", "caller", "fingerprint"}, m.Key) {
			rest.Members = append(rest.Members, m)
		}
	}
	return pyjson.Clean(rest.String())
}

// readableKeys are the fields whose text a person would read.
var readableKeys = []string{
	"text", "title", "url", "source", "query", "queries", "action", "refusal", "output", "outputs", "result", "results", "content", "code",
	"stdout", "stderr", "logs", "summary", "tool_name", "name", "arguments", "input", "error", "message", "tools", "description", "return_code", "file_name",
}

// readable is the text in a value of a kind that is not known in detail, a line for
// each piece.
func readable(v pyjson.Value) string {
	var lines []string
	var walk func(pyjson.Value)
	walk = func(v pyjson.Value) {
		switch v.Kind {
		case pyjson.String:
			if v.Text != "" {
				lines = append(lines, pyjson.Clean(v.Text))
			}
		case pyjson.Array:
			for _, item := range v.Items {
				walk(item)
			}
		case pyjson.Object:
			for _, m := range v.Members {
				if slices.Contains(readableKeys, m.Key) {
					walk(m.Value)
				}
			}
		}
	}
	walk(v)
	return strings.Join(lines, "\n")
}
