package openai

import (
	"encoding/json"
	"fmt"

	"sirocco/model/chat"
	"sirocco/model/chattemplate"
	"sirocco/model/chattemplate/pyjson"
)

// toolsWith reads the functions that the model may call, each by read. A lenient
// request may have tools of any published kind; those that the model cannot call
// are left out.
func (r *Request) toolsWith(opts Options, read func(object) (chat.Tool, error)) func(object) error {
	return func(o object) error {
		v, given := o.get("tools")
		switch {
		case !given:
			return nil
		case opts.Lenient:
			return r.lenientTools(o, v, read)
		}
		tools, err := listOf(o, v, read)
		r.Chat.Tools = tools
		return err
	}
}

func (r *Request) lenientTools(o object, v pyjson.Value, read func(object) (chat.Tool, error)) error {
	if v.Kind != pyjson.Array {
		return o.wrong("tools", v, "a list of tools")
	}
	r.Names = ToolNames{}
	for i, item := range v.Items {
		if item.Kind != pyjson.Object {
			return o.wrong(fmt.Sprintf("tools[%d]", i), item, "an object that describes a function")
		}
		if err := r.lenientTool(o.item("tools", i, item), "", read); err != nil {
			return err
		}
	}
	return nil
}

// lenientTool adds one tool, or all of a namespace.
func (r *Request) lenientTool(o object, namespace string, read func(object) (chat.Tool, error)) error {
	kind := ""
	if err := o.text("type", &kind); err != nil {
		return err
	}
	_, schema := o.get("input_schema")
	switch {
	case kind == "namespace":
		return r.namespace(o, read)
	case kind == "custom" && !schema:
		t, err := customTool(o)
		return r.offer(o, t, ToolName{Namespace: namespace, Custom: true}, err)
	case kind == "" || kind == "function" || kind == "custom":
		t, err := anyFunction(o, read)
		return r.offer(o, t, ToolName{Namespace: namespace}, err)
	}
	r.notice("the tool %s was left out: it runs at a vendor's, and this server has no tools of its own", brief(pyjson.Text(kind)))
	return nil
}

func (r *Request) namespace(o object, read func(object) (chat.Tool, error)) error {
	var name string
	if err := o.needText("name", &name); err != nil {
		return err
	}
	v, given := o.get("tools")
	if !given || v.Kind != pyjson.Array {
		return o.missing("tools", "a list of tools")
	}
	for i, item := range v.Items {
		if item.Kind != pyjson.Object {
			return o.wrong(fmt.Sprintf("tools[%d]", i), item, "an object that describes a function")
		}
		if err := r.lenientTool(o.item("tools", i, item), name, read); err != nil {
			return err
		}
	}
	return nil
}

// anyFunction reads a function in the route's own form, in OpenAI's nested or flat
// one, or in Anthropic's.
func anyFunction(o object, read func(object) (chat.Tool, error)) (chat.Tool, error) {
	if v, given := o.get("function"); given && v.Kind == pyjson.Object {
		return described(o.child("function", v), "parameters")
	}
	if _, given := o.get("input_schema"); given {
		return described(o, "input_schema")
	}
	if _, given := o.get("name"); given {
		return described(o, "parameters")
	}
	return read(o)
}

// customTool reads a tool that takes a text. The model sees a function with one
// argument; the grammar the text should follow is part of the description.
func customTool(o object) (chat.Tool, error) {
	if v, given := o.get("custom"); given && v.Kind == pyjson.Object {
		o = o.child("custom", v)
	}
	var t chat.Tool
	if err := first(o.needText("name", &t.Name), o.text("description", &t.Description)); err != nil {
		return t, err
	}
	if format, given := o.get("format"); given && format.Kind == pyjson.Object {
		if grammar, _ := format.Get("grammar"); grammar.Kind == pyjson.Object {
			format = grammar
		}
		syntax, _ := format.Get("syntax")
		if definition, _ := format.Get("definition"); definition.Kind == pyjson.String {
			t.Description += "\n\nThe input follows this " + syntax.Text + " grammar:\n" + pyjson.Clean(definition.Text)
		}
	}
	t.Parameters = json.RawMessage(`{"type": "object", "properties": {"` + customInput + `": {"type": "string"}}, "required": ["` +
		customInput + `"], "additionalProperties": false}`)
	return t, nil
}

// offer adds a tool under a name that the template takes. One that the template
// takes under no name is left out, so that it does not cost the others.
func (r *Request) offer(o object, t chat.Tool, own ToolName, err error) error {
	if err != nil {
		return err
	}
	if t.Name == "" {
		return o.fault("name", "is empty; every tool needs a name")
	}
	own.Name = t.Name
	t.Name = r.Names.add(own, func(name string) bool { return r.hasTool(name) })
	if err := chattemplate.CheckTool(t); err != nil {
		r.notice("the tool %s was left out: %v", brief(pyjson.Text(own.Name)), err)
		return nil
	}
	r.Chat.Tools = append(r.Chat.Tools, t)
	return nil
}

// hasTool reports whether a tool of that name is offered.
func (r *Request) hasTool(name string) bool {
	for _, t := range r.Chat.Tools {
		if t.Name == name {
			return true
		}
	}
	return false
}
