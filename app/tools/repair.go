package tools

import (
	"encoding/json"
	"slices"
	"strings"

	"sirocco/model/chat"
	"sirocco/model/chattemplate"
	"sirocco/model/chattemplate/pyjson"
)

// anything is the schema of a tool whose own cannot be read.
var anything = json.RawMessage(`{"type": "object"}`)

// readableSchema is a tool's schema as the chat template takes it: byte for byte as
// the server wrote it, where that is valid; else with what older drafts and careless
// generators write put right; else one that allows anything. why is set then.
func readableSchema(raw json.RawMessage) (schema json.RawMessage, why error) {
	if len(raw) == 0 || string(raw) == "null" {
		return anything, nil
	}
	check := func(raw json.RawMessage) error {
		return chattemplate.CheckTool(chat.Tool{Name: "t", Parameters: raw})
	}
	if why = check(raw); why == nil {
		return raw, nil
	}
	v, err := pyjson.Parse(string(raw))
	if err != nil || v.Kind != pyjson.Object {
		return anything, why
	}
	repaired := json.RawMessage(pyjson.Clean(repair(v).String()))
	if check(repaired) == nil {
		return repaired, nil
	}
	return anything, why
}

// looseTypes are words for types that are none of JSON Schema's.
var looseTypes = map[string]string{
	"str": "string", "text": "string", "int": "integer", "long": "integer", "float": "number", "double": "number", "decimal": "number", "bool": "boolean",
	"dict": "object", "map": "object", "list": "array", "tuple": "array", "none": "null", "any": "", "file": "string", "date": "string", "datetime": "string",
}

// repair puts right what is meant beyond doubt: keywords that are null, types by other
// names, and what draft 4 wrote otherwise (required in the property, exclusive limits
// as truth values).
func repair(v pyjson.Value) pyjson.Value {
	out := pyjson.Value{Kind: pyjson.Object}
	var required []pyjson.Value
	for _, m := range v.Members {
		value := m.Value
		switch {
		case value.Kind == pyjson.Null && m.Key != "const" && m.Key != "default":
			continue
		case m.Key == "type" && value.Kind == pyjson.String:
			value = pyjson.Text(strings.ToLower(value.Text))
			if better, loose := looseTypes[value.Text]; loose {
				if value = pyjson.Text(better); better == "" {
					continue
				}
			}
		case m.Key == "required" && value.Kind == pyjson.Bool, m.Key == "id" && value.Kind == pyjson.String, m.Key == "$schema":
			continue
		case m.Key == "exclusiveMinimum" || m.Key == "exclusiveMaximum":
			if value.Kind == pyjson.Bool {
				limit, given := v.Get(map[string]string{"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}[m.Key])
				if !value.True() || !given {
					continue
				}
				value = limit
			}
		case m.Key == "properties" && value.Kind == pyjson.Object:
			properties := pyjson.Value{Kind: pyjson.Object}
			for _, p := range value.Members {
				if p.Value.Kind == pyjson.Null {
					p.Value = pyjson.Value{Kind: pyjson.Object}
				}
				if needed, _ := p.Value.Get("required"); needed.True() {
					required = append(required, pyjson.Text(p.Key))
				}
				if p.Value.Kind == pyjson.Object {
					p.Value = repair(p.Value)
				}
				properties.Members = append(properties.Members, p)
			}
			value = properties
		case value.Kind == pyjson.Object && m.Key != "default" && m.Key != "const" && m.Key != "examples":
			value = repair(value)
		case value.Kind == pyjson.Array && slices.Contains([]string{"anyOf", "oneOf", "allOf"}, m.Key):
			list := pyjson.Value{Kind: pyjson.Array}
			for _, item := range value.Items {
				if item.Kind == pyjson.Object {
					item = repair(item)
				}
				list.Items = append(list.Items, item)
			}
			value = list
		}
		out.Members = append(out.Members, pyjson.Member{Key: m.Key, Value: value})
	}
	if _, given := out.Get("required"); !given && len(required) > 0 {
		out.Members = append(out.Members, pyjson.Member{Key: "required", Value: pyjson.Value{Kind: pyjson.Array, Items: required}})
	}
	return out
}
