package grammar

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"sirocco/model/chat"
	"sirocco/model/schema"
	"sirocco/model/tekken"
)

// mostKept bounds the compiled schemas that are kept.
const mostKept = 256

// Compiler makes the grammar of each request and keeps compiled schemas, since
// the turns of a conversation bring the same tools again. It is safe for
// concurrent use; the vocabulary is prepared when it is first needed.
type Compiler struct {
	tok        *tekken.Tokenizer
	vocabulary func() *schema.Vocabulary
	blank      func() []uint32

	mu   sync.Mutex
	kept map[string]*schema.Schema
}

// NewCompiler returns a compiler for a tokenizer's answers.
func NewCompiler(tok *tekken.Tokenizer) *Compiler {
	return &Compiler{
		tok:        tok,
		vocabulary: sync.OnceValue(func() *schema.Vocabulary { return schema.NewVocabulary(tok, -1) }),
		blank:      sync.OnceValue(func() []uint32 { return blanks(tok) }),
		kept:       map[string]*schema.Schema{},
	}
}

// For is the grammar of a request's answer, and notices a person should read
// about what could not be enforced. Errors are *chat.RequestError.
func (c *Compiler) For(request *chat.Request) (*Grammar, []string, error) {
	g := &Grammar{ids: c.tok, blank: c.blank, control: controls(c.tok), parallel: request.ParallelToolCalls == nil || *request.ParallelToolCalls}
	if err := g.choose(request); err != nil {
		return nil, nil, err
	}
	g.start = func(t *tool) *schema.Matcher { return t.schema.Start(c.vocabulary()) }
	notices, err := c.addTools(g, request)
	if err != nil {
		return nil, nil, err
	}
	if len(request.Schema) > 0 {
		content, err := c.compile(request.Schema, schema.Options{})
		if err != nil {
			return nil, nil, &chat.RequestError{Param: "response_format", Message: fmt.Sprintf("the schema of response_format cannot be enforced exactly: %v", err)}
		}
		g.content = content.Start(c.vocabulary())
	}
	return g, notices, nil
}

// controls finds the ids of the wire form; -1 where the tokenizer has none.
func controls(tok *tekken.Tokenizer) control {
	find := func(name string) int32 {
		if id, ok := tok.Special(name); ok {
			return id
		}
		return -1
	}
	return control{end: find("</s>"), calls: find("[TOOL_CALLS]"), arguments: find("[ARGS]")}
}

// blanks are the tokens that begin with white space, one bit per id.
func blanks(tok *tekken.Tokenizer) []uint32 {
	mask := make([]uint32, (tok.VocabSize()+31)/32)
	for id := range int32(tok.VocabSize()) {
		if b := tok.Bytes(id); len(b) > 0 && strings.IndexByte(" \t\r\n", b[0]) >= 0 {
			allow(mask, id)
		}
	}
	return mask
}

// choose reads tool_choice.
func (g *Grammar) choose(request *chat.Request) error {
	wrong := func(format string, args ...any) error {
		return &chat.RequestError{Param: "tool_choice", Message: fmt.Sprintf(format, args...)}
	}
	switch request.ToolChoice {
	case "", "auto", "none":
		return nil
	case "required", "any", "function":
	default:
		return wrong("tool_choice is auto, none, required or a function, not %q", request.ToolChoice)
	}
	if len(request.Tools) == 0 {
		return wrong("tool_choice %s needs tools, and none were given", request.ToolChoice)
	}
	if g.control.arguments < 0 {
		return wrong("tool_choice %s cannot be enforced for this model: its vocabulary writes calls in an older form", request.ToolChoice)
	}
	g.forced = true
	return nil
}

// addTools compiles the tools that may be called.
func (c *Compiler) addTools(g *Grammar, request *chat.Request) (notices []string, err error) {
	if request.ToolChoice == "none" || len(request.Tools) == 0 {
		return nil, nil
	}
	if g.older = g.control.arguments < 0; g.older {
		return []string{"this model writes tool calls in an older form; their arguments are not enforced"}, nil
	}
	for _, t := range request.Tools {
		if request.ToolChoice == "function" && t.Name != request.ToolName {
			continue
		}
		compiled, notice, err := c.arguments(t)
		if err != nil {
			return nil, err
		}
		if notice != "" {
			notices = append(notices, notice)
		}
		g.tools = append(g.tools, tool{name: t.Name, schema: compiled})
	}
	if request.ToolChoice == "function" && len(g.tools) == 0 {
		return nil, &chat.RequestError{Param: "tool_choice", Message: fmt.Sprintf("tool_choice names the function %q, which is not among the tools", request.ToolName)}
	}
	return notices, nil
}

// anyObject is the schema of arguments that nothing more is known about.
var anyObject = json.RawMessage(`{}`)

// arguments compiles the schema of a tool's arguments. What cannot be enforced
// exactly is an error for a strict tool; for others any JSON object is let
// through, and a notice says why.
func (c *Compiler) arguments(t chat.Tool) (*schema.Schema, string, error) {
	raw := t.Parameters
	if len(raw) == 0 || t.Strict != nil && !*t.Strict {
		raw = anyObject
	}
	compiled, err := c.compile(raw, schema.Options{Object: true})
	if err == nil {
		return compiled, "", nil
	}
	var unsupported *schema.Unsupported
	if !errors.As(err, &unsupported) || t.Strict != nil && *t.Strict {
		return nil, "", &chat.RequestError{Param: "tools", Message: fmt.Sprintf("the parameters of the tool %s cannot be enforced exactly: %v", t.Name, err)}
	}
	compiled, err = c.compile(anyObject, schema.Options{Object: true})
	return compiled, fmt.Sprintf("the parameters of the tool %s are not enforced, only that they are a JSON object: %v", t.Name, unsupported), err
}

// compile returns a schema compiled now or earlier.
func (c *Compiler) compile(raw json.RawMessage, o schema.Options) (*schema.Schema, error) {
	key := fmt.Sprint(o.Object, string(raw))
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.kept[key]; s != nil {
		return s, nil
	}
	s, err := schema.Compile(raw, o)
	if err != nil {
		return nil, err
	}
	if len(c.kept) >= mostKept {
		clear(c.kept)
	}
	c.kept[key] = s
	return s, nil
}
