package inspect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	schemas "sirocco/app/jsonschema"
	"sirocco/app/view/i18n"
)

// Fault is one way in which a value breaks its schema.
type Fault struct {
	Path string // dotted, "" for the value itself
	Text string
}

// Validate says how a JSON text breaks a schema; nil when it does not. An error
// means that the schema cannot be used.
func Validate(schema []byte, text string) ([]Fault, error) {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return []Fault{{Text: fmt.Sprintf("%s: %v", i18n.T("this is not JSON"), err)}}, nil
	}
	if len(bytes.TrimSpace(schema)) > 0 && !json.Valid(schema) {
		return nil, errors.New(i18n.T("the schema is not JSON"))
	}
	compiled, err := schemas.Compile(schema)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", i18n.T("the schema cannot be used"), err)
	}
	if compiled == nil {
		return nil, nil
	}
	var wrong *jsonschema.ValidationError
	if err := compiled.Validate(value); errors.As(err, &wrong) {
		return faults(wrong), nil
	}
	return nil, nil
}

// faults are the leaves of the validator's tree of reasons.
func faults(e *jsonschema.ValidationError) (list []Fault) {
	if len(e.Causes) == 0 {
		return []Fault{{strings.Join(e.InstanceLocation, "."), reason(e.ErrorKind)}}
	}
	for _, cause := range e.Causes {
		list = append(list, faults(cause)...)
	}
	return list
}

// reason says what is wrong; what is met with rarely is said in English.
func reason(fault jsonschema.ErrorKind) string {
	switch k := fault.(type) {
	case *kind.Required:
		return i18n.T("missing property %s", quote(k.Missing))
	case *kind.AdditionalProperties:
		return i18n.T("additional properties %s not allowed", quote(k.Properties))
	case *kind.Type:
		return i18n.T("got %s, want %s", k.Got, strings.Join(k.Want, " | "))
	}
	return fault.LocalizedString(message.NewPrinter(language.English))
}

func quote(names []string) string { return "'" + strings.Join(names, "', '") + "'" }

// Check validates the fields against the schema and puts each fault at its
// field, or into Error where it has none.
func (f *Form) Check(schema []byte) {
	for _, field := range f.Fields {
		field.Error = ""
	}
	if f.Error != "" {
		return
	}
	arguments, err := f.Arguments()
	if err != nil {
		return // the fields say what is wrong
	}
	found, err := Validate(schema, arguments)
	if err != nil {
		f.Error = err.Error()
	}
	for _, fault := range found {
		f.blame(fault)
	}
}

// blame gives a fault to the field it is in, the longest name first.
func (f *Form) blame(fault Fault) {
	var best *Field
	for _, field := range f.Fields {
		in := fault.Path == field.Name || strings.HasPrefix(fault.Path, field.Name+".")
		if in && (best == nil || len(field.Name) > len(best.Name)) {
			best = field
		}
	}
	if best == nil {
		f.Error = strings.TrimPrefix(f.Error+"; "+strings.TrimSpace(fault.Path+" "+fault.Text), "; ")
		return
	}
	best.Error = fault.Text
}
