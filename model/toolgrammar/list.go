package toolgrammar

import (
	"encoding/json"
	"fmt"
)

// addList makes the grammar of v7's calls, [{"name": …, "arguments": {…}}, …],
// with an "id" where the model writes one: a schema made of the tools' own. Where
// these are too much together, each tool takes any object.
func (c *Compiler) addList(g *Grammar, parameters []json.RawMessage) (notice string, err error) {
	if g.list, err = c.content(g.listOf(parameters)); err == nil {
		return "", nil
	}
	notice = fmt.Sprintf("the parameters of the tools are not enforced, only that they are JSON objects: %v", err)
	for i := range parameters {
		parameters[i] = anyObject
	}
	g.list, err = c.content(g.listOf(parameters))
	return notice, err
}

// listOf is the schema of a list of calls.
func (g *Grammar) listOf(parameters []json.RawMessage) json.RawMessage {
	calls := make([]any, len(g.tools))
	for i, t := range g.tools {
		calls[i] = describeList(t.name, parameters[i], i)
	}
	list := map[string]any{"type": "array", "minItems": 1, "items": map[string]any{"anyOf": calls}}
	if !g.parallel {
		list["maxItems"] = 1
	}
	raw, err := json.Marshal(list)
	if err != nil {
		panic(err) // made of what was read from JSON
	}
	return raw
}

// describeList is the schema of one tool's element of the list. The parameters become a
// document of their own, so that their references stay theirs.
func describeList(name string, parameters json.RawMessage, number int) any {
	arguments := objectOf(parameters)
	if _, named := arguments["$id"]; !named {
		arguments = asDocument(arguments, fmt.Sprintf("tool:///%d", number))
	}
	return map[string]any{
		"type": "object", "required": []string{"name", "arguments"}, "additionalProperties": false,
		"properties": map[string]any{
			"name":      map[string]any{"const": name},
			"arguments": map[string]any{"type": "object", "allOf": []any{arguments}},
			"id":        map[string]any{"type": "string", "pattern": "^[a-zA-Z0-9]{9}$"},
		},
	}
}

// asDocument gives a schema a name of its own. A reference at its root would hide
// the name in older drafts, so it goes one level down.
func asDocument(root map[string]any, name string) map[string]any {
	out := map[string]any{}
	for key, value := range root {
		out[key] = value
	}
	if ref, has := out["$ref"]; has {
		delete(out, "$ref")
		all, _ := out["allOf"].([]any)
		out["allOf"] = append([]any{map[string]any{"$ref": ref}}, all...)
	}
	out["$id"] = name
	return out
}
