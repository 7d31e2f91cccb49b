package toolgrammar

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"sirocco/model/chat"
	"sirocco/model/schema"
	"sirocco/model/tokenizer"
)

// maxCached bounds the compiled schemas that are kept.
const maxCached = 256

// Compiler makes the grammar of each request and keeps compiled schemas, since
// the turns of a conversation bring the same tools again. It is safe for
// concurrent use; the vocabulary is prepared when it is first needed.
type Compiler struct {
	tok        *tokenizer.Tokenizer
	older      bool // calls are v7's JSON list
	vocabulary func() *schema.Vocabulary
	blank      func() []uint32

	mu    sync.Mutex
	cache map[string]*enforced
}

// enforced is a compiled schema, and what a person should know about it: which
// keywords it leaves to a check of the finished text. A schema of nothing is nil.
type enforced struct {
	schema    *schema.Schema
	raw       json.RawMessage // what was compiled
	notice    string
	anyObject bool // nothing of the schema is left
}

// NewCompiler returns a compiler for a tokenizer's answers.
func NewCompiler(tok *tokenizer.Tokenizer) *Compiler {
	return &Compiler{
		tok:        tok,
		older:      tok.Version() == "v7" || controls(tok).arguments < 0,
		vocabulary: sync.OnceValue(func() *schema.Vocabulary { return schema.NewVocabulary(tok, -1) }),
		blank:      sync.OnceValue(func() []uint32 { return blanks(tok) }),
		cache:      map[string]*enforced{},
	}
}

// For is the grammar of a request's answer, and notices a person should read
// about what could not be enforced. Errors are *chat.RequestError.
func (c *Compiler) For(request *chat.Request) (*Grammar, []string, error) {
	g := &Grammar{ids: c.tok, blank: c.blank, special: controls(c.tok), parallel: request.ParallelToolCalls == nil || *request.ParallelToolCalls}
	if err := g.pick(request); err != nil {
		return nil, nil, err
	}
	g.start = func(s *schema.Schema) *schema.Matcher { return s.Start(c.vocabulary()) }
	notices, err := c.addTools(g, request)
	if err != nil {
		return nil, nil, err
	}
	if len(request.Schema) > 0 {
		content, err := c.content(request.Schema)
		if err != nil {
			return nil, nil, &chat.RequestError{Param: "response_format", Message: fmt.Sprintf("the schema of response_format cannot be enforced exactly: %v", err)}
		}
		g.content = content.Start(c.vocabulary())
	}
	return g, notices, nil
}

// controls finds the ids of the wire form; -1 where the tokenizer has none.
func controls(tok *tokenizer.Tokenizer) specialTokens {
	find := func(name string) int32 {
		if id, ok := tok.Special(name); ok {
			return id
		}
		return -1
	}
	return specialTokens{end: find("</s>"), calls: find("[TOOL_CALLS]"), arguments: find("[ARGS]")}
}

// blanks are the tokens that begin with white space, one bit per id.
func blanks(tok *tokenizer.Tokenizer) []uint32 {
	mask := make([]uint32, (tok.VocabSize()+31)/32)
	for id := range int32(tok.VocabSize()) {
		if b := tok.Bytes(id); len(b) > 0 && strings.IndexByte(" \t\r\n", b[0]) >= 0 {
			allow(mask, id)
		}
	}
	return mask
}

// pick reads tool_choice.
func (g *Grammar) pick(request *chat.Request) error {
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
	g.forced = true
	return nil
}

// addTools compiles the tools that may be called.
func (c *Compiler) addTools(g *Grammar, request *chat.Request) (notices []string, err error) {
	if request.ToolChoice == "none" || len(request.Tools) == 0 {
		return nil, nil
	}
	var parameters []json.RawMessage // of each tool in g, as enforced
	for _, t := range request.Tools {
		if request.ToolChoice == "function" && t.Name != request.ToolName {
			continue
		}
		e, err := c.arguments(t)
		if err != nil {
			return nil, err
		}
		if e.notice != "" {
			notices = append(notices, "the tool "+t.Name+" "+e.notice)
		}
		if e.schema != nil {
			g.tools = append(g.tools, tool{name: t.Name, schema: e.schema})
			parameters = append(parameters, e.raw)
		}
	}
	if g.forced && len(g.tools) == 0 {
		return nil, &chat.RequestError{Param: "tool_choice", Message: c.nothingToForce(request, notices)}
	}
	if c.older && len(g.tools) > 0 {
		notice, err := c.addList(g, parameters)
		if notice != "" {
			notices = append(notices, notice)
		}
		return notices, err
	}
	return notices, nil
}

// nothingToForce says why no call can be forced.
func (c *Compiler) nothingToForce(request *chat.Request, notices []string) string {
	if len(notices) > 0 {
		return "no tool can be called: " + strings.Join(notices, "; ")
	}
	return fmt.Sprintf("tool_choice names the function %q, which is not among the tools", request.ToolName)
}

// arguments compiles the schema of a tool's arguments. What cannot be enforced
// exactly is an error for a strict tool; for others the part that can be is
// enforced, and the notice names the rest, which is checked when a call is whole.
func (c *Compiler) arguments(t chat.Tool) (*enforced, error) {
	raw := t.Parameters
	if len(raw) == 0 {
		raw = anyObject
	}
	strict := t.Strict != nil && *t.Strict
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.cache["arguments "+string(raw)]
	if e == nil {
		e = enforce(raw)
		c.store("arguments "+string(raw), e)
	}
	if strict && e.notice != "" {
		return nil, &chat.RequestError{Param: "tools", Message: fmt.Sprintf("the parameters of the strict tool %s cannot be enforced exactly: it %s", t.Name, e.notice)}
	}
	return e, nil
}

// content compiles the schema of an answer.
func (c *Compiler) content(raw json.RawMessage) (*schema.Schema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.cache["content "+string(raw)]; e != nil {
		return e.schema, nil
	}
	s, err := schema.Compile(raw, schema.Options{Plain: true})
	if err == nil {
		c.store("content "+string(raw), &enforced{schema: s})
	}
	return s, err
}

// store remembers what was compiled. The lock is held.
func (c *Compiler) store(key string, e *enforced) {
	if len(c.cache) >= maxCached {
		clear(c.cache)
	}
	c.cache[key] = e
}
