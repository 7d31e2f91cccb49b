package openai

import (
	"fmt"

	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
)

// messages reads the conversation. What roles and contents may follow each other
// is not looked at here.
func (r *Request) messages(o object, opts Options) error {
	v, given := o.get("messages")
	if !given {
		return o.missing("messages", "a list of messages")
	}
	if v.Kind != pyjson.Array {
		return o.wrong("messages", v, "a list of messages")
	}
	reader := messageReader{opts: opts, request: r}
	talk := conversation{request: r}
	for i, item := range v.Items {
		if item.Kind != pyjson.Object {
			return o.wrong(fmt.Sprintf("messages[%d]", i), item, "an object with \"role\" and \"content\"")
		}
		at := o.item("messages", i, item)
		m, err := reader.message(at)
		switch {
		case err != nil:
			return err
		case opts.Lenient:
			talk.add(m, at.path)
		default:
			r.Chat.Messages = append(r.Chat.Messages, m)
		}
	}
	talk.show()
	return nil
}

type messageReader struct {
	opts     Options
	request  *Request // gets the notices
	pictures int      // read so far, to name them
	calls    int      // in the form they had before tools (functions.go)
	// more reads the kinds of part that only another API has.
	more func(o object, kind string) (part chat.Part, known bool, err error)
}

func (r *messageReader) message(o object) (chat.Message, error) {
	var role string
	if err := o.needText("role", &role); err != nil {
		return chat.Message{}, err
	}
	m := chat.Message{Role: chat.Role(role)}
	if r.opts.Lenient {
		m.Role = knownRole(m.Role)
		if done, err := r.functionMessage(o, &m); done || err != nil {
			return m, err
		}
	}
	switch m.Role {
	case chat.System, chat.User:
	case chat.Assistant:
		if err := r.assistantFields(o, &m); err != nil {
			return m, err
		}
	case chat.ToolRole:
		if err := toolFields(o, &m); err != nil {
			return m, err
		}
	case developer:
		return m, o.fault("role", "is \"developer\", which this model has not; use \"system\"")
	default:
		return m, o.fault("role", "is %s; system, user, assistant or tool was expected", brief(pyjson.Text(role)))
	}
	return m, r.content(o, &m)
}

func (r *messageReader) assistantFields(o object, m *chat.Message) error {
	for _, name := range []string{"reasoning", "reasoning_content"} {
		if _, given := o.get(name); given && !r.opts.Lenient {
			return o.fault(name, "is given, but this model has no place for reasoning in a conversation; leave it out")
		}
	}
	if err := o.boolean("prefix", &m.Prefix); err != nil {
		return err
	}
	if err := r.functionCall(o, m); err != nil {
		return err
	}
	v, given := o.get("tool_calls")
	if !given {
		return nil
	}
	if v.Kind != pyjson.Array {
		return o.wrong("tool_calls", v, "a list of tool calls")
	}
	for i, item := range v.Items {
		call, err := r.toolCall(o.item("tool_calls", i, item))
		if err != nil {
			return err
		}
		m.ToolCalls = append(m.ToolCalls, call)
	}
	return nil
}

func toolFields(o object, m *chat.Message) error {
	if err := o.needText("tool_call_id", &m.ToolCallID); err != nil {
		return err
	}
	if name, given := o.get("name"); given && name.Kind == pyjson.String && name.Text == "" {
		return o.wrong("name", name, "the tool's name")
	}
	return o.text("name", &m.Name)
}

// content reads a message's content: one string, a list of parts, or, where the
// assistant only calls tools, nothing.
func (r *messageReader) content(o object, m *chat.Message) error {
	if _, given := o.get("content"); !given && (m.Role == chat.Assistant || r.opts.Lenient && m.Role == chat.ToolRole) {
		return r.refusal(o, m)
	}
	return r.parts(o, "content", m)
}

