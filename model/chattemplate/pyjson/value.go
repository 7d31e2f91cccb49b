// Package pyjson reads and writes JSON exactly as Python's json module does
// (json.loads, then json.dumps with ensure_ascii=False), because the reference
// tokenizer passes tool definitions and arguments through it and the model was
// trained on its output: ", " and ": " between things, keys in their order, the
// last of two equal keys at the place of the first, integers with all their
// digits, floats as Python prints them, NaN and Infinity allowed, nothing but
// control characters escaped. Go's encoding/json does none of this. Open
// value.go first, then parse.go and write.go.
package pyjson

// Kind says what a Value is.
type Kind uint8

// The kinds of JSON value. Python keeps integers and floats apart, so do we.
const (
	Null Kind = iota
	Bool
	Int
	Float
	String
	Array
	Object
)

// Value is one JSON value. Only the fields of its Kind are set.
type Value struct {
	Kind Kind
	// Text is the content of a String, or the literal of a Bool, Int or Float as
	// Python writes it. A lone surrogate stands in a string as the three bytes
	// UTF-8 would give it, so that such a string is not valid UTF-8 (see Clean).
	Text    string
	Items   []Value  // Array
	Members []Member // Object, in order, keys unique
}

// Member is one key of an object and its value.
type Member struct {
	Key   string
	Value Value
}

// Get returns the member of an object with that key.
func (v Value) Get(key string) (Value, bool) {
	for i := range v.Members {
		if v.Members[i].Key == key {
			return v.Members[i].Value, true
		}
	}
	return Value{}, false
}

// Text makes a string value.
func Text(s string) Value { return Value{Kind: String, Text: s} }

// True reports whether the value is the literal true.
func (v Value) True() bool { return v.Kind == Bool && v.Text == "true" }

// String names a kind as a sentence for a person would.
func (k Kind) String() string {
	switch k {
	case Null:
		return "null"
	case Bool:
		return "a boolean"
	case Int:
		return "an integer"
	case Float:
		return "a number"
	case String:
		return "a string"
	case Array:
		return "a list"
	default:
		return "an object"
	}
}
