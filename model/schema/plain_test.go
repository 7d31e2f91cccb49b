package schema

import (
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"

	"sirocco/model/schema/schematest"
)

// Under Plain nothing is lost: every valid instance of the official suite, its whole numbers written in digits alone, is accepted,
// and no invalid one.
func TestPlainLosesNothing(t *testing.T) {
	for draft, files := range schematest.Suite(t, "testdata/suite.json.gz") {
		for file, groups := range files {
			if apart(file) != "core" {
				continue
			}
			for _, g := range groups {
				s, err := Compile(in(draft, g.Schema), Options{Plain: true})
				if err != nil && !errors.Is(err, ErrEmpty) {
					continue
				}
				for _, c := range g.Tests {
					text := plainly(t, c.Data)
					if got := err == nil && accepts(s, text); got != c.Valid {
						t.Errorf("%s/%s: %s: %s: %s answered %v", draft, file, g.Description, c.Description, text, got)
					}
				}
			}
		}
	}
}

// plainly writes the whole numbers of a JSON text without fraction or exponent.
func plainly(t *testing.T, data json.RawMessage) string {
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		t.Fatal(err)
	}
	var walk func(v any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case json.Number:
			if x, ok := new(big.Rat).SetString(v.String()); ok && x.IsInt() {
				return json.Number(x.Num().String())
			}
		case []any:
			for i := range v {
				v[i] = walk(v[i])
			}
		case map[string]any:
			for k := range v {
				v[k] = walk(v[k])
			}
		}
		return v
	}
	out, err := json.Marshal(walk(v))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// A model has no way to write a whole number without end where it is bounded, and none to put it off with a fraction.
func TestPlainNumbers(t *testing.T) {
	for _, c := range []struct {
		schema, text string
		want         bool
	}{
		{`{"type":"integer"}`, "242", true}, {`{"type":"integer"}`, "-7", true}, {`{"type":"integer"}`, "242.0", false}, {`{"type":"integer"}`, "2e2", false},
		{`{"type":"integer","maximum":9}`, "10", false}, {`{"enum":[1,20]}`, "20", true}, {`{"enum":[1,20]}`, "2e1", false},
		{`{"enum":[1,1.5]}`, "1.5", true}, {`{"type":"number"}`, "1e3", true}, {`{"type":["integer","string"]}`, "1.0", false},
		{`{"type":"number","multipleOf":1}`, "3.0", false}, {`{"type":"number","multipleOf":0.5}`, "3.5", true},
	} {
		s, err := Compile(json.RawMessage(c.schema), Options{Plain: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := accepts(s, c.text); got != c.want {
			t.Errorf("%s under %s: %v", c.text, c.schema, got)
		}
	}
}