// parts reads a string or a list of parts from a field.
func (r *messageReader) parts(o object, name string, m *chat.Message) error {
	v, given := o.get(name)
	switch {
	case !given:
		return o.missing(name, "a string or a list of parts")
	case v.Kind == pyjson.String:
		m.Parts = []chat.Part{{Text: pyjson.Clean(v.Text)}}
		return nil
	case v.Kind != pyjson.Array:
		return o.wrong(name, v, "a string or a list of parts")
	}
	m.PartList = true
	for i, item := range v.Items {
		parts, err := r.readParts(o.item(name, i, item))
		if err != nil {
			return err
		}
		m.Parts = append(m.Parts, parts...)
	}
	return nil
}

// readParts reads one part. A lenient request may hold parts that are text in
// another form, or that have no place in the prompt.
func (r *messageReader) readParts(o object) ([]chat.Part, error) {
	if r.opts.Lenient {
		if parts, known, err := r.lenientPart(o); known || err != nil {
			return parts, err
		}
	}
	part, err := r.part(o)
	return []chat.Part{part}, err
}

func (r *messageReader) part(o object) (chat.Part, error) {
	if o.value.Kind != pyjson.Object {
		return chat.Part{}, &chat.RequestError{Param: o.path,
			Message: fmt.Sprintf("%s is %s; an object with \"type\" was expected", o.path, brief(o.value))}
	}
	var kind string
	if err := o.needText("type", &kind); err != nil {
		return chat.Part{}, err
	}
	if r.more != nil {
		if part, known, err := r.more(o, kind); known {
			return part, err
		}
	}
	switch kind {
	case "text":
		var text string
		err := o.needText("text", &text)
		return chat.Part{Text: text}, err
	case "image_url":
		image, err := r.picture(o)
		return chat.Part{Image: image}, err
	case "input_audio", "audio_url":
		return chat.Part{}, o.fault("type", "is %q, but this model does not hear; use text and image_url", kind)
	}
	return chat.Part{}, o.fault("type", "is %s; text or image_url was expected", brief(pyjson.Text(kind)))
}

// toolCall reads one call. Arguments may be JSON text, as OpenAI sends them, or an
// object.
func (r *messageReader) toolCall(o object) (chat.ToolCall, error) {
	var c chat.ToolCall
	if o.value.Kind != pyjson.Object {
		return c, &chat.RequestError{Param: o.path, Message: fmt.Sprintf("%s is %s; a tool call was expected", o.path, brief(o.value))}
	}
	if kind, _ := o.get("type"); r.opts.Lenient && kind.Text == "custom" {
		return customCall(o)
	}
	if err := first(functionType(o), o.text("id", &c.ID)); err != nil {
		return c, err
	}
	function, err := functionOf(o)
	if err != nil {
		return c, err
	}
	called, err := r.calledFunction(function)
	called.ID = c.ID
	return called, err
}

// calledFunction reads the name and the arguments of a call.
func (r *messageReader) calledFunction(function object) (c chat.ToolCall, err error) {
	if err := function.needText("name", &c.Name); err != nil {
		return c, err
	}
	v, there := function.value.Get("arguments")
	switch {
	case !there:
		return c, function.missing("arguments", "a string with JSON")
	case v.Kind == pyjson.Null:
		c.Arguments = "{}"
	case v.Kind == pyjson.Object:
		c.Arguments = pyjson.Clean(v.String())
	case v.Kind == pyjson.String:
		c.Arguments = pyjson.Clean(v.Text)
	default:
		return c, function.wrong("arguments", v, "a string with JSON, or an object")
	}
	return c, nil
}

// functionType checks the field "type" of a tool or a call, which may be absent.
func functionType(o object) error {
	v, given := o.value.Get("type")
	if given && (v.Kind != pyjson.String || v.Text != "function") {
		return o.wrong("type", v, "\"function\"")
	}
	return nil
}

// functionOf is the object in the field "function" of a tool or a call.
func functionOf(o object) (object, error) {
	v, given := o.get("function")
	if !given {
		return object{}, o.missing("function", "an object with \"name\"")
	}
	if v.Kind != pyjson.Object {
		return object{}, o.wrong("function", v, "an object with \"name\"")
	}
	return o.child("function", v), nil
}
