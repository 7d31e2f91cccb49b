package openai

import (
	"fmt"

	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
)

// blocks reads the conversation of Anthropic's Messages API: system, then messages
// made of blocks. A last message by the assistant is continued.
func (r *Request) blocks(o object, opts Options) error {
	talk := conversation{request: r}
	reader := messageReader{opts: opts, request: r}
	reader.more = reader.sourcePart
	if _, given := o.get("system"); given {
		m := chat.Message{Role: chat.System}
		if err := reader.parts(o, "system", &m); err != nil {
			return err
		}
		talk.add(m, "system")
	}
	v, given := o.get("messages")
	if !given {
		return o.missing("messages", "a list of messages")
	}
	if v.Kind != pyjson.Array {
		return o.wrong("messages", v, "a list of messages")
	}
	for i, item := range v.Items {
		if item.Kind != pyjson.Object {
			return o.wrong(fmt.Sprintf("messages[%d]", i), item, "an object with \"role\" and \"content\"")
		}
		if err := reader.turn(o.item("messages", i, item), &talk); err != nil {
			return err
		}
	}
	talk.show()
	if last := talk.last(); last != nil && last.Role == chat.Assistant {
		if len(last.ToolCalls) > 0 {
			return o.fault("messages", "ends with a tool_use of the assistant; the next message must hold its tool_result")
		}
		r.Chat.ContinueFinal = true
	}
	return nil
}

// turn reads one message: a tool's results come before what the user says.
func (r *messageReader) turn(o object, talk *conversation) error {
	var role string
	if err := o.needText("role", &role); err != nil {
		return err
	}
	m := chat.Message{Role: knownRole(chat.Role(role))}
	if m.Role != chat.User && m.Role != chat.Assistant && m.Role != chat.System {
		return o.fault("role", "is %s; user, assistant or system was expected", brief(pyjson.Text(role)))
	}
	v, given := o.get("content")
	if !given || v.Kind != pyjson.Array {
		err := r.parts(o, "content", &m)
		talk.add(m, o.path)
		return err
	}
	m.PartList = true
	for i, item := range v.Items {
		if item.Kind != pyjson.Object {
			return o.wrong(fmt.Sprintf("content[%d]", i), item, "an object with \"type\"")
		}
		if err := r.block(o.item("content", i, item), &m, talk); err != nil {
			return err
		}
	}
	if len(m.Parts) > 0 || len(m.ToolCalls) > 0 || len(v.Items) == 0 {
		talk.add(m, o.path)
	}
	return nil
}

// block reads one block into the message, or into the conversation when it is a
// tool's result. Thinking of other models has no place here.
func (r *messageReader) block(o object, m *chat.Message, talk *conversation) error {
	var kind string
	if err := o.needText("type", &kind); err != nil {
		return err
	}
	switch {
	case kind == "thinking" || kind == "redacted_thinking":
		return nil
	case kind == "tool_use" && m.Role == chat.Assistant:
		call, err := anthropicCall(o)
		m.ToolCalls = append(m.ToolCalls, call)
		return err
	case kind == "tool_result" && m.Role == chat.User:
		result := chat.Message{Role: chat.ToolRole, Parts: []chat.Part{{}}}
		err := o.needText("tool_use_id", &result.ToolCallID)
		if _, given := o.get("content"); given && err == nil {
			result.Parts = nil
			err = r.parts(o, "content", &result)
		}
		talk.add(result, o.path)
		return err
	}
	parts, err := r.readParts(o)
	m.Parts = append(m.Parts, parts...)
	return err
}

// sourcePart reads the kinds of part that only Anthropic's API has.
func (r *messageReader) sourcePart(o object, kind string) (part chat.Part, known bool, err error) {
	switch kind {
	case "image":
		part.Image, err = r.sourcePicture(o)
	case "document", "search_result":
		err = o.fault("type", "is %q, but this model takes text and pictures only; send its text, or its pages as pictures", kind)
	default:
		return part, false, nil
	}
	return part, true, err
}

// sourcePicture reads an image block: {"source": {"type": "base64", "data": …}} or
// {"source": {"type": "url", "url": …}}.
func (r *messageReader) sourcePicture(o object) (*chat.Image, error) {
	v, given := o.get("source")
	if !given || v.Kind != pyjson.Object {
		return nil, o.missing("source", "an object with \"type\"")
	}
	source := o.child("source", v)
	var kind, text string
	if err := source.needText("type", &kind); err != nil {
		return nil, err
	}
	field, prefix := "data", "data:;base64,"
	switch kind {
	case "base64":
	case "url":
		field, prefix = "url", ""
	default:
		return nil, source.fault("type", "is %s; base64 or url was expected", brief(pyjson.Text(kind)))
	}
	if err := source.needText(field, &text); err != nil {
		return nil, err
	}
	return r.image(source, field, prefix+text)
}
