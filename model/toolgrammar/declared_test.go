package toolgrammar

import (
	"encoding/json"
	"strings"
	"testing"

	"sirocco/model/schema"
	"sirocco/model/schema/schematest"
)

// Names that a tool does not declare are offered only where its schema says so.
func TestUndeclaredNames(t *testing.T) {
	vocabulary := schema.NewVocabulary(openTokenizer(t), -1)
	for _, c := range []struct {
		parameters, may, mayNot string
	}{
		{`{"type":"object","properties":{"city":{"type":"string"}}}`, `{"city":"x"}`, `{"town":"x"}`},
		{`{"type":"object","properties":{"at":{"properties":{"x":{}}}}}`, `{"at":{"x":1}}`, `{"at":{"y":1}}`},
		{`{"type":"object","properties":{"l":{"type":"array","items":{"type":"object","properties":{"x":{}}}}}}`, `{"l":[{"x":1}]}`, `{"l":[{"y":1}]}`},
		{`{"properties":{"p":{"$ref":"#/$defs/P"}},"$defs":{"P":{"type":"object","properties":{"n":{}}}}}`, `{"p":{"n":1}}`, `{"p":{"m":1}}`},
		{`{"properties":{"p":{"anyOf":[{"$ref":"#/definitions/P"},{"type":"null"}]}},"definitions":{"P":{"type":"object","properties":{"n":{}}}}}`, `{"p":{"n":1}}`, `{"p":{"m":1}}`},
		{`{"anyOf":[{"properties":{"id":{}},"required":["id"]},{"properties":{"name":{}},"required":["name"]}]}`, `{"name":1}`, `{"name":1,"x":2}`},
		{`{"properties":{"a":{}},"anyOf":[{"properties":{"b":{}},"required":["b"]},{"required":["c"]}]}`, `{"a":1,"b":2,"c":3}`, `{"b":1,"d":2}`},
		{`{"properties":{"op":{"oneOf":[{"properties":{"k":{"const":1},"n":{}},"required":["k"]},{"properties":{"k":{"const":2}},"required":["k"]}]}}}`, `{"op":{"k":1,"n":2}}`, `{"op":{"k":2,"n":2}}`},
		{`{"properties":{"a":{}},"required":["b"]}`, `{"b":1}`, `{"b":1,"c":1}`},
		{`{"properties":{"a":{}},"allOf":[{"$ref":"#/$defs/B"}],"$defs":{"B":{"type":"object","properties":{"b":{}}}}}`, `{"a":1,"b":2}`, `{"c":1}`},
		{`{"type":"object"}`, `{"x":1}`, ``},
		{`{"type":"object","properties":{}}`, `{"x":1}`, ``},
		{`{"properties":{"a":{}},"additionalProperties":true}`, `{"x":1}`, ``},
		{`{"properties":{"a":{}},"additionalProperties":{"type":"integer"}}`, `{"x":1}`, `{"x":"y"}`},
		{`{"properties":{"a":{}},"patternProperties":{"^x":{}}}`, `{"x1":1}`, ``},
		{`{"properties":{"a":{"properties":{"additionalProperties":{}}}}}`, `{"a":{"additionalProperties":1}}`, `{"a":{"b":1}}`},
		{`{"properties":{"a":{}},"minProperties":2}`, `{"x":1,"y":2}`, ``},
	} {
		e := enforce(json.RawMessage(c.parameters))
		takes := func(text string) bool {
			m := e.schema.Start(vocabulary)
			defer m.Release()
			return m.AcceptText([]byte(text)) == nil && m.CanEnd()
		}
		if !takes(c.may) {
			t.Errorf("%s: %s is not taken", c.parameters, c.may)
		}
		if c.mayNot != "" && takes(c.mayNot) {
			t.Errorf("%s: %s is taken", c.parameters, c.mayNot)
		}
	}
}

// Closing only ever allows less: nothing that the official suite calls invalid is
// accepted by what a closed schema allows.
func TestClosingAllowsLess(t *testing.T) {
	vocabulary := schema.NewVocabulary(openTokenizer(t), -1)
	closed := 0
	for file, groups := range schematest.Suite(t, "../schema/testdata/suite.json.gz")["draft2020-12"] {
		if strings.HasPrefix(file, "optional/") {
			continue
		}
		for _, g := range groups {
			part, ok := declaredOnly(g.Schema)
			if !ok {
				continue
			}
			if _, err := schema.Compile(g.Schema, schema.Options{}); err != nil {
				continue
			}
			compiled, err := schema.Compile(part, schema.Options{})
			if err != nil {
				continue
			}
			closed++
			for _, c := range g.Tests {
				m := compiled.Start(vocabulary)
				if fits := m.AcceptText(c.Data) == nil && m.CanEnd(); fits && !c.Valid {
					t.Errorf("%s: %s is not valid under %s, but under %s", file, c.Data, g.Schema, part)
				}
				m.Release()
			}
		}
	}
	if closed < 20 {
		t.Errorf("only %d schemas were closed", closed)
	}
}
