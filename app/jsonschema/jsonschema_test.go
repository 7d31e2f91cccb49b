package jsonschema

import (
	"strings"
	"testing"
)

func TestCompile(t *testing.T) {
	schema, err := Compile([]byte(`{"properties": {"a": {"type": "string", "pattern": "^(?=.*x).+$"}, "d": {"type": "string", "format": "date"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for value, fits := range map[string]bool{"axb": true, "abc": false} {
		if err := schema.Validate(map[string]any{"a": value}); (err == nil) != fits {
			t.Errorf("%s: %v", value, err)
		}
	}
	if schema.Validate(map[string]any{"d": "tomorrow"}) == nil {
		t.Error("tomorrow is a date")
	}
	if schema, err := Compile([]byte("  ")); schema != nil || err != nil {
		t.Errorf("no schema: %v, %v", schema, err)
	}
	for text, says := range map[string]string{`{`: "not JSON", `{"$ref": "https://example.org/s.json"}`: "other documents are not read", `{"type": 3}`: ""} {
		if _, err := Compile([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
