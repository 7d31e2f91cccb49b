package inspect

import "testing"

const flight = `{"type": "object", "required": ["from", "seats"], "properties": {
	"from": {"type": "string"}, "seats": {"type": "integer", "minimum": 1}, "class": {"enum": ["economy", "first"]},
	"window": {"type": "boolean"}, "tags": {"type": "array", "items": {"type": "string"}},
	"meal": {"type": "object", "properties": {"kind": {"type": "string"}, "price": {"type": "number", "maximum": 100}}}}}`

func field(t *testing.T, f *Form, name string) *Field {
	t.Helper()
	for _, field := range f.Fields {
		if field.Name == name {
			return field
		}
	}
	t.Fatalf("there is no field %s", name)
	return nil
}

func TestFormOfACall(t *testing.T) {
	f := NewForm([]byte(flight), `{"from": "Oslo", "seats": 0, "meal": {"price": 120.5}, "extra": [1]}`)
	for _, want := range []Field{
		{Name: "from", Type: FieldText, Required: true, Given: true, Value: "Oslo"},
		{Name: "seats", Type: FieldInteger, Required: true, Given: true, Value: "0", Error: "minimum: got 0, want 1"},
		{Name: "class", Type: FieldChoice},
		{Name: "window", Type: FieldBoolean},
		{Name: "tags", Type: FieldJSON},
		{Name: "meal.kind", Type: FieldText},
		{Name: "meal.price", Type: FieldNumber, Given: true, Value: "120.5", Error: "maximum: got 120.5, want 100"},
		{Name: "extra", Type: FieldJSON, Given: true, Value: "[1]"},
	} {
		got := *field(t, f, want.Name)
		got.path, got.Choices = nil, nil
		if got.Name != want.Name || got.Type != want.Type || got.Required != want.Required || got.Given != want.Given || got.Value != want.Value || got.Error != want.Error {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestFormEdited(t *testing.T) {
	f := NewForm([]byte(flight), `{"from": "Oslo", "seats": 1}`)
	f.Set("seats", "2")
	f.Set("class", `"first"`)
	f.Set("window", "true")
	f.Set("meal.price", "9.5")
	f.Set("tags", `["a", "b"]`)
	want := `{"from": "Oslo", "seats": 2, "class": "first", "window": true, "tags": ["a", "b"], "meal": {"price": 9.5}}`
	if got, err := f.Arguments(); got != want || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
	f.Set("seats", "two")
	f.Set("tags", `[`)
	if _, err := f.Arguments(); err == nil || field(t, f, "seats").Error == "" || field(t, f, "tags").Error == "" {
		t.Errorf("typing nonsense gave %v", err)
	}
	f.Set("tags", "")
	f.Set("seats", "1")
	f.Set("class", `"third"`)
	f.Check([]byte(flight))
	if field(t, f, "class").Error == "" || field(t, f, "tags").Given {
		t.Error("a choice that is none was taken, or an emptied field was kept")
	}
}

// A value of another type than the schema's stays visible as JSON.
func TestFormOfWrongArguments(t *testing.T) {
	f := NewForm([]byte(flight), `{"seats": "two"}`)
	if d := field(t, f, "seats"); d.Type != FieldJSON || d.Value != `"two"` || d.Error == "" {
		t.Errorf("a text as number is shown as %+v", d)
	}
	if f.Error == "" {
		t.Error("a missing argument was not named")
	}
	if f := NewForm([]byte(flight), `{"from": `); f.Error == "" || len(f.Fields) != 7 {
		t.Errorf("broken arguments gave %+v", f)
	}
	NewForm([]byte(`{"properties": 3}`), `{}`)
	NewForm([]byte(`{"$ref": "file:///etc/passwd"}`), `{}`)
}

// Whatever the schema and the arguments, a form is made and gives JSON back.
func FuzzForm(f *testing.F) {
	f.Add(flight, `{"from": "x"}`)
	f.Add(`{"properties": {"a": {"properties": {"b": {}}}}}`, `{"a": 3}`)
	f.Fuzz(func(t *testing.T, schema, arguments string) {
		form := NewForm([]byte(schema), arguments)
		if _, err := form.Arguments(); err == nil && form.Error == "" {
			for _, d := range form.Fields {
				form.Set(d.Name, "3")
			}
			form.Arguments()
		}
	})
}

// The inspector reads schemas as the tool loop does: patterns are JavaScript's.
func TestPatternsOfJavaScript(t *testing.T) {
	schema := []byte(`{"properties": {"a": {"type": "string", "pattern": "^(?=.*x).+$"}}}`)
	if found, err := Validate(schema, `{"a": "axb"}`); err != nil || len(found) != 0 {
		t.Errorf("%v, %v", found, err)
	}
	if found, err := Validate(schema, `{"a": "abc"}`); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
}
