package schema

import (
	"strconv"

	"sirocco/model/schema/lang"
)

// arrays reads what a schema says of items, in the words of its draft.
func (r *reader) arrays() error {
	a := array{max: unlimited}
	var err error
	if a.min, err = r.count("minItems", 0); err != nil {
		return err
	}
	if a.max, err = r.count("maxItems", unlimited); err != nil {
		return err
	}
	if v, ok := r.m["uniqueItems"]; ok {
		b, isBool := v.(bool)
		if !isBool {
			return r.refuse("uniqueItems", "must be true or false")
		}
		a.unique = b
	}
	if err := r.items(&a); err != nil {
		return err
	}
	if err := r.contains(&a); err != nil {
		return err
	}
	if v, ok := r.m["unevaluatedItems"]; ok && r.draft() == modern {
		if err := r.unevaluatedItems(&a, v); err != nil {
			return err
		}
	}
	if a.isAny() {
		return nil
	}
	if len(r.s.own.arrs) > 0 {
		r.s.own.arrs = []array{a}
	}
	if a.min > a.max {
		r.s.own.arrs = nil
	}
	return nil
}

// items reads prefixItems and items; a list under items is the older spelling of prefixItems, with additionalItems beside it.
func (r *reader) items(a *array) error {
	prefix, rest := "prefixItems", "items"
	if _, isList := r.m["items"].([]any); isList {
		prefix, rest = "items", "additionalItems"
	}
	list, err := r.list(prefix)
	if err != nil {
		return err
	}
	if prefix == "items" || r.draft() == modern {
		for _, n := range list {
			a.prefix = append(a.prefix, r.c.of(yes(n)))
		}
	}
	v, ok := r.m[rest]
	if !ok || v == true {
		return nil
	}
	a.items = r.value(v, rest)
	return nil
}

// value is the node of a subschema; false is recognised here so that it needs no table entry.
func (r *reader) value(v any, path ...string) *node {
	if v == false {
		return r.c.nothing()
	}
	return r.c.of(yes(r.child(v, path...)))
}

func (r *reader) contains(a *array) error {
	v, ok := r.m["contains"]
	if !ok || r.draft() == draft4 {
		return nil
	}
	x := counter{node: r.value(v, "contains"), min: 1, max: unlimited}
	if r.draft() == modern {
		var err error
		if x.min, err = r.count("minContains", 1); err != nil {
			return err
		}
		if x.max, err = r.count("maxContains", unlimited); err != nil {
			return err
		}
	}
	a.counts = append(a.counts, x)
	return nil
}

// objects reads what a schema says of properties.
func (r *reader) objects() error {
	o := object{max: unlimited}
	var err error
	if o.min, err = r.count("minProperties", 0); err != nil {
		return err
	}
	if o.max, err = r.count("maxProperties", unlimited); err != nil {
		return err
	}
	if v, ok := r.m["required"]; ok {
		if _, isBool := v.(bool); !isBool { // a boolean is draft 3's, where it spoke of the property itself
			if o.required, ok = stringList(v); !ok {
				return r.refuse("required", "must be a list of names")
			}
		} else if v == true {
			return r.refuse("required", "must be a list of names")
		}
	}
	others, err := r.properties(&o)
	if err != nil {
		return err
	}
	if v, ok := r.m["additionalProperties"]; ok && v != true {
		o.rules = append(o.rules, rule{others, r.value(v, "additionalProperties")})
	}
	if err := r.propertyNames(&o); err != nil {
		return err
	}
	if err := r.dependencies(&o); err != nil {
		return err
	}
	if v, ok := r.m["unevaluatedProperties"]; ok && r.draft() == modern {
		if err := r.unevaluatedProperties(&o, v); err != nil {
			return err
		}
	}
	if o.isAny() {
		return nil
	}
	if len(r.s.own.objs) > 0 {
		r.s.own.objs = []object{o}
	}
	return nil
}

// properties reads the named and the matched properties and answers the set of the names that neither speaks of.
func (r *reader) properties(o *object) (others nameSet, err error) {
	if v, ok := r.m["properties"]; ok {
		m, ok := v.(map[string]any)
		if !ok {
			return others, r.refuse("properties", "must be an object of schemas")
		}
		for _, name := range sortedKeys(m) {
			others.names = append(others.names, name)
			if m[name] != true {
				o.rules = append(o.rules, rule{nameSet{one: &name}, r.value(m[name], "properties", name)})
			}
		}
	}
	if v, ok := r.m["patternProperties"]; ok {
		m, ok := v.(map[string]any)
		if !ok {
			return others, r.refuse("patternProperties", "must be an object of schemas")
		}
		for _, expr := range sortedKeys(m) {
			l, err := r.c.pattern(expr)
			if err != nil {
				return others, r.refuse("patternProperties", err.Error())
			}
			if l == nil {
				l = lang.Any()
			}
			others.langs = append(others.langs, l)
			if m[expr] != true {
				o.rules = append(o.rules, rule{nameSet{lang: l}, r.value(m[expr], "patternProperties", expr)})
			}
		}
	}
	return others, nil
}

// propertyNames forbids the names that its schema does not have as strings.
func (r *reader) propertyNames(o *object) error {
	v, ok := r.m["propertyNames"]
	if !ok || r.draft() == draft4 || v == true {
		return nil
	}
	n := r.value(v, "propertyNames")
	if err := r.c.fill(n); err != nil {
		return err
	}
	names, err := r.c.language(n.shapes.strs)
	if err != nil {
		return r.refuse("propertyNames", err.Error())
	}
	if words, ok := names.List(200); ok { // a short list is better said as names
		o.rules = append(o.rules, rule{nameSet{names: words}, r.c.nothing()})
		return nil
	}
	o.rules = append(o.rules, rule{nameSet{lang: lang.Not(names)}, r.c.nothing()})
	return nil
}

