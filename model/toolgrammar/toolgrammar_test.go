package toolgrammar

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sirocco/model/chat"
	"sirocco/model/outputparser"
	"sirocco/model/sample"
	"sirocco/model/tokenizer"
)

func openTokenizer(t testing.TB) *tokenizer.Tokenizer {
	t.Helper()
	tok, err := tokenizer.Open("../../assets/breeze/tekken.json")
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// tools have names that begin alike, nested and recursive schemas, enums,
// patterns and an empty one.
var tools = []chat.Tool{
	{Name: "get", Parameters: json.RawMessage(`{"type": "object", "properties": {"city": {"type": "string", "maxLength": 12}}, "required": ["city"], "additionalProperties": false}`)},
	{Name: "get_weather", Parameters: json.RawMessage(`{"type": "object", "properties": {"city": {"enum": ["Paris", "Zürich", "東京"]}, "days": {"type": "integer", "minimum": 1, "maximum": 14}, "unit": {"enum": ["c", "f"]}}, "required": ["city", "days"], "additionalProperties": false}`)},
	{Name: "set_colour", Parameters: json.RawMessage(`{"type": "object", "properties": {"hex": {"type": "string", "pattern": "^#[0-9a-f]{6}$"}, "alpha": {"type": ["number", "null"]}}, "required": ["hex"], "additionalProperties": false}`)},
	{Name: "tree", Parameters: json.RawMessage(`{"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": {"value": {"type": "boolean"}, "children": {"type": "array", "maxItems": 2, "items": {"$ref": "#/$defs/node"}}}, "required": ["value"], "additionalProperties": false}}}`)},
	{Name: "ping", Parameters: json.RawMessage(`{"type": "object", "properties": {}, "additionalProperties": false}`)},
}

// A model that says anything, with calls and their ends made likely, makes only
// calls that parse and are valid, under every tool_choice that allows calls;
// none gives no call although it is wanted.
func TestAdversarialModel(t *testing.T) {
	valid := validators(t, tools)
	forms := map[string]*tokenizer.Tokenizer{"v11": openTokenizer(t), "v7": olderTokenizer(t)}
	one := false
	for _, c := range []struct {
		name    string
		request chat.Request
		want    int
		check   func(calls []chat.ToolCall) string
	}{
		{"auto", chat.Request{}, 1000, nil},
		{"required", chat.Request{ToolChoice: "required"}, 1000, nil},
		{"one at most", chat.Request{ToolChoice: "required", ParallelToolCalls: &one}, 1000, func(calls []chat.ToolCall) string {
			if len(calls) != 1 {
				return fmt.Sprintf("%d calls where one is allowed", len(calls))
			}
			return ""
		}},
		{"function", chat.Request{ToolChoice: "function", ToolName: "get_weather"}, 1000, func(calls []chat.ToolCall) string {
			for _, call := range calls {
				if call.Name != "get_weather" {
					return "a call of " + call.Name
				}
			}
			return ""
		}},
		{"none", chat.Request{ToolChoice: "none"}, 0, nil},
	} {
		c.request.Tools = tools
		for form, tok := range forms {
			t.Run(c.name+" "+form, func(t *testing.T) {
				want := c.want
				if form == "v7" { // the same engine, once more
					want /= 8
				}
				provoke(t, tok, &c.request, want, func(made []chat.ToolCall) string {
					for _, call := range made {
						if fault := valid(call); fault != "" {
							return call.Name + call.Arguments + ": " + fault
						}
					}
					switch {
					case c.want == 0 && len(made) > 0:
						return fmt.Sprintf("tool_choice none gave %+v", made)
					case c.check != nil:
						return c.check(made)
					}
					return ""
				})
			})
		}
	}
}

// provoke lets a random model answer until it has made so many calls, and has each
// answer checked.
func provoke(t *testing.T, tok *tokenizer.Tokenizer, request *chat.Request, want int, check func([]chat.ToolCall) string) {
	t.Helper()
	compiler := NewCompiler(tok)
	calls, answers := 0, 0
	for seed := uint64(1); calls < want || answers < 20; seed++ {
		made := babble(t, tok, compiler, request, seed)
		answers++
		calls += len(made)
		if fault := check(made); fault != "" {
			t.Fatalf("seed %d: %s", seed, fault)
		}
	}
	t.Logf("%d calls in %d answers", calls, answers)
}

// babble lets random logits answer and returns the calls made. An answer that
// does not end in time is not counted: that is a stop for length.
func babble(t *testing.T, tok *tokenizer.Tokenizer, compiler *Compiler, request *chat.Request, seed uint64) []chat.ToolCall {
	t.Helper()
	g, _, err := compiler.For(request)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Release()
	sampler, err := sample.New(chat.Sampling{Temperature: 1, Seed: seed}, tok.VocabSize())
	if err != nil {
		t.Fatal(err)
	}
	parser := outputparser.New(tok, outputparser.Options{NoGuard: true, Seed: seed})
	random := rand.New(rand.NewPCG(seed, 1))
	mask := make([]uint32, (tok.VocabSize()+31)/32)
	var history []int32
	for len(history) < 3000 {
		var allowed []uint32
		if g.Mask(mask) {
			allowed = mask
		}
		id, err := sampler.Next(noise(tok, random), history, 0, allowed)
		if err == nil {
			err = g.Accept(id, tok.Bytes(id))
		}
		if err != nil {
			t.Fatalf("seed %d, token %d: %v", seed, len(history), err)
		}
		history = append(history, id)
		parser.Push(id)
		if parser.Done() {
			return parser.Calls()
		}
	}
	return nil
}

// noise are random logits that make calls and what closes JSON likely. Drawing
// them anew for every token would be most of the test's time: a long row of them
// is made once and read from a random place.
func noise(tok *tokenizer.Tokenizer, random *rand.Rand) []float32 {
	n := tok.VocabSize()
	if len(chaos) < 4*n {
		chaos = make([]float32, 4*n)
		for i := range chaos {
			chaos[i] = float32(random.NormFloat64())
		}
	}
	at := random.IntN(3 * n)
	logits := slices.Clone(chaos[at : at+n])
	for _, name := range []string{"[TOOL_CALLS]", "</s>", "[ARGS]"} {
		if id, ok := tok.Special(name); ok {
			logits[id] += 7
		}
	}
	for _, text := range []string{`"`, `}`, `]`, `":`, `,`} {
		if id, ok := tok.ID(text); ok {
			logits[id] += 6
		}
	}
	return logits
}

var chaos []float32

// validators checks calls against their schemas with an independent validator.
func validators(t *testing.T, tools []chat.Tool) func(chat.ToolCall) string {
	compiled := map[string]*jsonschema.Schema{}
	for _, tool := range tools {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(tool.Parameters))
		if err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		if err := c.AddResource(tool.Name+".json", doc); err != nil {
			t.Fatal(err)
		}
		if compiled[tool.Name], err = c.Compile(tool.Name + ".json"); err != nil {
			t.Fatal(err)
		}
	}
	return func(call chat.ToolCall) string {
		s := compiled[call.Name]
		if s == nil {
			return "no such tool"
		}
		arguments, err := jsonschema.UnmarshalJSON(strings.NewReader(call.Arguments))
		if err == nil {
			err = s.Validate(arguments)
		}
		if err != nil {
			return err.Error()
		}
		return ""
	}
}

