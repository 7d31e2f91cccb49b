package cli

import (
	"bufio"
	"encoding/json"
	"strings"
	"testing"

	"sirocco/model/schema"
	"sirocco/model/tokenizer"
)

// schemaAnswer is any line that RunSchema writes.
type schemaAnswer struct {
	Compiled  bool
	Accepted  *bool
	CompileMS *float64  `json:"compile_ms"`
	MaskP50   *float64  `json:"mask_us_p50"`
	MaskMax   *float64  `json:"mask_us_max"`
	Masks     []float64 `json:"mask_us"`
	Samples   []string
	Error     string
}

func small(t *testing.T) *tokenizer.Tokenizer {
	t.Helper()
	tok, err := tokenizer.Open("../../assets/breeze/tekken.json")
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// askSchema runs the command over lines and reads its answers.
func askSchema(t *testing.T, each bool, lines ...string) []schemaAnswer {
	t.Helper()
	var out strings.Builder
	if err := RunSchema(small(t), each, strings.NewReader(strings.Join(lines, "\n")), &out); err != nil {
		t.Fatal(err)
	}
	var answers []schemaAnswer
	scanner := bufio.NewScanner(strings.NewReader(out.String()))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var a schemaAnswer
		if err := json.Unmarshal(scanner.Bytes(), &a); err != nil {
			t.Fatalf("%s: %v", scanner.Text(), err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(lines) {
		t.Fatalf("%d answers to %d lines: %s", len(answers), len(lines), out.String())
	}
	return answers
}

func TestSchemaVerdicts(t *testing.T) {
	const person = `{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a"],"additionalProperties":false}`
	cases := []struct {
		schema, text string
		accepted     bool
	}{
		{person, `{"a": 1}`, true},
		{person, `{"b":"x","a":1.0}`, true}, // any order, compact, 1.0 is an integer
		{person, `{"a": 1, "b": "\u00e9"}`, true},
		{person, `{"\u0061": 1}`, true},
		{person, `{"a": 1.5}`, false},
		{person, `{"b": "x"}`, false},
		{person, `{"a": 1, "c": 2}`, false},
		{person, `{"a": 1`, false}, // allowed so far, but not an end
		{person, ``, false},
		{`false`, `1`, false},
		{`{"minimum":5}`, `"other types pass"`, true},
	}
	var lines []string
	for _, c := range cases {
		line, err := json.Marshal(map[string]any{"schema": json.RawMessage(c.schema), "text": c.text})
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	for i, a := range askSchema(t, false, lines...) {
		c := cases[i]
		if !a.Compiled || a.Accepted == nil || *a.Accepted != c.accepted || a.CompileMS == nil || a.MaskP50 == nil || a.MaskMax == nil || a.Masks != nil {
			t.Errorf("%s on %s: %+v", c.schema, c.text, a)
		}
	}
}

func TestSchemaRefusals(t *testing.T) {
	for i, a := range askSchema(t, false,
		`{"schema":{"properties":{"x":{"pattern":"(a)\\1"}}},"text":"{}"}`,
		`{"schema":{"type":"colour"},"sample":1}`,
		`{"schema":{"$ref":"http://example.com/x"},"text":"{}"}`,
		`{"schema":{}}`,
		`{"schema":{},"text":"1","sample":1}`,
		`{"schema":{},"sample":-1}`,
		`no JSON`,
	) {
		want := []string{"pattern at /properties/x/pattern", "type at /type", "$ref at /$ref", `"text" or "sample"`, `"text" or "sample"`, "sample is -1", "JSON"}[i]
		if a.Compiled || !strings.Contains(a.Error, want) {
			t.Errorf("line %d: %+v lacks %q", i, a, want)
		}
	}
}

func TestSchemaSamples(t *testing.T) {
	const ask = `{"schema":{"type":"array","items":{"enum":["x","yé"]},"minItems":2,"maxItems":3},"sample":5,"seed":1}`
	answers := askSchema(t, false, ask, ask)
	if len(answers[0].Samples) != 5 {
		t.Fatalf("%+v", answers[0])
	}
	for i, s := range answers[0].Samples {
		var list []string
		if err := json.Unmarshal([]byte(s), &list); err != nil || len(list) < 2 || len(list) > 3 {
			t.Errorf("%s: %v", s, err)
		}
		if answers[1].Samples[i] != s {
			t.Errorf("the same seed drew %s and %s", s, answers[1].Samples[i])
		}
	}
}

func TestSchemaEachMask(t *testing.T) {
	a := askSchema(t, true, `{"schema":{},"text":"[1, 2]"}`)[0]
	if len(a.Masks) < 3 || *a.MaskMax < *a.MaskP50 {
		t.Errorf("%+v", a)
	}
}

// inverted is a matcher one bit of whose masks is wrong.
type inverted struct {
	*schema.Matcher
	id int32
}

func (m inverted) Mask(dst []uint32) {
	m.Matcher.Mask(dst)
	dst[m.id>>5] ^= 1 << (m.id & 31)
}

// The answer comes from the mask and from nothing else: one inverted bit changes it.
func TestSchemaFollowsTheMask(t *testing.T) {
	tok := small(t)
	s, err := schema.Compile(json.RawMessage(`{"type":"boolean"}`), schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	vocab := schema.NewVocabulary(tok, -1)
	mask := make([]uint32, vocab.Words())
	ids := tok.Encode("true")
	var times []float64
	service := &schemaService{mask: mask, now: wallTime}
	if !service.walk(s.Start(vocab), ids, &times) {
		t.Fatal("true was refused")
	}
	if service.walk(inverted{s.Start(vocab), ids[0]}, ids, &times) {
		t.Error("the answer did not come from the mask")
	}
}
