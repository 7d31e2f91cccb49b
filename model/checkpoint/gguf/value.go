package gguf

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math"
)

// Kind is the type of a metadata value.
type Kind uint32

const (
	boolean Kind = 7
	text    Kind = 8
	array   Kind = 9
)

// kinds is what is known of each: its name, and the least number of bytes of a value.
var kinds = []struct {
	name string
	size uint64
}{
	{"uint8", 1}, {"int8", 1}, {"uint16", 2}, {"int16", 2}, {"uint32", 4}, {"int32", 4}, {"float32", 4},
	{"bool", 1}, {"string", 8}, {"array", 12}, {"uint64", 8}, {"int64", 8}, {"float64", 8},
}

// Value is one metadata value. The zero Value is nothing: no method finds anything in it.
type Value struct {
	kind Kind
	raw  []byte // checked while the header was read, so it can be walked without looking
}

// Int is a whole number of any width.
func (v Value) Int() (int64, bool) {
	if len(v.raw) == 0 {
		return 0, false
	}
	le := binary.LittleEndian
	switch kinds[v.kind].name {
	case "uint8":
		return int64(v.raw[0]), true
	case "int8":
		return int64(int8(v.raw[0])), true
	case "uint16":
		return int64(le.Uint16(v.raw)), true
	case "int16":
		return int64(int16(le.Uint16(v.raw))), true
	case "uint32":
		return int64(le.Uint32(v.raw)), true
	case "int32":
		return int64(int32(le.Uint32(v.raw))), true
	case "uint64":
		n := le.Uint64(v.raw)
		return int64(n), n <= math.MaxInt64
	case "int64":
		return int64(le.Uint64(v.raw)), true
	}
	return 0, false
}

// Float is a number with a fraction.
func (v Value) Float() (float64, bool) {
	switch {
	case len(v.raw) == 0:
	case kinds[v.kind].name == "float32":
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(v.raw))), true
	case kinds[v.kind].name == "float64":
		return math.Float64frombits(binary.LittleEndian.Uint64(v.raw)), true
	}
	return 0, false
}

// Bool is true or false.
func (v Value) Bool() (value, ok bool) {
	if v.kind != boolean || len(v.raw) == 0 {
		return false, false
	}
	return v.raw[0] == 1, true
}

// Text is a text, which need not be UTF-8.
func (v Value) Text() (string, bool) {
	if v.kind != text || len(v.raw) == 0 {
		return "", false
	}
	return string(v.raw[8:]), true
}

// Len is the number of elements of a list, 0 for anything else.
func (v Value) Len() int {
	if v.kind != array || len(v.raw) == 0 {
		return 0
	}
	return int(binary.LittleEndian.Uint64(v.raw[4:]))
}

// All are the elements of a list, none for anything else.
func (v Value) All() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if v.Len() == 0 {
			return
		}
		kind := Kind(binary.LittleEndian.Uint32(v.raw))
		for rest := v.raw[12:]; len(rest) > 0; {
			n := length(kind, rest)
			if !yield(Value{kind, rest[:n]}) {
				return
			}
			rest = rest[n:]
		}
	}
}

// Texts are the elements of a list of texts.
func (v Value) Texts() ([]string, bool) {
	if v.Len() == 0 || Kind(binary.LittleEndian.Uint32(v.raw)) != text {
		return nil, false
	}
	texts := make([]string, 0, v.Len())
	for e := range v.All() {
		texts = append(texts, string(e.raw[8:]))
	}
	return texts, true
}

// length is the number of bytes of a value at the start of raw.
func length(kind Kind, raw []byte) int {
	switch kind {
	case text:
		return 8 + int(binary.LittleEndian.Uint64(raw))
	case array:
		inner, n := Kind(binary.LittleEndian.Uint32(raw)), binary.LittleEndian.Uint64(raw[4:])
		total := 12
		for range n {
			total += length(inner, raw[total:])
		}
		return total
	}
	return int(kinds[kind].size)
}

// String shows a value to people.
func (v Value) String() string {
	if len(v.raw) == 0 {
		return "nothing"
	}
	if n, ok := v.Int(); ok {
		return fmt.Sprint(n)
	}
	if x, ok := v.Float(); ok {
		return fmt.Sprint(x)
	}
	if b, ok := v.Bool(); ok {
		return fmt.Sprint(b)
	}
	if t, ok := v.Text(); ok {
		return fmt.Sprintf("%q", clip(t))
	}
	if v.kind == array {
		return fmt.Sprintf("a list of %d", v.Len())
	}
	return "a number out of range"
}