// A well-formed conversation of calls passes token by token, at every cut of
// the names.
func TestWrittenCallsAreAllowed(t *testing.T) {
	tok := openTokenizer(t)
	for _, text := range []string{`{"city": "Paris", "days": 3}`, `{"days":14,"unit":"f","city":"\u6771京"}`, `{"days": 3, "city": "Paris"}`} {
		g, _, err := NewCompiler(tok).For(&chat.Request{Tools: tools})
		if err != nil {
			t.Fatal(err)
		}
		ids := tok.Encode("Let me look.")
		for range 2 {
			ids = append(append(ids, g.special.calls), tok.Encode("get_weather")...)
			ids = append(append(ids, g.special.arguments), tok.Encode(text)...)
		}
		follow(t, tok, g, append(ids, g.special.end), true)
	}
}

// What breaks a call is not allowed: an unknown name, a name cut short, a value
// outside the enum, the end inside the arguments, a second call where one is
// allowed.
func TestBrokenCallsAreForbidden(t *testing.T) {
	tok := openTokenizer(t)
	c := controls(tok)
	join := func(parts ...any) (ids []int32) {
		for _, part := range parts {
			switch part := part.(type) {
			case string:
				ids = append(ids, tok.Encode(part)...)
			case int32:
				ids = append(ids, part)
			}
		}
		return ids
	}
	one := false
	for name, ids := range map[string][]int32{
		"unknown name":       join(c.calls, "get_wealth"),
		"name cut short":     join(c.calls, "get_wea", c.arguments),
		"no arguments":       join(c.calls, "ping", c.end),
		"outside the enum":   join(c.calls, "get_weather", c.arguments, `{"city": "Oslo"`),
		"end inside":         join(c.calls, "get_weather", c.arguments, `{"city": "Paris"`, c.end),
		"a fraction of days": join(c.calls, "get_weather", c.arguments, `{"days": 3.0`),
		"missing property":   join(c.calls, "get_weather", c.arguments, `{"city": "Paris"}`),
		"second call":        join(c.calls, "ping", c.arguments, `{}`, c.calls),
	} {
		g, _, err := NewCompiler(tok).For(&chat.Request{Tools: tools, ParallelToolCalls: &one})
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { follow(t, tok, g, ids, false) })
	}
}

