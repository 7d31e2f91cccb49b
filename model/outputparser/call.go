package outputparser

import (
	"encoding/json"
	"strings"

	"sirocco/model/chat"
)

// What the model writes (docs/model.md, 7.1), by version of its template:
//
//	v11  [TOOL_CALLS] name ([CALL_ID] id)? [ARGS] arguments   once per call
//	v13  [TOOL_CALLS] name [ARGS] arguments                   once per call
//	v7   [TOOL_CALLS] [{"name": …, "arguments": …, "id": …}, …]
//
// All are read whatever the version: a list is told by its bracket, and a name
// that runs into a brace without [ARGS] is cut there.

// call is a tool call being read.
type call struct {
	name, id  []byte
	arguments []byte
	open      bool   // its id and name have been sent
	complete  bool   // its arguments are one whole JSON value
	raw       bool   // its arguments are not JSON; everything is passed on
	value     value  // where the arguments, or an element of a list, end
	list      []byte // of a list, the element being read, or what is no call
	inside    bool   // of a list's bracket
}

func (p *Parser) readName(s string) {
	c := &p.call
	c.name = append(c.name, s...)
	name := strings.TrimLeft(string(c.name), blank)
	switch at := strings.IndexAny(name, "{["); {
	case at == 0:
		p.state = inList
		p.readList(name)
	case at > 0 && name[at] == '{':
		c.name = []byte(name[:at])
		p.beginArguments()
		p.readArguments(name[at:])
	}
}

func (p *Parser) beginCallID() {
	if p.state == inName {
		p.state = inCallID
	}
}

// beginArguments makes the call known; its arguments follow in pieces.
func (p *Parser) beginArguments() {
	if p.state != inName && p.state != inCallID {
		return
	}
	p.state = inArguments
	p.openCall(strings.TrimSpace(string(p.call.name)), strings.TrimSpace(string(p.call.id)))
	p.send(chat.CallDelta{})
}

// openCall adds a call. An id that the template would not take back, or that
// another call has, is replaced.
func (p *Parser) openCall(name, id string) {
	for !goodCallID(id) || p.taken(id) {
		id = p.ids.next()
	}
	p.calls = append(p.calls, chat.ToolCall{ID: id, Name: name})
}

func (p *Parser) taken(id string) bool {
	for _, c := range p.calls {
		if c.ID == id {
			return true
		}
	}
	return false
}

// readArguments passes arguments on until their JSON value is whole. What follows
// it is dropped; if it turns out not to be JSON, everything is passed on.
func (p *Parser) readArguments(s string) {
	c := &p.call
	if c.complete {
		return
	}
	if len(c.arguments) == 0 {
		s = strings.TrimLeft(s, blank)
	}
	if s == "" {
		return
	}
	if !c.raw {
		if n, done := c.value.scan(s); done {
			c.complete = json.Valid(append(c.arguments, s[:n]...))
			c.raw = !c.complete
			if c.complete {
				s = s[:n]
			}
		}
	}
	c.arguments = append(c.arguments, s...)
	p.send(chat.CallDelta{Arguments: s, Complete: c.complete})
}

// send makes a piece of the last call known, its id and name with the first.
func (p *Parser) send(d chat.CallDelta) {
	d.Index = len(p.calls) - 1
	last := &p.calls[d.Index]
	if !p.call.open {
		p.call.open = true
		d.ID, d.Name = last.ID, last.Name
	}
	if len(p.spare) == 0 {
		p.spare = make([]chat.CallDelta, 32)
	}
	delta := &p.spare[0]
	p.spare = p.spare[1:]
	*delta = d
	p.events = append(p.events, chat.Event{Kind: chat.KindCall, Call: delta})
}

// closeCall ends the call being read. whole says that the model ended it, rather
// than a limit.
func (p *Parser) closeCall(whole bool) {
	switch p.state {
	case inName, inCallID:
		p.closeName(whole)
	case inArguments:
		p.closeArguments(whole)
	case inList:
		p.emit(strings.TrimSpace(string(p.call.list))) // what was no call is shown
	}
}

// closeName ends a call without arguments. What cannot be a name was no call, and
// is shown as text rather than lost. A name that a limit cut off may be the
// beginning of another tool's, so there is no call at all.
func (p *Parser) closeName(whole bool) {
	if !whole && p.state == inName {
		return
	}
	name := strings.TrimSpace(string(p.call.name))
	if !goodName(name) {
		p.emit(name)
		return
	}
	p.openCall(name, strings.TrimSpace(string(p.call.id)))
	p.closeArguments(whole)
}

// closeArguments ends a call. One that the model ended without arguments has the
// empty object; one that something else ended before its arguments were whole is
// marked, since half a call must never pass for a call.
func (p *Parser) closeArguments(whole bool) {
	c, made := &p.call, &p.calls[len(p.calls)-1]
	made.Incomplete = !whole && !c.complete
	if !c.complete && (whole || !c.open) {
		last := chat.CallDelta{Complete: whole} // also a number, whose end shows only now
		if whole && len(c.arguments) == 0 {
			last.Arguments = "{}"
			c.arguments = append(c.arguments, last.Arguments...)
		}
		p.send(last)
	}
	made.Arguments = string(c.arguments)
}
