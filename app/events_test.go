package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"sirocco/app/goldentest"
)

// The shape of every event that ask --json prints: of an answer about a picture with
// candidates, and of one whose calls are run.
func TestEventsAreAsCommitted(t *testing.T) {
	out, _ := run(t, exitDone, "", "ask", "--json", "--temperature", "0", "--logprobs", "2", "--max-tokens", "4", "--image", shapes, "What is in the picture?")
	called, _ := run(t, exitDone, "", "ask", "--json", "--temperature", "0", "--builtin", "--tool-choice", "clock", "--max-tokens", "48", "What time is it?")
	found := map[string]map[string]bool{}
	for line := range strings.Lines(out + called) {
		var head struct{ Event string }
		if err := json.Unmarshal([]byte(line), &head); err != nil {
			t.Fatal(err)
		}
		if head.Event == "notice" {
			continue // what there is to notice differs from adapter to adapter
		}
		if found[head.Event] == nil {
			found[head.Event] = map[string]bool{}
		}
		for place := range strings.Lines(goldentest.Shape(t, []byte(line))) {
			found[head.Event][place] = true
		}
	}
	var all strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(found)) {
		fmt.Fprintf(&all, "%s\n", kind)
		for _, place := range slices.Sorted(maps.Keys(found[kind])) {
			fmt.Fprintf(&all, "  %s", place)
		}
	}
	goldentest.Same(t, "testdata/events.txt", all.String())
}
