package inspect

import (
	"fmt"

	"sirocco/model/chattemplate/pyjson"
)

// Tree is a JSON text as branches and leaves, each known by its path: $ is the whole,
// $.cities[0] the first of its cities.
type Tree struct {
	Below map[string][]string // paths under a branch, in the order of the text
	Label map[string]string   // what a line says: the key, and a leaf's value
}

// Root is the path of the whole.
const Root = "$"

// maxLines is how many lines a tree has at most; a result may be megabytes.
const maxLines = 5000

// NewTree is the tree of a text, nil where that is no JSON object or list.
func NewTree(text string) *Tree {
	value, err := pyjson.Parse(text)
	if err != nil || value.Kind != pyjson.Object && value.Kind != pyjson.Array {
		return nil
	}
	t := &Tree{map[string][]string{}, map[string]string{}}
	t.add(Root, Root, value)
	return t
}

// add puts a value at its path and goes through what is in it.
func (t *Tree) add(path, name string, v pyjson.Value) {
	switch v.Kind {
	case pyjson.Object:
		t.Label[path], t.Below[path] = fmt.Sprintf("%s {%d}", name, len(v.Members)), []string{}
		for _, m := range v.Members {
			t.child(path, path+"."+m.Key, m.Key, m.Value)
		}
	case pyjson.Array:
		t.Label[path], t.Below[path] = fmt.Sprintf("%s [%d]", name, len(v.Items)), []string{}
		for i, item := range v.Items {
			t.child(path, fmt.Sprintf("%s[%d]", path, i), fmt.Sprint(i), item)
		}
	default:
		t.Label[path] = name + ": " + Brief(v.String())
	}
}

// child adds a value under a branch, while there is room and its path is its own.
func (t *Tree) child(branch, path, name string, v pyjson.Value) {
	if _, taken := t.Label[path]; taken || len(t.Label) >= maxLines {
		return
	}
	t.Below[branch] = append(t.Below[branch], path)
	t.add(path, name, v)
}
