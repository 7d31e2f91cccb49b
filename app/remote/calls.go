package remote

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"sirocco/model/chat"
	"sirocco/model/chattemplate"
)

// calls puts the tool calls of an answer together and repairs what servers
// break: ids the template does not take or that come twice, parallel calls
// under one index, names that come again with every piece, arguments that come
// as an object or a second time after they were whole.
type calls struct {
	list  []*call
	index map[int]*call // by the server's own count
	// unique makes ids for calls that come without one differ between turns.
	unique string
	send   func(chat.CallDelta) error
	tools  map[string]bool // that may be called; nil when they are not known
}

// known says that a name is a tool's, as far as the tools are known.
func (c *calls) known(name string) bool { return c.tools == nil || c.tools[name] }

type call struct {
	at       int
	id       string // as the template takes it
	theirs   string
	name     string
	args     []byte
	buffered []byte // arguments that came before the name
	opened   bool
	complete bool
	shape    shape // of the arguments so far
}

// callDelta is a piece of a call as servers send it.
type callDelta struct {
	Index    *count       `json:"index"`
	ID       word         `json:"id"`
	Function callFunction `json:"function"`
}

type callFunction struct {
	Name      word            `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
}

// delta takes a piece; beside says that it came together with a piece before it.
func (c *calls) delta(d *callDelta, beside bool) error {
	if c.index == nil {
		c.index = map[int]*call{}
	}
	index, id, name := 0, string(d.ID), string(d.Function.Name)
	if d.Index != nil {
		index = int(*d.Index)
	}
	current := c.index[index]
	if current == nil || name != "" && c.another(current, d, beside) {
		current = &call{theirs: id}
		c.add(current, id)
		c.index[index] = current
	}
	switch {
	case current.name == "":
		current.name = name
	case !current.opened && name != current.name && !c.known(current.name):
		current.name += name // a name in pieces
	}
	return c.arguments(current, text(d.Function.Arguments))
}

// another says that a piece with a name begins a call of its own, though the server
// counts it as part of the current one.
func (c *calls) another(current *call, d *callDelta, beside bool) bool {
	id, name := string(d.ID), string(d.Function.Name)
	switch {
	case id != "" && current.theirs != "":
		return id != current.theirs
	case id != "":
		return false // an id that came late
	case current.complete, beside && d.Index == nil:
		return true // counted by nobody
	}
	return c.tools != nil && name != current.name && c.tools[name] && c.tools[current.name]
}

// add gives a call its place and an id of nine letters and digits of its own.
func (c *calls) add(one *call, id string) {
	if id == "" {
		id = fmt.Sprintf("%s, call %d", c.unique, len(c.list))
	}
	for id = nine(id); c.taken(id); id = nine(id + " again") {
	}
	one.at, one.id = len(c.list), id
	c.list = append(c.list, one)
}

func (c *calls) taken(id string) bool {
	return slices.ContainsFunc(c.list, func(other *call) bool { return other.id == id })
}

// nine brings an id into the template's form, as everywhere in this program.
func nine(id string) string {
	r := chat.Request{Messages: []chat.Message{{ToolCallID: id}}}
	chattemplate.MapCallIDs(&r)
	return r.Messages[0].ToolCallID
}

// text is what arguments hold, be they JSON text, as OpenAI has them, or JSON.
func text(raw json.RawMessage) []byte {
	var s string
	if json.Unmarshal(raw, &s) == nil { // null is nothing as well
		return []byte(s)
	}
	return raw
}

// arguments adds to a call's arguments. Once they are one whole object, what
// follows is a repetition and dropped.
func (c *calls) arguments(one *call, piece []byte) error {
	if one.complete {
		return nil
	}
	if one.name == "" {
		one.buffered = append(one.buffered, piece...)
		return nil
	}
	piece = append(one.buffered, piece...)
	one.buffered = nil
	if len(piece) == 0 && !one.opened && !c.known(one.name) {
		return nil // the rest of the name may follow
	}
	if whole := one.shape.end(piece); whole >= 0 && json.Valid(append(slices.Clone(one.args), piece[:whole]...)) {
		piece, one.complete = piece[:whole], true
	}
	one.args = append(one.args, piece...)
	d := chat.CallDelta{Index: one.at, Arguments: string(piece), Complete: one.complete}
	if !one.opened {
		one.opened, d.ID, d.Name = true, one.id, one.name
	} else if len(piece) == 0 {
		return nil
	}
	return c.send(d)
}

// shape follows the braces of a JSON object that comes in pieces. Every byte is
// looked at once, whatever a server sends.
type shape struct {
	depth           int
	quoted, escaped bool
	closed          bool // what closed the object was seen, or too much was
}

// end is how much of piece it takes to close the object, or -1.
func (s *shape) end(piece []byte) int {
	for i, c := range piece {
		switch {
		case s.closed:
			return -1
		case s.escaped:
			s.escaped = false
		case s.quoted:
			s.escaped, s.quoted = c == '\\', c != '"'
		case c == '"':
			s.quoted = true
		case c == '{':
			s.depth++
		case c == '}':
			s.depth--
			if s.closed = s.depth <= 0; s.depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// finish closes what is open; whole says that the model itself ended.
func (c *calls) finish(whole bool) ([]chat.ToolCall, error) {
	made := []chat.ToolCall{}
	for _, one := range c.list {
		if one.name == "" {
			continue // never said what to call
		}
		if !one.complete && whole {
			d := chat.CallDelta{Index: one.at, Complete: true}
			if !one.opened {
				one.opened, d.ID, d.Name = true, one.id, one.name
			}
			if len(bytes.TrimSpace(one.args)) == 0 {
				one.args = []byte("{}")
				d.Arguments = "{}"
			}
			one.complete = true
			if err := c.send(d); err != nil {
				return nil, err
			}
		}
		made = append(made, chat.ToolCall{ID: one.id, Name: one.name, Arguments: string(one.args)})
	}
	return made, nil
}
