package schema

import (
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"sirocco/model/schema/schematest"
	"sirocco/model/tokenizer"
)

// fullVocabulary is the real one, 131,072 ids; made once.
var fullVocabulary = sync.OnceValues(func() (*Vocabulary, error) {
	f, err := os.Open("../../assets/tekken/tekken-v11.json.zst")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := zstd.NewReader(f)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	data, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	tok, err := tokenizer.Parse(data)
	if err != nil {
		return nil, err
	}
	end, _ := tok.Special("</s>")
	return NewVocabulary(tok, end), nil
})

// handmade are schemas as tools have them, and some that are hard to follow.
var handmade = []string{
	`{"type":"object","properties":{"country":{"type":"string"},"unit":{"enum":["millions","thousands"]}},"required":["country","unit"],"additionalProperties":false}`,
	`{"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":12},"age":{"type":"integer","minimum":0,"maximum":130},"tags":{"type":"array","items":{"type":"string"},"maxItems":4}},"required":["name"]}`,
	`{"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","properties":{"value":{"type":"number"},"children":{"type":"array","items":{"$ref":"#/$defs/tree"}}},"required":["value","children"],"additionalProperties":false}}}`,
	`{"$ref":"#/$defs/list","$defs":{"list":{"anyOf":[{"type":"null"},{"type":"object","properties":{"head":{"type":"integer"},"tail":{"$ref":"#/$defs/list"}},"required":["head","tail"],"additionalProperties":false}]}}}`,
	`{"type":"string","pattern":"^[a-zß-ü]{2,5}-\\d{3}$"}`,
	`{"type":"string","pattern":"é|😀","maxLength":9}`,
	`{"type":"string","pattern":"^\\p{Lu}\\p{Ll}+$","minLength":3,"maxLength":20}`,
	`{"type":"string","format":"date-time"}`, `{"type":"string","format":"ipv6"}`, `{"type":"string","format":"uuid"}`, `{"type":"string","format":"time"}`,
	`{"type":"string","format":"email","maxLength":40}`, `{"type":"string","format":"duration"}`, `{"type":"string","format":"hostname"}`, `{"type":"string","format":"ipv4"}`,
	`{"$schema":"http://json-schema.org/draft-04/schema#","type":"integer","minimum":-30,"maximum":1200,"multipleOf":7}`, `{"type":"integer","minimum":-17,"maximum":4096,"multipleOf":7}`, `{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1}`,
	`{"type":"number","minimum":1.5,"maximum":1.75}`, `{"type":"integer","not":{"multipleOf":3},"minimum":1}`,
	`{"type":["string","null"],"minLength":2}`, `{"enum":["a",1,true,null,{"x":[1,2]},[],"ünï","\"quoted\\"]}`, `{"const":{"a":[1,{"b":null}]}}`, `{}`,
	`{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":{"type":"boolean"},"minItems":1,"maxItems":5}`,
	`{"type":"array","items":{"type":"integer"},"contains":{"minimum":5},"minContains":2,"maxContains":3,"maxItems":6}`,
	`{"type":"array","uniqueItems":true,"items":{"enum":["a","b","c",1,2,null]},"minItems":5}`, `{"type":"array","uniqueItems":true,"items":{"type":"integer","minimum":0,"maximum":9},"minItems":8}`,
	`{"type":"array","uniqueItems":true,"items":{"type":"string","pattern":"^[ab]{1,2}$"},"minItems":5}`, `{"type":"array","uniqueItems":true,"items":{"type":["boolean","string","number"]},"minItems":4}`,
	`{"type":"object","patternProperties":{"^x-":{"type":"integer"},"^y":{"type":"string"}},"additionalProperties":false,"minProperties":1}`,
	`{"type":"object","propertyNames":{"pattern":"^[a-z]{1,3}$"},"additionalProperties":{"type":"boolean"},"minProperties":2,"maxProperties":4}`,
	`{"type":"object","properties":{"a":{},"b":{},"c":{}},"dependentRequired":{"a":["b"],"b":["c"]},"maxProperties":3}`,
	`{"type":"object","properties":{"kind":{"enum":["circle","square"]}},"required":["kind"],"if":{"properties":{"kind":{"const":"circle"}}},"then":{"required":["radius"],"properties":{"radius":{"type":"number","minimum":0}}},"else":{"required":["side"]},"additionalProperties":true}`,
	`{"oneOf":[{"type":"object","properties":{"t":{"const":"a"},"v":{"type":"integer"}},"required":["t","v"]},{"type":"object","properties":{"t":{"const":"b"},"w":{"type":"string"}},"required":["t","w"]}]}`,
	`{"anyOf":[{"required":["a"]},{"required":["b"]}],"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"null"}},"additionalProperties":false}`,
	`{"allOf":[{"type":"object","properties":{"a":{"minimum":3}}},{"properties":{"a":{"type":"integer","maximum":9}},"required":["a"]}],"unevaluatedProperties":false}`,
	`{"not":{"type":["string","object","array"]}}`, `{"type":"object","not":{"required":["bad"]},"minProperties":1}`,
	`{"type":"string","not":{"enum":["yes","no"]},"maxLength":5}`, `{"type":"object","properties":{"日本":{"type":"string"},"a\"b":{"type":"integer"}},"required":["日本","a\"b"],"additionalProperties":false}`,
	`{"type":"object","additionalProperties":{"type":"array","items":{"type":"object","properties":{"x":{"type":"number"}},"required":["x"],"additionalProperties":false},"minItems":1}}`,
}

