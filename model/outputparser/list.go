package outputparser

import (
	"encoding/json"
	"strings"

	"sirocco/model/chat"
)

// readList reads v7's JSON list of calls, or a lone object, one whole element at
// a time. From the first thing that is no call on, everything is kept to be shown
// as text.
func (p *Parser) readList(s string) {
	c := &p.call
	for s != "" && !c.complete && !c.raw {
		if c.value.kind == 0 {
			s = p.betweenElements(s)
			continue
		}
		n, done := c.value.scan(s)
		c.list = append(c.list, s[:n]...)
		s = s[n:]
		if done {
			p.closeElement()
		}
	}
	if c.raw {
		c.list = append(c.list, s...)
	}
}

// betweenElements takes brackets and commas off s and says what is left of it.
func (p *Parser) betweenElements(s string) string {
	c := &p.call
	s = strings.TrimLeft(s, blank+",")
	switch {
	case s == "":
	case s[0] == '[' && !c.inside:
		c.inside, c.list = true, append(c.list, '[')
		s = s[1:]
	case s[0] == ']' && c.inside:
		c.complete, c.list = true, nil
	case s[0] == '{':
		c.list, c.value.kind = c.list[:0], '{'
	default:
		c.raw = true
	}
	return s
}

// closeElement makes one element of a list known as a call.
func (p *Parser) closeElement() {
	c := &p.call
	var element struct {
		Name      string
		Arguments json.RawMessage
		ID        json.RawMessage
	}
	if err := json.Unmarshal(c.list, &element); err != nil || element.Name == "" {
		c.raw = true
		return
	}
	var id string
	_ = json.Unmarshal(element.ID, &id) // not a string: made anew
	p.openCall(element.Name, id)
	c.open = false
	arguments := argumentsOf(element.Arguments)
	p.calls[len(p.calls)-1].Arguments = arguments
	p.send(chat.CallDelta{Arguments: arguments, Complete: true})
	c.value, c.list, c.complete = value{}, nil, !c.inside
}

// argumentsOf is an element's arguments as JSON text, unpacked when the model
// wrote an object as a string.
func argumentsOf(raw json.RawMessage) string {
	var packed string
	if json.Unmarshal(raw, &packed) == nil && strings.HasPrefix(packed, "{") && json.Valid([]byte(packed)) {
		return packed
	}
	if len(raw) == 0 {
		return "{}"
	}
	return string(raw)
}
