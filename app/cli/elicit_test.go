package cli

import (
	"bytes"
	"context"
	"reflect"
	"strings"
	"testing"

	"sirocco/app/tools"
)

// A server's question is put on the terminal, field by field, until each fits.
func TestQuestionsOfServers(t *testing.T) {
	fields := []tools.Field{{Name: "size", Kind: "string", Choices: []string{"s", "l"}, Required: true}, {Name: "age", Kind: "integer", Default: "3"}, {Name: "note", Kind: "string", Description: "any"}}
	for typed, want := range map[string]tools.ElicitationAnswer{
		"y\nm\nl\nold\n7\n\n": {Action: tools.Accepted, Entries: map[string]string{"size": "l", "age": "7", "note": ""}},
		"what\nyes\ns\n\nx\n": {Action: tools.Accepted, Entries: map[string]string{"size": "s", "age": "3", "note": "x"}},
		"n\n":                 {Action: tools.Declined},
		"c\n":                 {Action: tools.Cancelled},
		"":                    {Action: tools.Cancelled},
		"y\nl\n":              {Action: tools.Cancelled},
	} {
		var out bytes.Buffer
		q := &questions{lines: newTyped(strings.NewReader(typed)), out: &out}
		got, err := q.ask(context.Background(), tools.Elicitation{Server: "shop\x1b[2J", Message: "Which?", Fields: fields})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v", typed, got, err)
		}
		if !strings.Contains(out.String(), "Which?") || strings.Contains(out.String(), "\x1b[2J") {
			t.Errorf("it shows %q", &out)
		}
	}
	opened := ""
	q := &questions{lines: newTyped(strings.NewReader("y\n")), out: &bytes.Buffer{}, browser: func(address string) error { opened = address; return nil }}
	if got, err := q.ask(context.Background(), tools.Elicitation{URL: "https://a.example/pay"}); err != nil || got.Action != tools.Accepted || opened != "https://a.example/pay" {
		t.Errorf("a page: %+v, %v, %q", got, err, opened)
	}
}
