package inspect

import (
	"slices"
	"strings"
	"testing"
)

// A result in JSON becomes a tree in the order of its text; other results have none.
func TestTree(t *testing.T) {
	tree := NewTree(`{"unit": "millions", "cities": [{"name": "Paris", "people": 2.1}, null], "none": {}}`)
	if !slices.Equal(tree.Below[Root], []string{"$.unit", "$.cities", "$.none"}) || !slices.Equal(tree.Below["$.cities"], []string{"$.cities[0]", "$.cities[1]"}) {
		t.Errorf("the branches are %v", tree.Below)
	}
	for path, want := range map[string]string{Root: "$ {3}", "$.unit": `unit: "millions"`, "$.cities": "cities [2]", "$.cities[0].people": "people: 2.1", "$.cities[1]": "1: null", "$.none": "none {0}"} {
		if tree.Label[path] != want {
			t.Errorf("%s says %q, want %q", path, tree.Label[path], want)
		}
	}
	for _, text := range []string{"68.4 million", `"text"`, "12", "", "{"} {
		if NewTree(text) != nil {
			t.Errorf("%q has a tree", text)
		}
	}
	if large := NewTree("[" + strings.Repeat("1, ", 2*maxLines) + "1]"); len(large.Label) != maxLines {
		t.Errorf("a large list has %d lines", len(large.Label))
	}
}
