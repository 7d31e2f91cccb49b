package toolgrammar

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sirocco/model/schema"
)

// anyObject is the schema of arguments that nothing more is known about.
var anyObject = json.RawMessage(`{}`)

// maxRelaxed bounds the keywords that are left out of one schema, one by one.
const maxRelaxed = 32

// enforce compiles as much of a tool's schema as can be enforced, without the names
// that it does not declare where it can be understood so.
func enforce(raw json.RawMessage) *enforced {
	if closed, ok := declaredOnly(raw); ok {
		if e := enforcePart(closed); e.schema != nil && !e.anyObject {
			return e
		}
	}
	return enforcePart(raw)
}

// enforcePart compiles as much of a schema as can be enforced. What is
// compiled allows everything that the schema allows, and more where the notice
// says so: then the finished arguments are to be checked against the schema.
func enforcePart(raw json.RawMessage) *enforced {
	options := schema.Options{Object: true, Plain: true}
	compiled, first := schema.Compile(raw, options)
	err := first
	var left []string
	for part := raw; len(left) < maxRelaxed; {
		var cannot *schema.Unsupported
		switch {
		case err == nil:
			return &enforced{schema: compiled, raw: part, notice: notEnforced(left)}
		case errors.Is(err, schema.ErrEmpty) && len(left) == 0:
			return &enforced{notice: "can never be called: nothing fits the schema of its parameters"}
		case !errors.As(err, &cannot):
			return onlyObject(first)
		}
		looser, ok := relax(part, cannot)
		if !ok {
			return onlyObject(first)
		}
		left = append(left, cannot.Error())
		part = looser
		compiled, err = schema.Compile(part, options)
	}
	return onlyObject(first)
}

// onlyObject is the last resort: any JSON object.
func onlyObject(why error) *enforced {
	compiled, err := schema.Compile(anyObject, schema.Options{Object: true, Plain: true})
	if err != nil {
		panic(err) // the schema {} is always understood
	}
	return &enforced{schema: compiled, raw: anyObject, anyObject: true,
		notice: fmt.Sprintf("has parameters that are not enforced, only that they are a JSON object: %v", why)}
}

func notEnforced(left []string) string {
	if len(left) == 0 {
		return ""
	}
	return "has parameters that are not all enforced; calls are checked when they are whole: " + strings.Join(left, "; ")
}

// relax takes out of a schema what cannot be enforced, so that what remains
// allows at least as much. It answers false where that is not certain.
func relax(raw json.RawMessage, cannot *schema.Unsupported) (json.RawMessage, bool) {
	root := objectOf(raw)
	path := strings.Split(strings.TrimPrefix(cannot.Pointer, "#"), "/")[1:]
	if k := cannot.Keyword; k != "" && (len(path) == 0 || unescape(path[len(path)-1]) != k) {
		path = append(path, k)
	}
	l := relaxer{definitions: monotone(root)}
	if len(path) == 0 || !l.accept(root, path) {
		return nil, false
	}
	forget(root) // what depends on everything beside it no longer means the same
	out, err := json.Marshal(root)
	return out, err == nil
}

// objectOf reads an object with its numbers as they are written; what is no
// object says nothing of objects.
func objectOf(raw json.RawMessage) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	root := map[string]any{}
	if err := decoder.Decode(&root); err != nil {
		return map[string]any{}
	}
	return root
}

// Where schemas stand below a keyword: one, a list of them, or one per name; and
// the keywords whose values are no schemas.
var (
	below       = []string{"additionalProperties", "additionalItems", "items", "contains", "propertyNames", "then", "else", "unevaluatedItems", "unevaluatedProperties"}
	inLists     = []string{"allOf", "anyOf", "prefixItems", "items"}
	byName      = []string{"properties", "patternProperties", "dependentSchemas", "dependencies"}
	definitions = []string{"$defs", "definitions"}
	values      = []string{"enum", "const", "default", "examples"}
)

// relaxer removes keywords. definitions says that schemas under $defs may be
// loosened: whoever refers to them then allows more, not less.
type relaxer struct{ definitions bool }

// accept removes the keyword at the end of a path. On the way there every keyword
// must be one under which allowing more means allowing more: a keyword such as
// "not" that the path leads through is removed itself, and "oneOf" becomes
// "anyOf".
func (l relaxer) accept(m map[string]any, path []string) bool {
	key := unescape(path[0])
	if len(path) == 1 || key == "not" || key == "if" || key == "contains" && m["maxContains"] != nil {
		return remove(m, key)
	}
	switch child := m[key].(type) {
	case map[string]any:
		if slices.Contains(below, key) {
			return l.accept(child, path[1:])
		}
		if slices.Contains(byName, key) || l.definitions && slices.Contains(definitions, key) {
			name := unescape(path[1])
			return l.into(child[name], path[2:], func() { child[name] = true })
		}
	case []any:
		if key == "oneOf" {
			return widen(m, child)
		}
		i, err := strconv.Atoi(path[1])
		if err == nil && i >= 0 && i < len(child) && slices.Contains(inLists, key) {
			return l.into(child[i], path[2:], func() { child[i] = true })
		}
	}
	return false
}

// into goes on below a schema, or gives it up where it is meant as a whole.
func (l relaxer) into(v any, path []string, giveUp func()) bool {
	if len(path) == 0 {
		giveUp()
		return true
	}
	m, ok := v.(map[string]any)
	return ok && l.accept(m, path)
}

// widen makes "anyOf" of "oneOf".
func widen(m map[string]any, oneOf []any) bool {
	delete(m, "oneOf")
	all, _ := m["allOf"].([]any)
	m["allOf"] = append(slices.Clone(all), map[string]any{"anyOf": oneOf})
	return true
}

// leaning are the keywords whose meaning leans on another.
var leaning = map[string][]string{
	"properties": {"additionalProperties"}, "patternProperties": {"additionalProperties"},
	"prefixItems": {"items"}, "items": {"additionalItems"},
	"contains": {"minContains", "maxContains"}, "minContains": {"contains", "maxContains"},
	"if": {"then", "else"},
}

// remove deletes a keyword together with those that lean on it.
func remove(m map[string]any, key string) bool {
	if _, there := m[key]; !there {
		return false
	}
	delete(m, key)
	for _, other := range leaning[key] {
		delete(m, other)
	}
	return true
}

// forget removes unevaluated… everywhere.
func forget(m map[string]any) {
	eachSchema(m, func(m map[string]any) {
		delete(m, "unevaluatedProperties")
		delete(m, "unevaluatedItems")
	})
}

// monotone reports whether nothing in a schema turns "more" into "less".
func monotone(root map[string]any) bool {
	free := true
	eachSchema(root, func(m map[string]any) {
		for _, key := range []string{"not", "if", "oneOf", "maxContains"} {
			if _, there := m[key]; there {
				free = false
			}
		}
	})
	return free
}

// eachSchema calls f for a schema and every schema in it, those below first.
func eachSchema(m map[string]any, f func(map[string]any)) {
	visit := func(v any) {
		if m, ok := v.(map[string]any); ok {
			eachSchema(m, f)
		}
	}
	for key, child := range m {
		if slices.Contains(values, key) {
			continue
		}
		switch child := child.(type) {
		case map[string]any:
			if !slices.Contains(byName, key) && !slices.Contains(definitions, key) {
				visit(child)
				continue
			}
			for _, named := range child {
				visit(named)
			}
		case []any:
			for _, item := range child {
				visit(item)
			}
		}
	}
	f(m)
}

func unescape(token string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
}