// varied is 200 schemas and more: ours, and those of the official suite that compile and have a value.
func varied(t *testing.T) []json.RawMessage {
	var out []json.RawMessage
	for _, s := range handmade {
		out = append(out, json.RawMessage(s))
	}
	for file, groups := range schematest.Suite(t, "testdata/suite.json.gz")["draft2020-12"] {
		if apart(file) != "core" {
			continue
		}
		for _, g := range groups {
			out = append(out, g.Schema)
		}
	}
	return out
}

func validate(t *testing.T, schema json.RawMessage) *validator.Schema {
	t.Helper()
	doc, err := validator.UnmarshalJSON(strings.NewReader(string(schema)))
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	c.AssertFormat()
	c.DefaultDraft(validator.Draft2020)
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		return nil // a schema that the judge cannot read is left out
	}
	return s
}

// Whatever the model, a text that follows the masks is valid: 2,000 walks that choose any allowed token of the full vocabulary,
// judged by a validator that knows nothing of masks.
func TestRandomWalks(t *testing.T) {
	v, err := fullVocabulary()
	if err != nil {
		t.Fatal(err)
	}
	schemas, walks := 0, 0
	for _, raw := range varied(t) {
		s, err := Compile(raw, Options{})
		if err != nil {
			if unknown := new(Unsupported); !errors.As(err, &unknown) && !errors.Is(err, ErrEmpty) {
				t.Errorf("%s: %v", raw, err)
			}
			continue
		}
		judge := validate(t, raw)
		if judge == nil {
			continue
		}
		schemas++
		for i := range 8 {
			m := s.Start(v)
			_, err := m.Random(rand.New(rand.NewPCG(1, uint64(i))), 3+4*i)
			text := string(m.Text())
			m.Release()
			if err != nil {
				t.Errorf("%s: %q…: %v", raw, text[:min(200, len(text))], err)
				continue
			}
			walks++
			value, err := validator.UnmarshalJSON(strings.NewReader(text))
			if err != nil {
				t.Errorf("%s: %q is not JSON: %v", raw, text, err)
				continue
			}
			if err := judge.Validate(value); err != nil {
				t.Errorf("%s: %q: %v", raw, text, err)
			}
		}
	}
	if schemas < 200 || walks < 1600 {
		t.Errorf("only %d schemas and %d walks", schemas, walks)
	}
	t.Logf("%d schemas, %d walks", schemas, walks)
}
