package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// fields is one JSON object of a configuration file. Its getters keep the first
// thing that is wrong in the shared *err, so that a parser reads as a list of
// fields and looks at the error once. Keys are matched exactly and null counts
// as absent, as in the Python that writes these files.
type fields struct {
	path string // "text_config." or "" at the top
	raw  map[string]json.RawMessage
	err  *error
}

func parse(data []byte) (fields, error) {
	f := fields{err: new(error)}
	if err := json.Unmarshal(data, &f.raw); err != nil {
		return f, fmt.Errorf("this is not a JSON object: %v", err)
	}
	return f, nil
}

func (f fields) fail(format string, args ...any) {
	if *f.err == nil {
		*f.err = fmt.Errorf(format, args...)
	}
}

func (f fields) has(key string) bool {
	value, ok := f.raw[key]
	return ok && !bytes.Equal(value, []byte("null"))
}

// read decodes one field into dst and reports whether it was there.
func (f fields) read(key string, dst any, wanted string) bool {
	if !f.has(key) {
		return false
	}
	if err := json.Unmarshal(f.raw[key], dst); err != nil {
		f.fail("%s%s is %s, not %s", f.path, key, short(f.raw[key]), wanted)
	}
	return true
}

func (f fields) intOr(key string, otherwise int) int {
	value := otherwise
	f.read(key, &value, "a whole number")
	return value
}

func (f fields) int(key string) int {
	if !f.has(key) {
		f.fail("%s%s is missing; this file does not describe the whole model", f.path, key)
	}
	return f.intOr(key, 0)
}

func (f fields) floatOr(key string, otherwise float64) float64 {
	value := otherwise
	f.read(key, &value, "a number")
	return value
}

func (f fields) textOr(key, otherwise string) string {
	value := otherwise
	f.read(key, &value, "a text")
	return clip(value)
}

func (f fields) flag(key string) bool {
	var value bool
	f.read(key, &value, "true or false")
	return value
}

// side reads a length that may be written as one number or as two equal ones.
func (f fields) side(key string) int {
	var pair []int
	if !f.has(key) || json.Unmarshal(f.raw[key], &pair) != nil {
		return f.int(key)
	}
	if len(pair) != 2 || pair[0] != pair[1] {
		f.fail("%s%s is %s; only squares are supported", f.path, key, short(f.raw[key]))
		return 0
	}
	return pair[0]
}

// object is the nested object under key; empty when there is none.
func (f fields) object(key string) fields {
	inner := fields{path: f.path + key + ".", err: f.err}
	f.read(key, &inner.raw, "an object")
	return inner
}

// refuse turns a field that asks for something the engine does not do into a
// sentence. Absent, null, false, 0, "", [] and {} all mean "not asked for".
func (f fields) refuse(key, why string) {
	if f.has(key) && !isEmpty(f.raw[key]) {
		f.fail("%s%s is %s: %s", f.path, key, short(f.raw[key]), why)
	}
}

func isEmpty(raw json.RawMessage) bool {
	switch string(raw) {
	case "false", "0", "0.0", `""`, "[]", "{}":
		return true
	}
	return false
}

func (f fields) activation(key, otherwise string) Activation {
	switch name := f.textOr(key, otherwise); name {
	case "silu", "swish":
		return SiLU
	case "gelu", "gelu_python":
		return GELU
	case "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_new", "gelu_fast", "gelu_accurate":
		return GELUTanh
	default:
		f.fail("%s%s is %q; the activations known here are silu, gelu and gelu_pytorch_tanh", f.path, key, name)
		return ""
	}
}

// short shows a value without letting a hostile file fill the screen.
func short(raw json.RawMessage) string {
	var flat bytes.Buffer
	if json.Compact(&flat, raw) != nil {
		return "unreadable"
	}
	return clip(flat.String())
}

// clip shortens a text that is about to be shown; no known value is as long.
func clip(text string) string {
	const limit = 60
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}

var errEmpty = errors.New("this file is empty")