// follow feeds ids as far as the mask allows; all says whether it must be all
// of them.
func follow(t *testing.T, tok *tokenizer.Tokenizer, g *Grammar, ids []int32, all bool) {
	t.Helper()
	mask := make([]uint32, (tok.VocabSize()+31)/32)
	for i, id := range ids {
		if g.Mask(mask) && mask[id>>5]&(1<<(id&31)) == 0 {
			if all {
				t.Fatalf("token %d, %q, is forbidden", i, tok.Piece(id))
			}
			return
		}
		if err := g.Accept(id, tok.Bytes(id)); err != nil {
			t.Fatalf("token %d, %q: %v", i, tok.Piece(id), err)
		}
	}
	if !all {
		t.Error("all of it was allowed")
	}
}

// Wrong choices are the request's fault and say so.
func TestWrongChoices(t *testing.T) {
	compiler := NewCompiler(openTokenizer(t))
	for _, request := range []chat.Request{
		{ToolChoice: "sometimes", Tools: tools},
		{ToolChoice: "required"},
		{ToolChoice: "function", ToolName: "fly", Tools: tools},
		{Schema: json.RawMessage(`{"type": "text"}`)},
	} {
		if _, _, err := compiler.For(&request); err == nil {
			t.Errorf("tool_choice %q %q with %d tools was taken", request.ToolChoice, request.ToolName, len(request.Tools))
		}
	}
}

// An answer in JSON ends only where its schema does.
func TestContentSchema(t *testing.T) {
	tok := openTokenizer(t)
	request := &chat.Request{Schema: json.RawMessage(`{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": false}`)}
	c := controls(tok)
	for text, all := range map[string]bool{`{"n": 12}`: true, `{"n": "twelve"}`: false, `{}`: false, `n = 12`: false} {
		g, _, err := NewCompiler(tok).For(request)
		if err != nil {
			t.Fatal(err)
		}
		follow(t, tok, g, append(slices.Clone(tok.Encode(text)), c.end), all)
	}
}

// olderTokenizer is the miniature's in v7's clothes: no [ARGS].
func olderTokenizer(t testing.TB) *tokenizer.Tokenizer {
	t.Helper()
	data, err := os.ReadFile("../../assets/breeze/tekken.json")
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Replace(data, []byte(`"version":"v11"`), []byte(`"version":"v7"`), 1)
	data = bytes.Replace(data, []byte(`"[ARGS]"`), []byte(`"<SPECIAL_32>"`), 1)
	tok, err := tokenizer.Parse(data)
	if err != nil || tok.Version() != "v7" {
		t.Fatal(tok.Version(), err)
	}
	return tok
}

// In v7's form the calls are one JSON list after [TOOL_CALLS].
func TestListForm(t *testing.T) {
	tok := olderTokenizer(t)
	compiler := NewCompiler(tok)
	one := false
	for _, c := range []struct {
		list string
		one  bool
		all  bool
	}{
		{`[{"name": "ping", "arguments": {}}]`, true, true},
		{`[{"name": "tree", "arguments": {"value": true, "children": [{"value": false}]}, "id": "AbC123456"}, {"arguments": {}, "name": "ping"}]`, false, true},
		{`[{"name": "ping", "arguments": {}}, {"name": "ping", "arguments": {}}]`, true, false},
		{`[{"name": "get_weather", "arguments": {"city": "Paris", "days": 3.0}}]`, false, false},
		{`[{"name": "tree", "arguments": {"value": 1}}]`, false, false},
		{`[{"name": "pong", "arguments": {}}]`, false, false},
		{`[{"name": "ping"}]`, false, false},
		{`[]`, false, false},
	} {
		request := &chat.Request{Tools: tools, ToolChoice: "required"}
		if c.one {
			request.ParallelToolCalls = &one
		}
		g, notices, err := compiler.For(request)
		if err != nil || len(notices) > 0 {
			t.Fatalf("notices %q, error %v", notices, err)
		}
		ids := append([]int32{g.special.calls}, tok.Encode(c.list)...)
		follow(t, tok, g, append(ids, g.special.end), c.all)
		g.Release()
	}
	g, _, err := compiler.For(&chat.Request{Tools: tools, ToolChoice: "none"})
	if err != nil {
		t.Fatal(err)
	}
	follow(t, tok, g, []int32{g.special.calls}, false)
}
