// Package schema turns a JSON Schema into a mask over the tokenizer's vocabulary: at every step, which tokens keep the text so far
// the beginning of some JSON text that the schema accepts. It validates nothing; a text that follows the masks is valid by
// construction, and a schema that cannot be followed exactly is refused with the keyword and its place.
//
// Open this file first. Compile goes resolve.go (references) → subschema.go, containers.go (keywords) → compile.go, intersect.go,
// complement.go (and, or, not are worked out into alternatives per type, shapes.go) → link.go (what the matcher walks). A Matcher
// (matcher.go) holds the set of ways to read the text so far (frame.go, step.go); mask.go walks the vocabulary's trie with it.
package schema

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Options says what is compiled.
type Options struct {
	// Object demands a JSON object whatever the schema says: the arguments of a tool call.
	Object bool
	// Plain lets whole numbers, where nothing else is allowed, be written in digits alone: a model then has no 2.420e1 to lose itself in,
	// and every value can still be said.
	Plain bool
}

// Unsupported is the refusal of a schema: which keyword cannot be enforced, where, and why.
type Unsupported struct {
	Keyword string // as written in the schema; empty when the place as a whole is meant
	Pointer string // JSON pointer into the schema, "" for its root
	Reason  string
}

func (u *Unsupported) Error() string {
	at := u.Pointer
	if at == "" {
		at = "the root"
	}
	if u.Keyword == "" {
		return fmt.Sprintf("the schema at %s %s", at, u.Reason)
	}
	return fmt.Sprintf("%s at %s %s", u.Keyword, at, u.Reason)
}

func unsupported(keyword, pointer, reason string) error {
	return &Unsupported{keyword, pointer, reason}
}

func errDepends(keyword string) error {
	return fmt.Errorf("stands beside %s: what is evaluated there depends on the value", keyword)
}

// ErrEmpty is the answer of Compile to a schema that has no value at all: it is understood, and nothing can be generated.
var ErrEmpty = errors.New("the schema has no value at all, so nothing can be generated")

// Schema is a compiled schema; it may be used by many matchers, each on its own goroutine, once none is compiling.
type Schema struct {
	root *value
	pool pool
}

// Compile reads a JSON Schema (draft 2020-12, or the older draft that $schema names). The error is an *Unsupported when the
// schema is understood and cannot be enforced exactly, and ErrEmpty when no value satisfies it.
func Compile(raw json.RawMessage, options Options) (*Schema, error) {
	v, err := decode(raw)
	if err != nil {
		return nil, err
	}
	doc, err := newDocument(v)
	if err != nil {
		return nil, err
	}
	c := newCompiler(doc)
	c.plain = options.Plain
	root := c.of(yes(c.at(doc.bases[""])))
	if options.Object {
		only := c.add(&subschema{own: shapes{objs: everything().objs}}, location{})
		root = c.both(root, c.of(yes(only)))
	}
	linked, err := c.link(root)
	if err != nil {
		return nil, err
	}
	return &Schema{root: linked}, nil
}
