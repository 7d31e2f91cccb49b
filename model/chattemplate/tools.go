package chattemplate

import (
	"errors"
	"fmt"

	"sirocco/model/chat"
	"sirocco/model/chattemplate/draft7"
	"sirocco/model/chattemplate/pyjson"
)

// toolsJSON is the list of tools as the model was shown it in training, or "" for
// no tools.
func toolsJSON(tools []chat.Tool) (string, error) {
	if len(tools) == 0 {
		return "", nil
	}
	list := pyjson.Value{Kind: pyjson.Array}
	for i, tool := range tools {
		parameters, err := toolParameters(tool, i)
		if err != nil {
			return "", err
		}
		list.Items = append(list.Items, object(
			"type", pyjson.Text("function"),
			"function", object(
				"name", pyjson.Text(tool.Name),
				"description", pyjson.Text(tool.Description),
				"parameters", parameters)))
	}
	return list.String(), nil
}

// CheckTool refuses a tool that the reference refuses.
func CheckTool(tool chat.Tool) error {
	_, err := toolParameters(tool, 0)
	return err
}

// toolParameters checks one tool and reads its JSON Schema.
func toolParameters(tool chat.Tool, i int) (pyjson.Value, error) {
	wrong := func(field, format string, args ...any) error {
		at := fmt.Sprintf("tools[%d].function.%s", i, field)
		return &chat.RequestError{Param: at, Message: at + " " + fmt.Sprintf(format, args...)}
	}
	if !GoodName(tool.Name) {
		return pyjson.Value{}, wrong("name", "is %q; a tool's name must be 1 to 64 letters, digits, underscores or dashes", tool.Name)
	}
	if len(tool.Parameters) == 0 {
		return pyjson.Value{Kind: pyjson.Object}, nil
	}
	schema, err := pyjson.Parse(string(tool.Parameters))
	if err != nil {
		return pyjson.Value{}, wrong("parameters", "of the tool %s cannot be read: %v", tool.Name, err)
	}
	if schema.Kind != pyjson.Object {
		return pyjson.Value{}, wrong("parameters", "of the tool %s is %v; a JSON Schema object was expected", tool.Name, schema.Kind)
	}
	if err := draft7.Check(schema); err != nil {
		return pyjson.Value{}, wrong("parameters", "of the tool %s is not a valid JSON Schema (draft 7): %v", tool.Name, err)
	}
	return schema, nil
}

// object makes a JSON object of keys and values in turn.
func object(pairs ...any) pyjson.Value {
	o := pyjson.Value{Kind: pyjson.Object}
	for i := 0; i < len(pairs); i += 2 {
		o.Members = append(o.Members, pyjson.Member{Key: pairs[i].(string), Value: pairs[i+1].(pyjson.Value)})
	}
	return o
}

// callsOf writes the tool calls of an assistant's turn: one JSON list in v7, from
// v11 on name, id (v11 only) and arguments of each between control tokens.
func (w *walk) callsOf(t *turn) error {
	list := pyjson.Value{Kind: pyjson.Array}
	for _, c := range t.calls {
		arguments, err := readArguments(c.Arguments)
		if err != nil {
			return fault(c.message, "tool_calls", "holds a call of %s whose arguments cannot be read: %v", c.Name, err)
		}
		if w.version < 11 {
			list.Items = append(list.Items, object("name", pyjson.Text(c.Name), "arguments", arguments, "id", pyjson.Text(c.ID)))
			continue
		}
		w.special(w.calls, c.message)
		w.text(KindAssistant, c.Name, c.message)
		if w.version < 13 {
			w.special(w.callID, c.message)
			w.text(KindAssistant, c.ID, c.message)
		}
		w.special(w.args, c.message)
		w.text(KindAssistant, arguments.String(), c.message)
	}
	if len(list.Items) > 0 {
		w.special(w.calls, t.calls[0].message)
		w.text(KindAssistant, list.String(), t.calls[0].message)
	}
	return nil
}

// readArguments reads the arguments of a call. Text that is not JSON, say of a
// call that was cut off, stands for itself as a JSON string.
func readArguments(text string) (pyjson.Value, error) {
	if text == "" {
		return pyjson.Value{Kind: pyjson.Object}, nil
	}
	v, err := pyjson.Parse(text)
	var syntax *pyjson.SyntaxError
	if errors.As(err, &syntax) {
		return pyjson.Text(text), nil
	}
	return v, err
}
