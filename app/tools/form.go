package tools

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// Field is one parameter of a tool, as a form shows it.
type Field struct {
	Name        string
	Description string
	Kind        string // string, integer, number, boolean; else json: anything, written as JSON
	Required    bool
	Choices     []string // a string that must be one of these
	Default     string   // as the form writes it
}

// Form is the parameters of a schema in the server's order. What a form cannot show
// has the kind json. A schema that is no object has none.
func Form(schema json.RawMessage) []Field {
	var object struct {
		Properties json.RawMessage
		Required   []string
	}
	if json.Unmarshal(schema, &object) != nil {
		var loose struct{ Properties json.RawMessage }
		if json.Unmarshal(schema, &loose) != nil {
			return nil
		}
		object.Properties = loose.Properties
	}
	var fields []Field
	for name, value := range ordered(object.Properties) {
		fields = append(fields, field(name, value, slices.Contains(object.Required, name)))
	}
	return fields
}

// ordered are the members of an object in the order of the text.
func ordered(object json.RawMessage) func(yield func(string, json.RawMessage) bool) {
	return func(yield func(string, json.RawMessage) bool) {
		decoder := json.NewDecoder(bytes.NewReader(object))
		if t, err := decoder.Token(); err != nil || t != json.Delim('{') {
			return
		}
		for decoder.More() {
			key, err := decoder.Token()
			name, ok := key.(string)
			var value json.RawMessage
			if err != nil || !ok || decoder.Decode(&value) != nil || !yield(name, value) {
				return
			}
		}
	}
}

// field is one property.
func field(name string, schema json.RawMessage, required bool) Field {
	f := Field{Name: name, Required: required, Kind: "json"}
	var s struct {
		Description string
		Title       string
		Default     json.RawMessage
	}
	_ = json.Unmarshal(schema, &s) // what cannot be read is left empty
	if f.Description = s.Description; f.Description == "" {
		f.Description = s.Title
	}
	var kind struct {
		Type json.RawMessage
		Enum []any
	}
	_ = json.Unmarshal(schema, &kind)
	switch word := typeOf(kind.Type); word {
	case "string", "integer", "number", "boolean":
		f.Kind = word
	}
	for _, choice := range kind.Enum {
		text, ok := choice.(string)
		if !ok {
			f.Choices, f.Kind = nil, "json"
			break
		}
		f.Kind, f.Choices = "string", append(f.Choices, text)
	}
	f.Default = f.shown(s.Default)
	return f
}

// typeOf is a schema's one type; a type that may also be null counts as itself.
func typeOf(value json.RawMessage) string {
	var one string
	if json.Unmarshal(value, &one) == nil {
		return one
	}
	var several []string
	_ = json.Unmarshal(value, &several)
	several = slices.DeleteFunc(several, func(s string) bool { return s == "null" })
	if len(several) == 1 {
		return several[0]
	}
	return ""
}

// shown is a JSON value as the field's entry writes it.
func (f *Field) shown(value json.RawMessage) string {
	var text string
	if f.Kind == "string" && json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

// value is what stands in the field's entry as JSON; nothing for an empty one.
func (f *Field) value(text string) (json.RawMessage, bool) {
	if f.Kind == "string" {
		if text == "" && !f.Required {
			return nil, false
		}
		quoted, _ := encode(text)
		return quoted, true
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, false
	}
	if !json.Valid([]byte(text)) { // so that the check names it
		quoted, _ := encode(text)
		return quoted, true
	}
	return json.RawMessage(text), true
}

// encode writes a value as JSON, with < and > as they are.
func encode(value any) (json.RawMessage, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), err
}

// FillForm reads arguments into the entries of a form. What the form does not show is
// given back, for WriteForm to keep.
func FillForm(fields []Field, arguments string) (entries map[string]string, rest map[string]json.RawMessage) {
	entries, rest = map[string]string{}, map[string]json.RawMessage{}
	for name, value := range ordered(json.RawMessage(arguments)) {
		i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
		if i < 0 {
			rest[name] = value
			continue
		}
		entries[name] = fields[i].shown(value)
	}
	return entries, rest
}

// WriteForm is the JSON of what the entries of a form say.
func WriteForm(fields []Field, entries map[string]string, rest map[string]json.RawMessage) string {
	var members []string
	add := func(name string, value json.RawMessage) {
		quoted, _ := encode(name)
		members = append(members, string(quoted)+": "+string(value))
	}
	for _, f := range fields {
		text, there := entries[f.Name]
		if value, ok := f.value(text); ok && there {
			add(f.Name, value)
		}
	}
	for _, name := range sortedKeys(rest) {
		add(name, rest[name])
	}
	return "{" + strings.Join(members, ", ") + "}"
}
