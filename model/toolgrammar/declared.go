package toolgrammar

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// declaredOnly closes the objects of a schema that declare properties and say nothing
// about others: JSON Schema then allows any name at all, whose makers never mean that,
// and in which a model can lose itself. What it gives allows a part of what the schema
// allows. It answers false where there is nothing to close, or closing is not certain.
func declaredOnly(raw json.RawMessage) (json.RawMessage, bool) {
	for _, definitions := range []bool{true, false} {
		c := closer{root: objectOf(raw)}
		c.schema(c.root)
		if definitions {
			c.definitions()
		}
		if c.lost || c.open && definitions {
			continue
		}
		out, err := json.Marshal(c.root)
		return out, err == nil && c.closed
	}
	return nil, false
}

// closer closes objects where nothing else speaks of the same object, so that it never
// matters which of several schemas a name was declared in.
type closer struct {
	root   map[string]any
	closed bool // something was
	open   bool // a definition is used beside other schemas of the same object, and must stay open
	lost   bool // a reference leads to where it cannot be seen what is closed
}

// combining are the keywords whose schemas speak of the same object.
var combining = []string{"allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas", "dependencies", "not", "$ref", "$dynamicRef", "$recursiveRef"}

// ruling are the keywords that say something about other names.
var ruling = []string{"additionalProperties", "patternProperties", "unevaluatedProperties", "propertyNames", "minProperties"}

func has(m map[string]any, keys []string) (list []string) {
	for _, key := range keys {
		if _, there := m[key]; there {
			list = append(list, key)
		}
	}
	return list
}

// schema closes the objects in a schema and below it.
func (c *closer) schema(v any) {
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	for _, key := range []string{"items", "additionalItems", "additionalProperties", "unevaluatedItems"} {
		c.schema(m[key])
	}
	for _, key := range []string{"items", "prefixItems"} {
		c.each(m[key])
	}
	for _, key := range []string{"properties", "patternProperties"} {
		if named, ok := m[key].(map[string]any); ok {
			for _, v := range named {
				c.schema(v)
			}
		}
	}
	properties, _ := m["properties"].(map[string]any)
	combined := has(m, combining)
	if len(properties) == 0 && len(combined) <= 1 {
		c.alone(m, combined)
		return
	}
	names := map[string]bool{}
	c.declared(m, names, 0)
	if len(properties) == 0 || len(has(m, ruling)) > 0 {
		return
	}
	for name := range names {
		if _, there := properties[name]; !there {
			properties[name] = true
		}
	}
	m["additionalProperties"], c.closed = false, true
}

// alone goes on into the only schemas that speak of an object, of which one holds.
func (c *closer) alone(m map[string]any, combined []string) {
	switch {
	case len(combined) == 0 || combined[0] == "$ref":
	case len(has(m, ruling)) == 0 && (combined[0] == "anyOf" || combined[0] == "oneOf" && c.disjoint(m["oneOf"]) || combined[0] == "allOf" && len(listOf(m["allOf"])) == 1):
		c.each(m[combined[0]])
	default:
		c.declared(m, map[string]bool{}, 0) // for the definitions in use there
	}
}

func listOf(v any) []any {
	list, _ := v.([]any)
	return list
}

func (c *closer) each(v any) {
	for _, v := range listOf(v) {
		c.schema(v)
	}
}

func (c *closer) definitions() {
	for _, key := range definitions {
		if named, ok := c.root[key].(map[string]any); ok {
			for _, v := range named {
				c.schema(v)
			}
		}
	}
}

// maxReferences bounds the references that are followed one after another.
const maxReferences = 16

// declared gathers the names that all schemas of the same object know.
func (c *closer) declared(v any, names map[string]bool, depth int) {
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	if depth > maxReferences {
		c.lost = true
		return
	}
	if properties, ok := m["properties"].(map[string]any); ok {
		for name := range properties {
			names[name] = true
		}
	}
	for _, name := range listOf(m["required"]) {
		if name, ok := name.(string); ok {
			names[name] = true
		}
	}
	for _, key := range has(m, combining) {
		switch child := m[key].(type) {
		case string:
			c.open = true
			c.declared(c.definition(child), names, depth+1)
		case []any:
			for _, v := range child {
				c.declared(v, names, depth+1)
			}
		case map[string]any:
			if key != "dependentSchemas" && key != "dependencies" {
				c.declared(child, names, depth+1)
				continue
			}
			for _, v := range child {
				c.declared(v, names, depth+1)
			}
		}
	}
}

// definition finds what a reference names. One that leads anywhere but to a definition
// may lead to something that was closed.
func (c *closer) definition(reference string) any {
	for _, key := range definitions {
		if name, ok := strings.CutPrefix(reference, "#/"+key+"/"); ok && !strings.Contains(name, "/") {
			named, _ := c.root[key].(map[string]any)
			if v, there := named[unescape(name)]; there {
				return v
			}
		}
	}
	c.lost = true
	return nil
}

// disjoint reports whether the alternatives of a oneOf exclude each other by a property
// that each has with another value. Where they do not, closing them could let a value fit
// one closed alternative that fits two as they are written.
func (c *closer) disjoint(v any) bool {
	var keys []string
	seen := map[string]map[string]bool{}
	for i, v := range listOf(v) {
		m, _ := v.(map[string]any)
		if reference, ok := m["$ref"].(string); ok {
			m, _ = c.definition(reference).(map[string]any)
		}
		told := tags(m)
		if i == 0 {
			keys = slices.Sorted(maps.Keys(told))
		}
		keys = slices.DeleteFunc(keys, func(key string) bool {
			value, there := told[key]
			if seen[key] == nil {
				seen[key] = map[string]bool{}
			}
			twice := seen[key][value]
			seen[key][value] = true
			return !there || twice
		})
	}
	return len(keys) > 0
}

// tags are the properties that an object must have with one value, as JSON.
func tags(m map[string]any) map[string]string {
	tags := map[string]string{}
	properties, _ := m["properties"].(map[string]any)
	for _, name := range listOf(m["required"]) {
		name, _ := name.(string)
		property, _ := properties[name].(map[string]any)
		value, there := property["const"]
		if list := listOf(property["enum"]); !there && len(list) == 1 {
			value, there = list[0], true
		}
		if !there {
			continue
		}
		if data, err := json.Marshal(value); err == nil {
			tags[name] = string(data)
		}
	}
	return tags
}
