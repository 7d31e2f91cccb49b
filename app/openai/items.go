package openai

import (
	"fmt"

	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
)

// input reads the conversation of the Responses API: instructions, then a text or
// a list of items.
func (r *Request) input(o object, opts Options) error {
	talk := conversation{request: r}
	if _, given := o.get("instructions"); given {
		var text string
		if err := o.text("instructions", &text); err != nil {
			return err
		}
		talk.add(chat.Text(chat.System, text), "instructions")
	}
	v, given := o.get("input")
	switch {
	case !given:
		return o.missing("input", "a string or a list of items")
	case v.Kind == pyjson.String:
		talk.add(chat.Text(chat.User, pyjson.Clean(v.Text)), "input")
		return nil
	case v.Kind != pyjson.Array:
		return o.wrong("input", v, "a string or a list of items")
	}
	reader := messageReader{opts: opts, request: r}
	reader.more = reader.outputPart
	for i, item := range v.Items {
		if item.Kind != pyjson.Object {
			return o.wrong(fmt.Sprintf("input[%d]", i), item, "an object")
		}
		if err := reader.item(o.item("input", i, item), &talk); err != nil {
			return err
		}
	}
	talk.show()
	return nil
}

// item reads a message, a call or its result. Reasoning of other models has no
// place in this one's conversation.
func (r *messageReader) item(o object, talk *conversation) error {
	kind := "message"
	if err := o.text("type", &kind); err != nil {
		return err
	}
	switch kind {
	case "message":
		return r.itemMessage(o, talk)
	case "function_call":
		var c chat.ToolCall
		var namespace string
		err := first(o.needText("call_id", &c.ID), o.needText("name", &c.Name), o.needText("arguments", &c.Arguments), o.text("namespace", &namespace))
		c.Name = qualified(namespace, c.Name)
		talk.add(chat.Message{Role: chat.Assistant, ToolCalls: []chat.ToolCall{c}}, o.path)
		return err
	case "function_call_output":
		m := chat.Message{Role: chat.ToolRole}
		err := first(o.needText("call_id", &m.ToolCallID), r.parts(o, "output", &m))
		talk.add(m, o.path)
		return err
	case "reasoning":
		return nil
	case "item_reference":
		return o.fault("type", "is \"item_reference\", but this server keeps nothing between requests; send the item itself")
	}
	if r.opts.Lenient {
		return r.hostedItem(o, kind, talk)
	}
	return o.fault("type", "is %s; message, function_call or function_call_output was expected", brief(pyjson.Text(kind)))
}

func (r *messageReader) itemMessage(o object, talk *conversation) error {
	var role string
	if err := o.needText("role", &role); err != nil {
		return err
	}
	m := chat.Message{Role: knownRole(chat.Role(role))}
	switch m.Role {
	case chat.System, chat.User, chat.Assistant:
	default:
		return o.fault("role", "is %s; user, assistant, system or developer was expected", brief(pyjson.Text(role)))
	}
	err := r.parts(o, "content", &m)
	talk.add(m, o.path)
	return err
}

// outputPart reads the kinds of part that only the Responses API has.
func (r *messageReader) outputPart(o object, kind string) (part chat.Part, known bool, err error) {
	switch kind {
	case "input_text", "output_text":
		err = o.needText("text", &part.Text)
	case "refusal":
		err = o.needText("refusal", &part.Text)
	case "input_image":
		if _, given := o.get("file_id"); given {
			return part, true, o.fault("file_id", "is given, but this server keeps no files; send the picture in image_url")
		}
		part.Image, err = r.picture(o)
	case "input_file", "input_audio":
		err = o.fault("type", "is %q, but this model takes text and pictures only; use input_text and input_image", kind)
	default:
		return part, false, nil
	}
	return part, true, err
}
