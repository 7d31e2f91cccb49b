// Package toolgrammar says which tokens an answer may use next, so that tool calls
// cannot break: under tool_choice auto the model is free until it emits
// [TOOL_CALLS]; from there only the names of the tools given, then [ARGS], then
// that tool's schema, then another call or the end. In v7's form one JSON list of
// calls follows [TOOL_CALLS], and a schema says all of it. required and a named
// function force the first call, none forbids it. An answer that must be JSON
// uses the same engine. Open this file first; compiler.go makes a Grammar of a
// request, relax.go deals with schemas that cannot be enforced whole, list.go
// writes v7's schema, and package schema does the JSON.
package toolgrammar

import (
	"fmt"
	"strings"

	"sirocco/model/schema"
)

// Grammar follows one answer token by token. It is for one goroutine. A nil
// Grammar allows everything.
type Grammar struct {
	special specialTokens
	ids     interface {
		ID(bytes string) (int32, bool)
	}
	tools    []tool          // those that may be called
	content  *schema.Matcher // nil: free text
	forced   bool            // the answer must begin with a call
	list     *schema.Schema  // v7: all calls are one JSON list; nil otherwise
	parallel bool            // a second call may follow

	state state
	begun bool            // content has begun
	name  []byte          // of the call being named
	json  *schema.Matcher // of the call being argued
	start func(*schema.Schema) *schema.Matcher
	blank func() []uint32 // tokens that begin with white space
}

// tool is a function the model may call.
type tool struct {
	name   string
	schema *schema.Schema
}

// specialTokens are the ids of the wire form.
type specialTokens struct{ end, calls, arguments int32 }

type state int

const (
	inContent state = iota
	inName          // after [TOOL_CALLS]
	inArguments
	ended
)

// Mask sets the bits of the tokens that may come next, one per id, and reports
// whether it did: false means that every token may come, and dst is as it was.
func (g *Grammar) Mask(dst []uint32) bool {
	if g == nil || g.state == ended {
		return false
	}
	switch g.state {
	case inName:
		clear(dst)
		g.maskNames(dst)
	case inArguments:
		g.maskJSON(dst, g.json)
		if g.json.CanEnd() {
			allow(dst, g.special.end)
			if g.mayCall() {
				allow(dst, g.special.calls)
			}
		}
	default:
		return g.maskContent(dst)
	}
	return true
}

// maskContent is the mask before any call.
func (g *Grammar) maskContent(dst []uint32) bool {
	mayCall := len(g.tools) > 0 && !g.begun
	switch {
	case g.forced:
		clear(dst)
		allow(dst, g.special.calls)
	case g.content != nil:
		g.maskJSON(dst, g.content)
		if g.content.CanEnd() {
			allow(dst, g.special.end)
		}
		if mayCall {
			allow(dst, g.special.calls)
		}
	case len(g.tools) > 0 || g.special.calls < 0:
		return false
	default:
		for i := range dst {
			dst[i] = ^uint32(0)
		}
		dst[g.special.calls>>5] &^= 1 << (g.special.calls & 31)
	}
	return true
}

// maskJSON is the mask of a JSON text. It may not begin with white space: the
// model has no reason to, and one that does not want JSON would put it off so.
func (g *Grammar) maskJSON(dst []uint32, m *schema.Matcher) {
	m.Mask(dst)
	if len(m.Text()) == 0 {
		for i, blank := range g.blank() {
			dst[i] &^= blank
		}
	}
}

// maskNames allows every token that goes on with the name of a tool, however
// the name is cut into tokens, and [ARGS] where a name is complete.
func (g *Grammar) maskNames(dst []uint32) {
	for i := range g.tools {
		rest, ok := strings.CutPrefix(g.tools[i].name, string(g.name))
		if !ok {
			continue
		}
		if rest == "" {
			allow(dst, g.special.arguments)
		}
		for n := 1; n <= len(rest); n++ {
			if id, ok := g.ids.ID(rest[:n]); ok {
				allow(dst, id)
			}
		}
	}
}

// Accept moves on by one token, bytes being what it stands for. An error means
// that Mask did not allow it.
func (g *Grammar) Accept(id int32, bytes []byte) error {
	if g == nil {
		return nil
	}
	switch {
	case g.state == ended:
		return nil
	case g.state == inName:
		return g.acceptName(id, bytes)
	case id == g.special.end:
		g.state = ended
		return nil
	case id == g.special.calls && g.mayCall():
		g.release()
		g.beginCall()
		return nil
	case g.state == inArguments:
		return g.json.Accept(id)
	}
	g.begun = true
	if g.content != nil {
		return g.content.Accept(id)
	}
	return nil
}

// mayCall reports whether [TOOL_CALLS] opens a call here.
func (g *Grammar) mayCall() bool {
	if g.state == inArguments {
		return g.parallel && g.list == nil && g.json.CanEnd()
	}
	return len(g.tools) > 0
}

// beginCall is what [TOOL_CALLS] opens: a name, or in the older form a list.
func (g *Grammar) beginCall() {
	g.forced, g.state, g.name = false, inName, g.name[:0]
	if g.list != nil {
		g.json, g.state = g.start(g.list), inArguments
	}
}

func (g *Grammar) acceptName(id int32, bytes []byte) error {
	if id != g.special.arguments {
		g.name = append(g.name, bytes...)
		return nil
	}
	for i := range g.tools {
		if g.tools[i].name == string(g.name) {
			g.json, g.state = g.start(g.tools[i].schema), inArguments
			return nil
		}
	}
	return fmt.Errorf("a call names %q, which is none of the tools given", g.name)
}

// release gives the matcher of a finished call back.
func (g *Grammar) release() {
	if g.json != nil {
		g.json.Release()
		g.json = nil
	}
}

// Release gives back what the answer's matchers found out, for the next answer.
func (g *Grammar) Release() {
	if g == nil {
		return
	}
	g.release()
	if g.content != nil {
		g.content.Release()
		g.content = nil
	}
	g.state = ended
}

func allow(dst []uint32, id int32) {
	if id >= 0 {
		dst[id>>5] |= 1 << (id & 31)
	}
}
