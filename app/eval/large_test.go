package eval

import (
	"strings"
	"testing"
)

// spaces never end: white space is JSON for as long as one reads on.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// A list that does not end is given up, with what to do instead.
func TestEndlessList(t *testing.T) {
	if _, err := jsonRows(spaces{}, 1<<20); err == nil || !strings.Contains(err.Error(), "more than 1 MB") || !strings.Contains(err.Error(), ".jsonl") {
		t.Errorf("got %v", err)
	}
	if rows, err := jsonRows(strings.NewReader(`[{"pid": "1"}]`), 14); err != nil || len(rows) != 1 {
		t.Errorf("a list of just the size allowed gives %d rows, %v", len(rows), err)
	}
}
