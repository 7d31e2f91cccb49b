package tools

import (
	"encoding/json"
	"testing"
)

// Any file of permits is read, or refused; none permits a tool that was not given.
func FuzzPermits(f *testing.F) {
	f.Add([]byte(`[{"source":"command f","tool":"f","fingerprint":"c0ffee","given":"2026-01-02T03:04:05Z"}]`))
	f.Add([]byte(`[{"source":"command f","tool":"f","salt":"x","parts":{"its program":"c0ffee"}}]`))
	f.Add([]byte(`[{"source":"command f","tool":"f","parts":{}},null,{}]`))
	f.Add([]byte(`{"source":1}`))
	f.Add([]byte("\x00["))
	tool := CommandSpec{Name: "f", Command: []string{"/bin/f", "SECRET"}, Dir: "/"}.tool()
	f.Fuzz(func(t *testing.T, data []byte) {
		given, err := parsePermits(data)
		if err != nil {
			return
		}
		if given.allows(&tool) {
			t.Errorf("%q permits a tool", data)
		}
		given.changes(&tool)
		given.add(&tool)
		if !given.allows(&tool) {
			t.Error("a permit that was given does not hold")
		}
		if out, err := json.Marshal(given); err != nil || len(out) == 0 {
			t.Errorf("the permits cannot be written: %v", err)
		}
	})
}