// language is the automaton of a union of texts, bounds on their length included.
func (c *compiler) language(list []text) (*lang.Language, error) {
	out := lang.None()
	for _, t := range list {
		l := t.lang
		if l == nil {
			l = lang.Any()
		}
		if t.min > 0 || t.max < unlimited {
			n, err := lang.Lengths(t.min, t.max)
			if err != nil {
				return nil, err
			}
			if l, err = lang.And(l, n); err != nil {
				return nil, err
			}
		}
		var err error
		if out, err = lang.Or(out, l); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// dependencies reads dependentRequired, dependentSchemas and the older keyword that is either.
func (r *reader) dependencies(o *object) error {
	for _, k := range []string{"dependentRequired", "dependentSchemas", "dependencies"} {
		v, ok := r.m[k]
		if !ok || k != "dependencies" && r.draft() != modern {
			continue
		}
		m, ok := v.(map[string]any)
		if !ok {
			return r.refuse(k, "must be an object")
		}
		for _, name := range sortedKeys(m) {
			if list, ok := stringList(m[name]); ok && k != "dependentSchemas" {
				o.needs = append(o.needs, need{name, list})
			} else if s, ok := m[name].(string); ok && k == "dependencies" {
				o.needs = append(o.needs, need{name, []string{s}})
			} else if k != "dependentRequired" {
				r.s.ifs = append(r.s.ifs, conditional{test: r.c.having(name, r.s.at), then: []id{r.child(m[name], k, name)}})
			} else {
				return r.refuse(k, "must list names")
			}
		}
	}
	return nil
}

// having is a made-up schema: an object with that property.
func (c *compiler) having(name string, at location) id {
	s := &subschema{at: at, own: shapes{objs: []object{{required: []string{name}, max: unlimited}}}}
	return c.add(s, at)
}

// unevaluatedProperties is additionalProperties over the names that this schema and all it includes unconditionally speak of.
// Where what is evaluated depends on the value, it is refused.
func (r *reader) unevaluatedProperties(o *object, v any) error {
	if v == true {
		return nil
	}
	seen, err := r.c.evaluated(r.s.at, false, map[string]bool{})
	if err != nil {
		return r.refuse("unevaluatedProperties", err.Error())
	}
	if seen.allNames {
		return nil
	}
	o.rules = append(o.rules, rule{seen.others, r.value(v, "unevaluatedProperties")})
	return nil
}

func (r *reader) unevaluatedItems(a *array, v any) error {
	if v == true {
		return nil
	}
	seen, err := r.c.evaluated(r.s.at, false, map[string]bool{})
	if err != nil {
		return r.refuse("unevaluatedItems", err.Error())
	}
	if seen.allItems {
		return nil
	}
	n := r.value(v, "unevaluatedItems")
	for len(a.prefix) < seen.items {
		a.prefix = append(a.prefix, a.items)
	}
	for i := seen.items; i < len(a.prefix); i++ {
		a.prefix[i] = r.c.both(a.prefix[i], n)
	}
	a.items = r.c.both(a.items, n)
	return nil
}

// evaluated is what a schema speaks of, whatever the value.
type evaluated struct {
	others             nameSet // the names it does not speak of
	allNames, allItems bool
	items              int
}

// evaluated collects over the schema itself, its references and allOf; included says that at is one of these.
func (c *compiler) evaluated(at location, included bool, visited map[string]bool) (evaluated, error) {
	var e evaluated
	m, ok := at.raw.(map[string]any)
	if !ok || visited[at.pointer] {
		return e, nil
	}
	visited[at.pointer] = true
	for _, k := range []string{"anyOf", "oneOf", "not", "if", "dependentSchemas", "$dynamicRef", "$recursiveRef", "contains"} {
		if _, ok := m[k]; ok {
			return e, errDepends(k)
		}
	}
	probe := &reader{c: c, m: m, s: &subschema{at: at}}
	var err error
	if e.others, err = probe.properties(&object{}); err != nil {
		return e, err
	}
	_, e.allNames = m["additionalProperties"]
	if prefix, ok := m["prefixItems"].([]any); ok {
		e.items = len(prefix)
	}
	_, e.allItems = m["items"]
	if included { // what an included schema leaves unevaluated, it evaluates itself
		_, names := m["unevaluatedProperties"]
		_, items := m["unevaluatedItems"]
		e.allNames, e.allItems = e.allNames || names, e.allItems || items
	}
	var inner []location
	if ref, ok := m["$ref"].(string); ok {
		to, err := c.doc.find(ref, at)
		if err != nil {
			return e, err
		}
		inner = append(inner, to)
	}
	list, _ := m["allOf"].([]any)
	for i := range list {
		if sub, ok := c.doc.bases[at.pointer+"/allOf/"+strconv.Itoa(i)]; ok {
			inner = append(inner, sub)
		}
	}
	for _, sub := range inner {
		x, err := c.evaluated(sub, true, visited)
		if err != nil {
			return e, err
		}
		e.allNames, e.allItems, e.items = e.allNames || x.allNames, e.allItems || x.allItems, max(e.items, x.items)
		e.others.names = append(e.others.names, x.others.names...)
		e.others.langs = append(e.others.langs, x.others.langs...)
	}
	return e, nil
}
