// Package draft7 says whether a JSON value is a valid JSON Schema by the draft-7
// meta-schema, as the reference asks Python's jsonschema before it shows a tool to
// the model. Schemas are judged, never applied. As there, a pattern must be a
// regular expression in Python's syntax (package file pattern.go), other formats
// are not looked at, and unknown keywords are allowed.
package draft7

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"sirocco/model/chattemplate/pyjson"
)

// Check returns what is wrong with a schema, or nil.
func Check(schema pyjson.Value) error { return subschema(schema, "the schema") }

// rule judges the value of one keyword; at is its place, for the error.
type rule func(v pyjson.Value, at string) error

// keyword is the rule of a keyword, nil when anything may stand there.
func keyword(name string) rule {
	switch name {
	case "$id", "$schema", "$ref", "$comment", "title", "description", "format", "contentMediaType", "contentEncoding":
		return text
	case "pattern":
		return regex
	case "readOnly", "uniqueItems":
		return boolean
	case "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum":
		return number
	case "multipleOf":
		return positive
	case "maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties":
		return count
	case "examples", "enum":
		return array
	case "required":
		return names
	case "type":
		return typeNames
	case "additionalItems", "contains", "additionalProperties", "propertyNames", "if", "then", "else", "not":
		return subschema
	case "allOf", "anyOf", "oneOf":
		return schemaList
	case "items":
		return schemaOrList
	case "definitions", "properties":
		return schemaMap
	case "patternProperties":
		return patternMap
	case "dependencies":
		return dependencies
	}
	return nil
}

func wrong(at, want string, v pyjson.Value) error {
	return fmt.Errorf("%s is %s; %s was expected", at, brief(v), want)
}

// brief shows a value in an error, cut short when it is long.
func brief(v pyjson.Value) string {
	if v.Kind == pyjson.Object || v.Kind == pyjson.Array {
		return v.Kind.String()
	}
	s := []rune(pyjson.Clean(v.String()))
	if len(s) > 60 {
		return string(s[:60]) + "…"
	}
	return string(s)
}

func subschema(v pyjson.Value, at string) error {
	if v.Kind == pyjson.Bool {
		return nil
	}
	if v.Kind != pyjson.Object {
		return wrong(at, "a schema (an object, true or false)", v)
	}
	for _, m := range v.Members {
		if judge := keyword(m.Key); judge != nil {
			if err := judge(m.Value, at+"."+m.Key); err != nil {
				return err
			}
		}
	}
	return nil
}

func text(v pyjson.Value, at string) error {
	if v.Kind != pyjson.String {
		return wrong(at, "a string", v)
	}
	return nil
}

func regex(v pyjson.Value, at string) error {
	if v.Kind != pyjson.String {
		return wrong(at, "a string", v)
	}
	return pattern(v.Text, at)
}

func pattern(expression, at string) error {
	if err := checkPattern(pyjson.Clean(expression)); err != nil {
		return fmt.Errorf("%s is %s, which is not a regular expression as Python reads them: %w",
			at, brief(pyjson.Text(expression)), err)
	}
	return nil
}

func boolean(v pyjson.Value, at string) error {
	if v.Kind != pyjson.Bool {
		return wrong(at, "true or false", v)
	}
	return nil
}

func isNumber(v pyjson.Value) bool { return v.Kind == pyjson.Int || v.Kind == pyjson.Float }

func number(v pyjson.Value, at string) error {
	if !isNumber(v) {
		return wrong(at, "a number", v)
	}
	return nil
}

// value reads a number; strconv knows Python's NaN and Infinity.
func value(v pyjson.Value) float64 {
	f, _ := strconv.ParseFloat(v.Text, 64)
	return f
}

func positive(v pyjson.Value, at string) error {
	if !isNumber(v) || value(v) <= 0 {
		return wrong(at, "a number above zero", v)
	}
	return nil
}

// count wants a whole number of at least zero; 3.0 is one in draft 7.
func count(v pyjson.Value, at string) error {
	whole := v.Kind == pyjson.Int || v.Kind == pyjson.Float && value(v) == math.Trunc(value(v)) && !math.IsInf(value(v), 0)
	if !whole || value(v) < 0 {
		return wrong(at, "a whole number of at least 0", v)
	}
	return nil
}

func array(v pyjson.Value, at string) error {
	if v.Kind != pyjson.Array {
		return wrong(at, "a list", v)
	}
	return nil
}

// names wants a list of different strings.
func names(v pyjson.Value, at string) error {
	if v.Kind != pyjson.Array {
		return wrong(at, "a list of different strings", v)
	}
	seen := map[string]bool{}
	for i, item := range v.Items {
		if item.Kind != pyjson.String {
			return wrong(fmt.Sprintf("%s[%d]", at, i), "a string", item)
		}
		if seen[item.Text] {
			return fmt.Errorf("%s names %s twice", at, brief(item))
		}
		seen[item.Text] = true
	}
	return nil
}

var types = []string{"array", "boolean", "integer", "null", "number", "object", "string"}

func typeNames(v pyjson.Value, at string) error {
	const want = "one of array, boolean, integer, null, number, object and string, or a list of them"
	list := v.Items
	if v.Kind == pyjson.String {
		list = []pyjson.Value{v}
	}
	if len(list) == 0 {
		return wrong(at, want, v)
	}
	for i, item := range list {
		if item.Kind != pyjson.String || !slices.Contains(types, item.Text) {
			return wrong(at, want, item)
		}
		for _, earlier := range list[:i] {
			if earlier.Text == item.Text {
				return fmt.Errorf("%s names %s twice", at, brief(item))
			}
		}
	}
	return nil
}

func schemaList(v pyjson.Value, at string) error {
	if v.Kind != pyjson.Array || len(v.Items) == 0 {
		return wrong(at, "a list of at least one schema", v)
	}
	for i, item := range v.Items {
		if err := subschema(item, fmt.Sprintf("%s[%d]", at, i)); err != nil {
			return err
		}
	}
	return nil
}

func schemaOrList(v pyjson.Value, at string) error {
	if v.Kind == pyjson.Array {
		return schemaList(v, at)
	}
	return subschema(v, at)
}

func schemaMap(v pyjson.Value, at string) error {
	if v.Kind != pyjson.Object {
		return wrong(at, "an object of schemas", v)
	}
	for _, m := range v.Members {
		if err := subschema(m.Value, at+"."+pyjson.Clean(m.Key)); err != nil {
			return err
		}
	}
	return nil
}

func patternMap(v pyjson.Value, at string) error {
	if err := schemaMap(v, at); err != nil {
		return err
	}
	for _, m := range v.Members {
		if err := pattern(m.Key, "a key of "+at); err != nil {
			return err
		}
	}
	return nil
}

func dependencies(v pyjson.Value, at string) error {
	if v.Kind != pyjson.Object {
		return wrong(at, "an object", v)
	}
	for _, m := range v.Members {
		judge := subschema
		if m.Value.Kind == pyjson.Array {
			judge = names
		}
		if err := judge(m.Value, at+"."+pyjson.Clean(m.Key)); err != nil {
			return err
		}
	}
	return nil
}
