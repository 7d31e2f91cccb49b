package pyjson

import (
	"fmt"
	"strconv"
)

// The limits of Python 3.11: deeper nesting ends in its RecursionError, longer
// integers in a ValueError. Neither is a syntax error there, nor here.
const (
	MaxDepth  = 900
	MaxDigits = 4300
)

// SyntaxError says that a text is not JSON, and where it stops being so.
type SyntaxError struct {
	Offset int // in bytes
	What   string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not JSON: %s at byte %d", e.What, e.Offset)
}

// LimitError says that a text may be JSON but is too deep or holds an integer
// too long to be read.
type LimitError struct{ What string }

func (e *LimitError) Error() string { return e.What }

// Parse reads one JSON value with white space around it. The error is a
// *SyntaxError or a *LimitError. The value shares memory with text.
func Parse(text string) (Value, error) {
	p := parser{text: text}
	p.space()
	v, err := p.value(0)
	if err != nil {
		return Value{}, err
	}
	p.space()
	if p.at != len(text) {
		return Value{}, p.wrong("something follows the value")
	}
	return v, nil
}

type parser struct {
	text string
	at   int
}

func (p *parser) wrong(what string) error { return &SyntaxError{p.at, what} }

// peek is the next byte, or 0 at the end.
func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// literal takes word if it comes next.
func (p *parser) literal(word string) bool {
	if len(p.text)-p.at < len(word) || p.text[p.at:p.at+len(word)] != word {
		return false
	}
	p.at += len(word)
	return true
}

func (p *parser) value(depth int) (Value, error) {
	switch c := p.peek(); {
	case c == '"':
		s, err := p.str()
		return Value{Kind: String, Text: s}, err
	case c == '{':
		return p.object(depth + 1)
	case c == '[':
		return p.array(depth + 1)
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, w := range literals {
		if p.literal(w.Text) {
			return w, nil
		}
	}
	if p.literal("null") {
		return Value{}, nil
	}
	return Value{}, p.wrong("a value was expected")
}

// literals are the words that stand for a value and are written as they are read.
var literals = []Value{
	{Kind: Bool, Text: "true"},
	{Kind: Bool, Text: "false"},
	{Kind: Float, Text: "NaN"},
	{Kind: Float, Text: "Infinity"},
}

func (p *parser) number() (Value, error) {
	start := p.at
	if p.literal("-Infinity") {
		return Value{Kind: Float, Text: "-Infinity"}, nil
	}
	p.literal("-")
	first := p.at
	if p.digits() == 0 || p.text[first] == '0' && p.at > first+1 {
		return Value{}, &SyntaxError{start, "a number was expected"}
	}
	length, whole := p.at-first, true
	if p.literal(".") {
		whole = false
		if p.digits() == 0 {
			return Value{}, p.wrong("digits were expected after the point")
		}
	}
	if p.literal("e") || p.literal("E") {
		whole = false
		if !p.literal("+") {
			p.literal("-")
		}
		if p.digits() == 0 {
			return Value{}, p.wrong("digits were expected in the exponent")
		}
	}
	if !whole {
		f, _ := strconv.ParseFloat(p.text[start:p.at], 64) // out of range is infinite or zero, as in Python
		return Value{Kind: Float, Text: formatFloat(f)}, nil
	}
	return integer(p.text[start:p.at], length)
}

// digits takes a run of decimal digits and says how many there were.
func (p *parser) digits() int {
	start := p.at
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.at++
	}
	return p.at - start
}

func integer(literal string, length int) (Value, error) {
	if length > MaxDigits {
		return Value{}, &LimitError{fmt.Sprintf("an integer has %d digits, at most %d can be read", length, MaxDigits)}
	}
	if literal == "-0" {
		literal = "0"
	}
	return Value{Kind: Int, Text: literal}, nil
}

func tooDeep() error {
	return &LimitError{fmt.Sprintf("the JSON is nested more than %d deep", MaxDepth)}
}

func (p *parser) array(depth int) (Value, error) {
	if depth > MaxDepth {
		return Value{}, tooDeep()
	}
	v := Value{Kind: Array}
	p.at++
	p.space()
	if p.literal("]") {
		return v, nil
	}
	for {
		item, err := p.value(depth)
		if err != nil {
			return Value{}, err
		}
		v.Items = append(v.Items, item)
		p.space()
		if p.literal("]") {
			return v, nil
		}
		if !p.literal(",") {
			return Value{}, p.wrong("a comma or ] was expected")
		}
		p.space()
	}
}

func (p *parser) object(depth int) (Value, error) {
	if depth > MaxDepth {
		return Value{}, tooDeep()
	}
	o := objectBuilder{}
	p.at++
	p.space()
	if p.literal("}") {
		return Value{Kind: Object}, nil
	}
	for {
		if p.peek() != '"' {
			return Value{}, p.wrong("a key in double quotes was expected")
		}
		key, err := p.str()
		if err != nil {
			return Value{}, err
		}
		p.space()
		if !p.literal(":") {
			return Value{}, p.wrong("a colon was expected")
		}
		p.space()
		item, err := p.value(depth)
		if err != nil {
			return Value{}, err
		}
		o.set(key, item)
		p.space()
		if p.literal("}") {
			return Value{Kind: Object, Members: o.members}, nil
		}
		if !p.literal(",") {
			return Value{}, p.wrong("a comma or } was expected")
		}
		p.space()
	}
}

// objectBuilder collects members as a Python dict does: a key given again keeps
// its place and takes the new value.
type objectBuilder struct {
	members []Member
	index   map[string]int // made once a linear search would be slow
}

const linearSearch = 16

func (o *objectBuilder) set(key string, v Value) {
	if i, ok := o.find(key); ok {
		o.members[i].Value = v
		return
	}
	o.members = append(o.members, Member{key, v})
	switch n := len(o.members); {
	case n == linearSearch:
		o.index = make(map[string]int, 2*n)
		for i, m := range o.members {
			o.index[m.Key] = i
		}
	case n > linearSearch:
		o.index[key] = n - 1
	}
}

func (o *objectBuilder) find(key string) (int, bool) {
	if o.index != nil {
		i, ok := o.index[key]
		return i, ok
	}
	for i := range o.members {
		if o.members[i].Key == key {
			return i, true
		}
	}
	return 0, false
}
