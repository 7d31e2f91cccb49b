package schema

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func compile(t testing.TB, text string) *Schema {
	t.Helper()
	s, err := Compile(json.RawMessage(text), Options{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s
}

// Each line is a schema, texts that it lets through and texts that it does not.
func TestTexts(t *testing.T) {
	for _, c := range []struct {
		schema  string
		yes, no []string
	}{
		{`{"properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a"],"additionalProperties":false}`,
			[]string{`{"b":"","a":1}`, `{"a":1,"b":""}`, `[]`, `{"a":-0.0}`, `{"a":1E2}`, `{"\u0061":10e-1}`}, // any order, any spelling, other types
			[]string{`{}`, `{"b":""}`, `{"a":1.5}`, `{"a":1,"a":2}`, `{"a":1,"c":0}`, `{"a":1e-1}`, `{"a":1,}`}},
		{`{"type":"object"}`, []string{`{"x":1,"y":1}`, "{\n  \"x\": [\n    1\n  ]\n}\n"}, []string{`{"x":1,"x":1}`, `{"x":1,"\u0078":1}`, `{x:1}`}},
		{`{"type":"string","maxLength":2}`, []string{`"é😀"`, `"\ud83d\ude00\n"`}, []string{`"abc"`, `"\ud83d"`, `"\ude00\ud83d"`, "\"\t\"", "\"\xc3\""}},
		{`{"type":"string","minLength":2}`, []string{`"ab"`, `"\u00e9é"`}, []string{`"a"`, `"\ud83d\ude00"`}},
		{`{"enum":["é"]}`, []string{`"é"`, `"\u00e9"`, `"\u00E9"`}, []string{`"e"`, `"\u00e8"`}},
		{`{"minimum":10,"maximum":20,"type":"integer"}`, []string{`10`, `20`, `1.5e1`, `0.2E2`, `150e-1`, `12.0`}, []string{`9`, `21`, `-10`, `10.5`, `1`, `012`}},
		{`{"exclusiveMinimum":0,"maximum":0.5}`, []string{`0.5`, `0.25`, `5e-1`, `1e-300`}, []string{`0`, `0.51`, `-0.1`, `5`}},
		{`{"multipleOf":0.01}`, []string{`0.07`, `19.99`, `1`}, []string{`0.075`}},
		{`{"type":"object","minProperties":2,"maxProperties":2}`, []string{`{"a":1,"b":1}`}, []string{`{"a":1}`, `{"a":1,"b":1,"c":1}`}},
		{`{"type":"object","propertyNames":{"enum":["x","y"]},"minProperties":2}`, []string{`{"y":1,"x":1}`}, []string{`{"x":1}`, `{"z":1}`}},
		{`{"type":"object","patternProperties":{"^[ab]$":{"type":"integer"}},"additionalProperties":false,"minProperties":2}`,
			[]string{`{"b":1,"a":2}`}, []string{`{"a":1}`, `{"a":1,"c":1}`, `{"a":""}`}},
		{`{"dependentSchemas":{"a":{"required":["b"]}},"type":"object"}`, []string{`{}`, `{"b":1}`, `{"b":1,"a":1}`}, []string{`{"a":1}`}},
		{`{"type":"array","contains":{"const":1},"minContains":2,"maxContains":2}`, []string{`[1,2,1.0]`}, []string{`[1]`, `[1,1,1]`}},
		{`{"type":"array","uniqueItems":true,"items":{"enum":["a","b",1,true]},"minItems":3}`, []string{`["b",1,"a"]`, `["a","b",true,1.0]`},
			[]string{`["a","a",1]`, `["a","\u0061",1]`, `[1,1.0,"a"]`, `["a","b"]`, `["a","b",true,1,1]`, `[true,true,1]`}},
		{`{"type":"array","uniqueItems":true,"items":{"type":["string","number"]}}`, []string{`["","a",0,0.5]`}, []string{`["x","x"]`, `[5e-1,0.5]`, `[0,-0]`, `[[]]`}},
		{`{"type":"array","uniqueItems":true,"items":{"type":"integer","minimum":1,"maximum":3},"minItems":3}`, []string{`[3,1,2]`}, []string{`[1,1,2]`, `[1,2,3,3]`}},
		{`{"oneOf":[{"type":"integer"},{"minimum":2}]}`, []string{`1`, `2.5`, `"x"`}, []string{`3`, `1.5`}},
		{`{"not":{"properties":{"a":{"type":"string"}},"required":["a"]}}`, []string{`{}`, `{"a":1}`}, []string{`{"a":"x"}`, `1`}},
		{`{"type":"array","items":{"$ref":"#"},"maxItems":1}`, []string{`[[[]]]`}, []string{`[[],[]]`, `[1]`}},
		{`{"const":{"a":[1,"x"]}}`, []string{`{"a":[1.0,"\u0078"]}`}, []string{`{"a":[1]}`, `{"a":[1,"x"],"b":1}`}},
		{`{"if":{"properties":{"k":{"const":1}},"required":["k"]},"then":{"required":["v"]},"type":"object"}`, []string{`{"k":2}`, `{"v":0,"k":1}`}, []string{`{"k":1}`}},
		{`{"$schema":"http://json-schema.org/draft-04/schema#","type":"integer","minimum":8,"maximum":25}`, []string{`8`, `25`}, []string{`8.0`, `1e1`, `3`, `26`}},
		{`{"$schema":"http://json-schema.org/draft-04/schema#","type":"integer","enum":[-12,0,340]}`, []string{`-12`, `340`, `0`}, []string{`34`, `0.0`, `-1`}},
		{`{"$schema":"http://json-schema.org/draft-04/schema#","type":["integer","string"]}`, []string{`-123456789012345678901234567890`}, []string{`1.0`}},
		{`{"$schema":"http://json-schema.org/draft-04/schema#","minimum":1,"exclusiveMinimum":true}`, []string{`2`}, []string{`1`}},
	} {
		s := compile(t, c.schema)
		for _, text := range c.yes {
			if !accepts(s, text) {
				t.Errorf("%s refuses %s", c.schema, text)
			}
		}
		for _, text := range c.no {
			if accepts(s, text) {
				t.Errorf("%s lets %s through", c.schema, text)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct{ schema, keyword, pointer string }{
		{`{"properties":{"a":{"pattern":"(?<=x)y"}}}`, "pattern", "/properties/a/pattern"},
		{`{"$ref":"http://example.com/other"}`, "$ref", "/$ref"},
		{`{"$ref":"#"}`, "$ref", ""},
		{`{"items":{"format":"regex"}}`, "format", "/items/format"},
		{`{"minimum":"1"}`, "minimum", "/minimum"},
		{`{"anyOf":[{"properties":{"a":true}}],"unevaluatedProperties":false}`, "unevaluatedProperties", "/unevaluatedProperties"},
	} {
		_, err := Compile(json.RawMessage(c.schema), Options{})
		u := new(Unsupported)
		if !errors.As(err, &u) || u.Keyword != c.keyword || u.Pointer != c.pointer {
			t.Errorf("%s: %v", c.schema, err)
		}
	}
	if _, err := Compile(json.RawMessage(`{"type":"string","minLength":3,"maxLength":2}`), Options{}); !errors.Is(err, ErrEmpty) {
		t.Errorf("a schema without values: %v", err)
	}
	if _, err := Compile(json.RawMessage(`{`), Options{}); err == nil {
		t.Error("half a schema compiles")
	}
}

// The arguments of a tool call are an object even where the schema forgets to say so.
func TestToolArguments(t *testing.T) {
	s, err := Compile(json.RawMessage(`{"properties":{"a":{"type":"integer"}}}`), Options{Object: true})
	if err != nil {
		t.Fatal(err)
	}
	if !accepts(s, `{"a":1}`) || accepts(s, `1`) || accepts(s, `{"a":""}`) {
		t.Error("tool arguments are not the schema's objects")
	}
}

// A token may end inside a character: after the first byte of é only its second byte may follow, or nothing that is no é.
func TestHalfCharacters(t *testing.T) {
	m := compile(t, `{"type":"string","pattern":"^é+$"}`).Start(byByte)
	for _, b := range []byte("\"\xc3") {
		if err := m.Accept(int32(b)); err != nil {
			t.Fatal(err)
		}
	}
	for b := range int32(256) {
		if m.Allowed(b) != (b == 0xa9) {
			t.Errorf("byte %#x after half an é: %v", b, m.Allowed(b))
		}
	}
}

func TestRollbackAndClone(t *testing.T) {
	m := compile(t, `{"type":"object","properties":{"a":{"enum":["x","y"]}},"required":["a"]}`).Start(byByte)
	feed := func(m *Matcher, text string) {
		t.Helper()
		for _, b := range []byte(text) {
			if err := m.Accept(int32(b)); err != nil {
				t.Fatalf("%q in %q: %v", b, text, err)
			}
		}
	}
	feed(m, `{"other":1,"a`)
	c := m.Clone()
	feed(m, `":"x"}`)
	if !m.CanEnd() || m.Accept(256) != nil {
		t.Error("a complete object cannot end")
	}
	m.Rollback(5) // back before "x"}, the end token counting as one
	feed(m, `"y"}`)
	if string(m.Text()) != `{"other":1,"a":"y"}` || !m.CanEnd() {
		t.Errorf("after the rollback: %s", m.Text())
	}
	feed(c, `b":0,"`)
	if c.Accept('o') != nil || c.AcceptText([]byte(`ther"`)) == nil {
		t.Error("the clone forgot a name used before it was made")
	}
	m.Rollback(1000)
	if len(m.Text()) != 0 || m.CanEnd() {
		t.Error("a rollback of everything leaves something")
	}
}

func TestWhiteSpaceEnds(t *testing.T) {
	m := compile(t, `{"type":"array"}`).Start(byByte)
	n := 0
	for m.Accept(' ') == nil {
		n++
	}
	if n != maxSpace || m.Accept('[') != nil || m.Accept(' ') != nil {
		t.Errorf("%d blanks were let through", n)
	}
}

// The shortcuts that make masks fast (tokens known to stay inside strings, the few that can leave them) must agree with reading
// every token byte by byte.
func TestMaskAgreesWithEveryToken(t *testing.T) {
	v, err := fullVocabulary()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{`{}`, `{"free": "text `},
		{`{}`, ``},
		{`{"type":"object","properties":{"name":{"type":"string","maxLength":9}},"additionalProperties":false}`, `{"name": "abcd`},
		{`{"type":"object","properties":{"name":{}},"patternProperties":{"^x":{"type":"integer"}}}`, `{"`},
		{`{"type":"object","additionalProperties":false,"properties":{"alpha":{},"beta":{}}}`, `{"alpha": 1, `},
		{`{"type":"array","items":{"type":"string","pattern":"^[a-z ]+$"}}`, `["ab`},
		{`{"type":"string","pattern":"\\d"}`, `"x`},
		{`{"anyOf":[{"type":"string","maxLength":3},{"type":"string","pattern":"^a"}]}`, `"a`},
		{`{"type":"string","pattern":"^(\\S+\\s+){0,99}\\S+$","maxLength":600}`, `"one two`},
		{`{"type":"string","pattern":"^(\\S+\\s+){0,9}\\S+$","maxLength":60}`, `"one two`},
		{`{"type":"string"}`, `"\ud83d`},
		{`{"type":"array","items":{"type":"number","maximum":50}}`, `[1, 4`},
		{`{"type":"string","pattern":"[0-9a-f]+","minLength":12,"maxLength":12}`, `"01`},
		{`{"type":"string","pattern":"^[a-zé東]{2,9}$","minLength":3}`, "\"a\xe6\x9d"},
		{`{"type":"string","pattern":"^[^<>\u0400-\u0420]*$"}`, "\"a\xd0"},
		{`{"anyOf":[{"type":"string","pattern":"^[^<>]{3,8}$"},{"type":"string","maxLength":5},{"enum":["a\u00e9"]}]}`, `"a`},
		{`{"type":"object","patternProperties":{"^.{1,9}$":{}},"additionalProperties":false}`, `{"a`},
		{`{"type":"object","properties":{"naïve":{},"東京":{},"x-1":{}},"patternProperties":{"^x-":{}},"additionalProperties":false}`, `{"`},
		{`{"type":"object","properties":{"naïve":{},"東京":{}},"patternProperties":{"^[a-z]+$":{}},"additionalProperties":false}`, "{\"\xe6"},
		{`{"type":"object","propertyNames":{"pattern":"^[^<>]*$"},"properties":{"a<":{},"ab":{"type":"null"}}}`, `{"ab":null,"a`},
		{`{"anyOf":[{"patternProperties":{"^[^/]+$":{"type":"string"}},"additionalProperties":false},{"propertyNames":{"maxLength":6},"type":"object"}]}`, `{"a`},
	} {
		m := compile(t, c[0]).Start(v)
		if err := m.AcceptText([]byte(c[1])); err != nil {
			t.Fatal(c[0], err)
		}
		mask := make([]uint32, v.Words())
		m.Mask(mask)
		for id := range int32(v.size) {
			if got := mask[id>>5]>>(id&31)&1 == 1; got != m.Allowed(id) {
				t.Fatalf("%s after %s: the mask says %v of token %d %q", c[0], c[1], got, id, v.tokens.Bytes(id))
			}
		}
	}
}

const toolSchema = `{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":1,"maximum":14},
	"unit":{"enum":["celsius","fahrenheit"]},"tags":{"type":"array","items":{"type":"string","maxLength":20}}},"required":["city","unit"],"additionalProperties":false}`

const toolText = `{"city": "São Paulo, Brazil", "days": 7, "tags": ["wind", "rain"], "unit": "celsius"}`

// Once its states are known, a matcher allocates nothing.
func TestNoAllocations(t *testing.T) {
	m := compile(t, toolSchema).Start(byByte)
	mask := make([]uint32, byByte.Words())
	run := func() {
		m.Reset()
		for _, b := range []byte(toolText) {
			m.Mask(mask)
			if err := m.Accept(int32(b)); err != nil {
				t.Fatal(err)
			}
		}
	}
	run()
	if n := testing.AllocsPerRun(10, run); n != 0 {
		t.Errorf("%.1f allocations for %d tokens", n, len(toolText))
	}
}

// A schema from outside is an error or a schema, never a panic, and what it draws is its own.
func FuzzCompile(f *testing.F) {
	for _, s := range handmade {
		f.Add(s, `{"a":1}`)
	}
	f.Add(`{"$id":"http://x/","$defs":{"a":{"$anchor":"b"}},"$ref":"#b"}`, `[]`)
	f.Fuzz(func(t *testing.T, schema, text string) {
		if len(schema) > 300 || len(text) > 100 || strings.Count(schema, "ultipleOf") > 1 {
			return
		}
		s, err := Compile(json.RawMessage(schema), Options{})
		if err != nil {
			return
		}
		if accepts(s, text) && !json.Valid([]byte(text)) {
			t.Errorf("%s lets %q through", schema, text)
		}
	})
}

func BenchmarkMask(b *testing.B) {
	v, err := fullVocabulary()
	if err != nil {
		b.Fatal(err)
	}
	s := compile(b, toolSchema)
	mask := make([]uint32, v.Words())
	for b.Loop() {
		m := s.Start(v)
		for i := range len(toolText) {
			m.Mask(mask)
			if err := m.AcceptText([]byte(toolText[i : i+1])); err != nil {
				b.Fatal(err)
			}
		}
		m.Release()
	}
}
