// Package jsonschema is the one validator of the app: a JSON Schema in, a compiled one
// out, for the tool loop, the inspector's forms and replayed cases alike. Patterns are
// JavaScript's, look-around included; formats are asserted; nothing is read from files
// or the network.
package jsonschema

import (
	"bytes"
	"fmt"
	"time"

	"github.com/dlclark/regexp2"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Compile reads a schema. It is nil for no schema at all.
func Compile(schema []byte) (*jsonschema.Schema, error) {
	if len(bytes.TrimSpace(schema)) == 0 {
		return nil, nil
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(noLoader{})
	compiler.UseRegexpEngine(ecma)
	compiler.AssertFormat()
	if err := compiler.AddResource("tool:parameters", value); err != nil {
		return nil, err
	}
	return compiler.Compile("tool:parameters")
}

// noLoader keeps a schema from reading files or the network.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("it refers to %s, and other documents are not read", url)
}

// ecma reads patterns as JavaScript does, look-around included.
func ecma(pattern string) (jsonschema.Regexp, error) {
	re, err := regexp2.Compile(pattern, regexp2.ECMAScript)
	if err != nil {
		return nil, err
	}
	re.MatchTimeout = time.Second
	return expression{re}, nil
}

type expression struct{ *regexp2.Regexp }

// MatchString reports a match; a search without end is none.
func (e expression) MatchString(s string) bool {
	ok, err := e.Regexp.MatchString(s)
	return ok && err == nil
}
