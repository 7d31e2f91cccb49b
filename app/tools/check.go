package tools

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	schemas "sirocco/app/jsonschema"
)

// checks validates arguments and keeps the compiled schemas.
type checks struct {
	mu     sync.Mutex
	cached map[string]*compiled
}

type compiled struct {
	schema *jsonschema.Schema
	err    error
}

// fault says what is wrong with the arguments of a call, "" when they are a JSON
// object that the tool's schema allows. note is for people: that the schema
// itself cannot be read, so that nothing more was checked.
func (c *checks) fault(t *Tool, arguments string) (fault, note string) {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(arguments))
	if err != nil {
		return fmt.Sprintf("the arguments are not JSON: %v", err), ""
	}
	if _, ok := value.(map[string]any); !ok {
		return "the arguments are not a JSON object", ""
	}
	schema, err := c.compile(t.Parameters)
	if err != nil {
		return "", fmt.Sprintf("the schema of the tool %s cannot be read, so its arguments were not checked: %v", t.Name, err)
	}
	if schema == nil {
		return "", ""
	}
	var wrong *jsonschema.ValidationError
	if err := schema.Validate(value); errors.As(err, &wrong) {
		return "the arguments do not fit the tool's schema: " + reason(wrong), ""
	}
	return "", ""
}

// reason is the validator's list of faults without its first line, which names
// the schema by its place in memory.
func reason(err *jsonschema.ValidationError) string {
	lines := strings.Split(err.Error(), "\n")
	if len(lines) > 1 {
		lines = lines[1:]
	}
	for i, line := range lines {
		lines[i] = strings.TrimLeft(line, " -")
	}
	return strings.Join(lines, "; ")
}

// compile returns the schema of parameters, nil for none.
func (c *checks) compile(parameters json.RawMessage) (*jsonschema.Schema, error) {
	if len(bytes.TrimSpace(parameters)) == 0 {
		return nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if done, ok := c.cached[string(parameters)]; ok {
		return done.schema, done.err
	}
	if c.cached == nil {
		c.cached = map[string]*compiled{}
	}
	schema, err := schemas.Compile(parameters)
	c.cached[string(parameters)] = &compiled{schema, err}
	return schema, err
}
