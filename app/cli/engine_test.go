package cli

import (
	"reflect"
	"testing"

	"github.com/alecthomas/kong"
)

// What serve was told about the model reaches the child that opens it.
func TestChildIsToldTheFlags(t *testing.T) {
	want := ModelFlags{
		Model: "m", Tokenizer: "t", MMProj: "v", Device: "0,1", Ctx: 5, KV: "q8", Memory: 6 << 30, Quantize: "q4", Tune: "off", parallel: 3, parallelFirst: true,
	}
	for i := range reflect.TypeFor[ModelFlags]().NumField() {
		if reflect.ValueOf(want).Field(i).IsZero() {
			t.Fatalf("the test leaves out %s", reflect.TypeFor[ModelFlags]().Field(i).Name)
		}
	}
	var child Engine
	parser, err := kong.New(&child)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(want.arguments()); err != nil {
		t.Fatal(err)
	}
	child.parallel, child.parallelFirst = child.Parallel, child.ParallelFirst // as Run does
	if child.ModelFlags != want {
		t.Errorf("the child got %+v, want %+v", child.ModelFlags, want)
	}
}
