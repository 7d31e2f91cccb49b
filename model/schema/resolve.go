package schema

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// draft is the dialect of a schema resource, by the number of the draft that JSON Schema's own pages use.
type draft int

const (
	draft4 draft = 4
	draft6 draft = 6
	draft7 draft = 7
	modern draft = 2020 // 2019-09 and 2020-12
)

// location is a schema inside the document: where it is, what relative references start from, and which draft reads it.
type location struct {
	raw     any
	pointer string // from the document's root, as in #/properties/a
	base    *url.URL
	draft   draft
}

// document is the whole schema text with everything in it that a reference can name.
type document struct {
	root      any
	resources map[string]location // absolute URI without fragment
	anchors   map[string]location // absolute URI with fragment
	bases     map[string]location // pointer of every subschema → its own location (base and draft)
	dynamic   map[string]int      // how many places have this $dynamicAnchor or $anchor
	recursive int                 // how many places have a $recursiveAnchor
}

func newDocument(root any) (*document, error) {
	d := &document{root: root, resources: map[string]location{}, anchors: map[string]location{}, bases: map[string]location{},
		dynamic: map[string]int{}}
	base, _ := url.Parse("sirocco:///schema")
	at := location{raw: root, pointer: "", base: base, draft: modern}
	d.resources[base.String()] = at
	return d, d.index(at)
}

// The keywords whose values are schemas, lists of schemas and objects of schemas.
var (
	holdsSchema = []string{"additionalProperties", "additionalItems", "items", "contains", "propertyNames", "not", "if", "then", "else",
		"unevaluatedItems", "unevaluatedProperties"}
	holdsList = []string{"allOf", "anyOf", "oneOf", "prefixItems", "items"}
	holdsMap  = []string{"properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions"}
)

// index walks the places where a schema can stand and notes identifiers, anchors and base URIs.
func (d *document) index(at location) error {
	m, ok := at.raw.(map[string]any)
	if !ok {
		d.bases[at.pointer] = at
		return nil
	}
	if v, ok := m["$schema"].(string); ok {
		at.draft = draftOf(v, at.draft)
	}
	if err := d.identify(m, &at); err != nil {
		return err
	}
	d.bases[at.pointer] = at
	if at.pointer == "" {
		d.resources["sirocco:///schema"] = at
	}
	return d.eachChild(m, func(v any, path string) error {
		child := at
		child.raw, child.pointer = v, at.pointer+path
		return d.index(child)
	})
}

// eachChild calls f for every subschema directly inside m.
func (d *document) eachChild(m map[string]any, f func(v any, path string) error) error {
	for _, k := range holdsSchema {
		if _, isMap := m[k].(map[string]any); isMap {
			if err := f(m[k], "/"+k); err != nil {
				return err
			}
		}
	}
	for _, k := range holdsList {
		list, _ := m[k].([]any)
		for i, v := range list {
			if err := f(v, "/"+k+"/"+strconv.Itoa(i)); err != nil {
				return err
			}
		}
	}
	for _, k := range holdsMap {
		sub, _ := m[k].(map[string]any)
		for name, v := range sub {
			if err := f(v, "/"+k+"/"+escapePointer(name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// identify applies $id (id in draft 4) and registers anchors.
func (d *document) identify(m map[string]any, at *location) error {
	key := "$id"
	if at.draft == draft4 {
		key = "id"
	}
	_, hasRef := m["$ref"]
	if id, ok := m[key].(string); ok && id != "" && !(hasRef && at.draft <= draft7) {
		u, err := url.Parse(id)
		if err != nil {
			return unsupported(key, at.pointer, "is not a URI: "+err.Error())
		}
		full := at.base.ResolveReference(u)
		if strings.HasPrefix(id, "#") { // up to draft 7 a fragment alone is an anchor
			d.anchors[full.String()] = *at
		} else {
			full.Fragment = ""
			at.base = full
			d.resources[full.String()] = *at
		}
	}
	for _, key := range []string{"$anchor", "$dynamicAnchor"} {
		if name, ok := m[key].(string); ok {
			full := *at.base
			full.Fragment = name
			d.anchors[full.String()] = *at
			d.dynamic[name]++
		}
	}
	if m["$recursiveAnchor"] == true {
		d.recursive++
	}
	return nil
}

func draftOf(uri string, fallback draft) draft {
	for _, d := range []struct {
		part string
		draft
	}{{"draft-03", draft4}, {"draft-04", draft4}, {"draft-06", draft6}, {"draft-07", draft7}, {"2019-09", modern}, {"2020-12", modern}} {
		if strings.Contains(uri, d.part) {
			return d.draft
		}
	}
	return fallback
}

// find is the schema that a reference written at `from` names.
func (d *document) find(ref string, from location) (location, error) {
	u, err := url.Parse(ref)
	if err != nil {
		return location{}, fmt.Errorf("is not a URI: %w", err)
	}
	full := from.base.ResolveReference(u)
	if at, ok := d.anchors[full.String()]; ok {
		return at, nil
	}
	fragment := full.Fragment
	full.Fragment, full.RawFragment = "", ""
	at, ok := d.resources[full.String()]
	if !ok {
		return location{}, fmt.Errorf("points outside this schema to %s, which is not fetched", full)
	}
	if fragment == "" {
		return at, nil
	}
	if !strings.HasPrefix(fragment, "/") {
		return location{}, fmt.Errorf("names the anchor #%s, which the schema does not have", fragment)
	}
	return d.walk(at, fragment)
}

// walk follows a JSON pointer, taking up the base of every subschema passed on the way.
func (d *document) walk(at location, pointer string) (location, error) {
	for _, part := range strings.Split(pointer[1:], "/") {
		name := strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch v := at.raw.(type) {
		case map[string]any:
			next, ok := v[name]
			if !ok {
				return at, fmt.Errorf("points to %s, which is not there", pointer)
			}
			at.raw = next
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(v) {
				return at, fmt.Errorf("points to %s, which is not there", pointer)
			}
			at.raw = v[i]
		default:
			return at, fmt.Errorf("points to %s, which is not there", pointer)
		}
		at.pointer += "/" + escapePointer(name)
		if known, ok := d.bases[at.pointer]; ok {
			at = known
		}
	}
	return at, nil
}

func escapePointer(s string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(s) }
