package inspect

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sirocco/app/view/i18n"
	"sirocco/model/chattemplate/pyjson"
)

// The types of Field. A field of any other shape is edited as JSON text.
const (
	FieldText    = "string"
	FieldInteger = "integer"
	FieldNumber  = "number"
	FieldBoolean = "boolean"
	FieldChoice  = "enum"
	FieldJSON    = "json"
)

// Form is a call's arguments as typed fields, made from the tool's schema. The
// properties of nested objects are fields of their own with a dotted name.
type Form struct {
	Fields []*Field
	// Error is about the arguments as a whole.
	Error  string
	schema pyjson.Value
}

// Field is one argument.
type Field struct {
	Name        string // "place.city"
	Description string
	Type        string
	Choices     []string // of FieldChoice, as JSON text
	Required    bool
	Given       bool   // it is in the arguments
	Value       string // as a person edits it: text without quotes, JSON otherwise
	Error       string
	path        []string
}

// deepest is how many objects inside each other become fields; below, they are
// edited as JSON.
const deepest = 3

// NewForm makes a form from a schema and the arguments of a call. Arguments that
// the schema does not name get fields too; text that is no JSON object leaves
// the fields empty and says so in Error.
func NewForm(schema []byte, arguments string) *Form {
	f := &Form{}
	if parsed, err := pyjson.Parse(string(schema)); err == nil {
		f.schema = parsed
	}
	values, err := pyjson.Parse(arguments)
	if err != nil || values.Kind != pyjson.Object {
		f.Error, values = i18n.T("the arguments are not a JSON object"), pyjson.Value{Kind: pyjson.Object}
	}
	f.object(f.schema, values, nil)
	f.Check(schema)
	return f
}

// object adds a field for each property of a schema and each value beside them.
func (f *Form) object(schema, values pyjson.Value, path []string) {
	properties, _ := schema.Get("properties")
	required, _ := schema.Get("required")
	for _, p := range properties.Members {
		value, given := values.Get(p.Key)
		at := append(path[:len(path):len(path)], p.Key)
		if nested, _ := p.Value.Get("properties"); len(nested.Members) > 0 && len(at) < deepest && (!given || value.Kind == pyjson.Object) {
			f.object(p.Value, value, at)
			continue
		}
		f.add(p.Value, value, at, given, holds(required, p.Key))
	}
	for _, m := range values.Members {
		if _, known := properties.Get(m.Key); !known {
			f.add(pyjson.Value{}, m.Value, append(path[:len(path):len(path)], m.Key), true, false)
		}
	}
}

func holds(list pyjson.Value, key string) bool {
	for _, item := range list.Items {
		if item.Kind == pyjson.String && item.Text == key {
			return true
		}
	}
	return false
}

func (f *Form) add(schema, value pyjson.Value, path []string, given, required bool) {
	field := &Field{Name: strings.Join(path, "."), path: path, Given: given, Required: required, Type: typeOf(schema, value)}
	if about, ok := schema.Get("description"); ok && about.Kind == pyjson.String {
		field.Description = about.Text
	}
	if choices, ok := schema.Get("enum"); ok {
		for _, c := range choices.Items {
			field.Choices = append(field.Choices, c.String())
		}
	}
	if given {
		field.Value = value.String()
		if field.Type == FieldText && value.Kind == pyjson.String {
			field.Value = value.Text
		}
	}
	f.Fields = append(f.Fields, field)
}

// typeOf is how a value is edited. One that is not of the schema's type is
// edited as JSON, so that nothing is lost before it is mended.
func typeOf(schema, value pyjson.Value) string {
	if choices, ok := schema.Get("enum"); ok && choices.Kind == pyjson.Array {
		return FieldChoice
	}
	kind, _ := schema.Get("type")
	fits := map[string][]pyjson.Kind{FieldText: {pyjson.String}, FieldInteger: {pyjson.Int}, FieldNumber: {pyjson.Int, pyjson.Float}, FieldBoolean: {pyjson.Bool}}
	kinds, known := fits[kind.Text]
	if kind.Kind != pyjson.String || !known {
		return FieldJSON
	}
	for _, k := range kinds {
		if value.Kind == k || value.Kind == pyjson.Null {
			return kind.Text
		}
	}
	return FieldJSON
}

// Set changes a field to what a person typed. An empty field that is not
// required is left out of the arguments, except a text that was there.
func (f *Form) Set(name, typed string) {
	for _, field := range f.Fields {
		if field.Name == name {
			field.Value, field.Error = typed, ""
			field.Given = typed != "" || field.Type == FieldText && (field.Required || field.Given)
		}
	}
}

// Arguments are the fields as JSON, in the order of the schema. An error names
// the first field whose text is not of its type; every such field has its Error.
func (f *Form) Arguments() (string, error) {
	root := pyjson.Value{Kind: pyjson.Object}
	var first error
	for _, field := range f.Fields {
		if !field.Given {
			continue
		}
		value, err := field.parse()
		if err != nil {
			field.Error = err.Error()
			if first == nil {
				first = fmt.Errorf("%s: %w", field.Name, err)
			}
			continue
		}
		place(&root, field.path, value)
	}
	return root.String(), first
}

// parse turns the text of a field into its value.
func (d *Field) parse() (pyjson.Value, error) {
	text := strings.TrimSpace(d.Value)
	switch d.Type {
	case FieldText:
		return pyjson.Text(d.Value), nil
	case FieldInteger:
		if v, err := pyjson.Parse(text); err == nil && v.Kind == pyjson.Int {
			return v, nil
		}
		return pyjson.Value{}, errors.New(i18n.T("a whole number was expected"))
	case FieldNumber:
		if _, err := strconv.ParseFloat(text, 64); err != nil {
			return pyjson.Value{}, errors.New(i18n.T("a number was expected"))
		}
	case FieldBoolean:
		if text != "true" && text != "false" {
			return pyjson.Value{}, errors.New(i18n.T("true or false was expected"))
		}
	}
	v, err := pyjson.Parse(text)
	if err != nil {
		return v, fmt.Errorf("%s: %w", i18n.T("this is not JSON"), err)
	}
	return v, nil
}

// place puts a value into nested objects, making those that are missing.
func place(at *pyjson.Value, path []string, value pyjson.Value) {
	for i := range at.Members {
		if at.Members[i].Key != path[0] {
			continue
		}
		if len(path) == 1 {
			at.Members[i].Value = value
		} else {
			place(&at.Members[i].Value, path[1:], value)
		}
		return
	}
	if len(path) > 1 {
		inner := pyjson.Value{Kind: pyjson.Object}
		place(&inner, path[1:], value)
		value = inner
	}
	at.Members = append(at.Members, pyjson.Member{Key: path[0], Value: value})
}
