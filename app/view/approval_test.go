package view

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"sirocco/app/tools"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// Whatever changed in a tool that was allowed is said in the person's language.
func TestChangesAreTranslated(t *testing.T) {
	permits, err := tools.OpenPermits(filepath.Join(t.TempDir(), "permits.json"))
	if err != nil {
		t.Fatal(err)
	}
	tool := func(text string, bounds ...string) *tools.Tool {
		made := &tools.Tool{Tool: chat.Tool{Name: "f", Description: text, Parameters: json.RawMessage(`"` + text + `"`)}, Title: text, ReadOnly: text == "new", Source: "x"}
		for _, what := range bounds {
			made.Bounds = append(made.Bounds, tools.Bound{What: what, Value: text})
		}
		return made
	}
	set, err := (&tools.Config{Builtin: &[]string{}, Commands: []tools.CommandSpec{{Name: "f", Command: []string{"/bin/f"}}}}).Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"its address"}
	for _, b := range set.Tools()[0].Bounds {
		names = append(names, b.What)
	}
	if err := permits.Add(tool("old", names...)); err != nil {
		t.Fatal(err)
	}
	changes := permits.Changes(tool("new", names...))
	if len(changes) != 9 {
		t.Errorf("%d things changed: %q", len(changes), changes)
	}
	defer i18n.Use("en")
	for _, what := range append(changes, tools.Looser) {
		i18n.Use("en")
		english := changed([]string{what})
		i18n.Use("de")
		if german := changed([]string{what}); german == english || strings.Contains(german, what) {
			t.Errorf("%s is told as %q", what, german)
		}
	}
	if changed(nil) != "" {
		t.Errorf("no change is told as %q", changed(nil))
	}
}
