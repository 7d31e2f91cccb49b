package draft7

import (
	"strings"
	"testing"

	"sirocco/model/chattemplate/pyjson"
)

func schema(t testing.TB, text string) pyjson.Value {
	t.Helper()
	v, err := pyjson.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestValid(t *testing.T) {
	for _, text := range []string{
		`{}`, `true`, `{"type":"object"}`, `{"type":["string","null"]}`, `{"properties":{"type":{"type":"integer"}}}`, `{"$schema":"anything","$ref":"#/nowhere"}`,
		`{"minLength":3.0,"maxItems":0,"multipleOf":0.01,"maximum":1e400}`, `{"required":[],"enum":[],"const":null,"default":[1]}`, `{"items":[{},true]}`, `{"items":{}}`,
		`{"dependencies":{"a":["b"],"c":{}}}`, `{"patternProperties":{"^x[0-9]+$":{}}}`, `{"allOf":[{}],"if":{},"then":false}`, `{"unknown":{"type":5},"$defs":5,"nullable":"x"}`, `{"format":"no such"}`,
	} {
		if err := Check(schema(t, text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// What is wrong, and where.
func TestInvalid(t *testing.T) {
	for text, place := range map[string]string{
		`{"type":"sting"}`: "the schema.type is", `{"type":[]}`: "the schema.type", `{"type":["string","string"]}`: "twice", `{"type":null}`: "the schema.type",
		`{"properties":{"a":{"items":[{"not":3}]}}}`: "the schema.properties.a.items[0].not is 3", `{"properties":[]}`: "the schema.properties is",
		`{"required":"a"}`: "the schema.required", `{"required":["a","a"]}`: "twice", `{"required":[1]}`: "the schema.required[0]",
		`{"minLength":-1}`: "the schema.minLength", `{"minLength":1.5}`: "the schema.minLength", `{"maxItems":true}`: "the schema.maxItems", `{"maxItems":Infinity}`: "the schema.maxItems",
		`{"multipleOf":0}`: "the schema.multipleOf", `{"minimum":"1"}`: "the schema.minimum", `{"exclusiveMinimum":true}`: "the schema.exclusiveMinimum",
		`{"allOf":[]}`: "the schema.allOf", `{"anyOf":{}}`: "the schema.anyOf", `{"enum":{}}`: "the schema.enum", `{"title":1}`: "the schema.title", `{"uniqueItems":0}`: "the schema.uniqueItems",
		`{"dependencies":{"a":[1]}}`: "the schema.dependencies.a[0]", `{"pattern":"["}`: "the schema.pattern", `{"patternProperties":{"(":{}}}`: "a key of the schema.patternProperties",
		`5`: "the schema is 5", `{"items":[]}`: "the schema.items", `{"description":null}`: "the schema.description",
	} {
		err := Check(schema(t, text))
		if err == nil || !strings.Contains(err.Error(), place) {
			t.Errorf("%s: got %v, want it to name %q", text, err, place)
		}
	}
}

// Regular expressions that Python's re.compile takes, and that it does not.
func TestPattern(t *testing.T) {
	good := strings.Fields(`a|b ^$ (a)\1 (?P<n>a)(?P=n) (?:a)* (?=a)+ (?<=ab|cd)e (?<!a{3})b (?>a)b++ a{2,3}? a{,3} a{ a{x} {} } ] []a] [^]] [a-] [-a] [\w-] [\b] \x41 \u00e9 \U0001F600 \012 \0 \/ \- (?i)a (?i:a)(?-i:b) (?i-m:x) (?#note)a (?(1)a|b)(c) (a)(?(1)b) (?P<é>x) \Z \N{DASH} (((a))) a|| é+ [\d\s] [\101] ((a)\2)`)
	for _, p := range append(good, "", "(?x) a # comment (\n b", "a b", "(?<=(a))b") {
		if err := checkPattern(p); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
	bad := strings.Fields(`( ) a) (a [ [a [z-a] [a-\d] [\w-z] * a** a*{2} ^* \b+ (?i)* a{3,2} a{99999999999} \ a\ \p{L} \z \x4 \u12 \U00110000 \N \N{ \1 (a\1) (?P<n>a)(?P<n>b) (?P=n) (?P<1>a) (?P<>a) (?Px) (?<n>a) (?<=a+)b (?<=(a)\1)b (?a a(?i) (?i (?iz) (?-i) (?i-i:a) (?au:b) (?L) (?-a:b) (?t:a) (?(0)a) (?(9)a) (?(x)a) (?(1)a|b|c)(d) (?# (? (?= [\8] \8 \400 [\477] [\A] (?P`)
	for _, p := range append(bad, strings.Repeat("(", 5000)) {
		if err := checkPattern(p); err == nil {
			t.Errorf("%.80q was taken", p)
		}
	}
}

// Anything may be said about a schema, but nothing may panic.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{`{"type":["object"],"pattern":"(?P<n>[a-z]+)(?(n)x|y){2,3}?(?<!ab)\\1"}`, `{"patternProperties":{"(?i-x:a)\\N{DASH}":{}}}`, `{"dependencies":{"a":["b"]}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if v, err := pyjson.Parse(text); err == nil {
			_ = Check(v)
		}
		_ = checkPattern(text)
	})
}
