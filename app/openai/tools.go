package openai

import (
	"encoding/json"
	"fmt"

	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
)

// ParseTools reads a list of tools on its own, as in a file for `ask --tools`.
func ParseTools(data []byte) ([]chat.Tool, error) {
	v, err := ParseJSON(data)
	if err != nil {
		return nil, err
	}
	return toolList(object{}, v)
}

func toolList(o object, v pyjson.Value) ([]chat.Tool, error) { return listOf(o, v, tool) }

// listOf reads a list of tools, each by read.
func listOf(o object, v pyjson.Value, read func(object) (chat.Tool, error)) ([]chat.Tool, error) {
	if v.Kind != pyjson.Array {
		return nil, o.wrong("tools", v, "a list of tools")
	}
	var tools []chat.Tool
	for i, item := range v.Items {
		if item.Kind != pyjson.Object {
			return nil, o.wrong(fmt.Sprintf("tools[%d]", i), item, "an object that describes a function")
		}
		tool, err := read(o.item("tools", i, item))
		if err != nil {
			return nil, err
		}
		tools = append(tools, tool)
	}
	return tools, nil
}

func tool(o object) (chat.Tool, error) {
	if err := functionType(o); err != nil {
		return chat.Tool{}, err
	}
	function, err := functionOf(o)
	if err != nil {
		return chat.Tool{}, err
	}
	return described(function, "parameters")
}

// described reads a function's name, description and schema, which the APIs put in
// different places.
func described(function object, schema string) (chat.Tool, error) {
	var t chat.Tool
	err := first(function.needText("name", &t.Name), function.text("description", &t.Description))
	if err != nil {
		return t, err
	}
	if _, given := function.get("strict"); given {
		t.Strict = new(bool)
		if err := function.boolean("strict", t.Strict); err != nil {
			return t, err
		}
	}
	if parameters, given := function.get(schema); given {
		if parameters.Kind != pyjson.Object {
			return t, function.wrong(schema, parameters, "a JSON Schema object")
		}
		t.Parameters = json.RawMessage(parameters.String())
	}
	return t, nil
}

// mustCall reads the name of the one function that must be called.
func (r *Request) mustCall(function object) error {
	var name, namespace string
	if err := first(function.needText("name", &name), function.text("namespace", &namespace)); err != nil {
		return err
	}
	r.Chat.ToolChoice, r.Chat.ToolName = "function", r.Names.internal(qualified(namespace, name))
	for _, t := range r.Chat.Tools {
		if t.Name == r.Chat.ToolName {
			return nil
		}
	}
	return function.fault("name", "is %s, but the request has no tool of that name", brief(pyjson.Text(name)))
}
