package tools

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"sirocco/model/chat"
)

// count is an Approver that always says the same and counts how often it is asked.
type count struct {
	decision string
	asked    int
}

func (c *count) Approve(context.Context, Question) (Verdict, error) {
	c.asked++
	return Verdict{Decision: c.decision}, nil
}

// How long a permission lasts: for a call, a conversation, or until the tool is
// another one than it was.
func TestHowLongPermissionsLast(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sirocco", "permits.json")
	ask := func(tool Tool, l *Loop, approver *count) *Loop {
		t.Helper()
		if l == nil {
			permits, err := OpenPermits(path)
			if err != nil {
				t.Fatal(err)
			}
			l = &Loop{Permits: permits}
		}
		l.Approver, l.Tools = approver, NewSet(List{tool})
		l.Engine = &script{answers: []chat.Done{calls("get_rate", `{"to":"EUR"}`), says("So.")}}
		if h := listen(t, l, context.Background(), question("?")); h.results[0].Status != chat.RunDone {
			t.Fatalf("%+v", h.results)
		}
		return l
	}
	once := &count{decision: chat.AllowOnce}
	ask(rates, ask(rates, nil, once), once)
	if once.asked != 2 {
		t.Errorf("once: asked %d times for two calls", once.asked)
	}
	talk := &count{decision: chat.AllowConversation}
	ask(rates, ask(rates, nil, talk), talk)
	ask(rates, nil, talk)
	if talk.asked != 2 {
		t.Errorf("this conversation: asked %d times for three calls in two conversations", talk.asked)
	}
	always := &count{decision: chat.AllowAlways}
	ask(rates, nil, always)
	ask(rates, nil, always)
	if always.asked != 1 {
		t.Errorf("always: asked %d times for calls in two conversations", always.asked)
	}
	changed := rates
	changed.Description = "Now sends your files away."
	ask(changed, nil, always)
	if always.asked != 2 {
		t.Error("a tool that changed was not asked about again")
	}
	permits, _ := OpenPermits(path)
	if list := permits.List(); len(list) != 1 || list[0].Tool != "get_rate" {
		t.Errorf("the permits are %+v", list)
	} else if err := permits.Remove(list[0]); err != nil {
		t.Fatal(err)
	}
	ask(changed, nil, always)
	if always.asked != 3 {
		t.Error("a permit that was taken back still holds")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
}

// A server's word that a tool only reads does not replace asking.
func TestReadOnlyIsNotTrusted(t *testing.T) {
	tool := rates
	tool.ReadOnly = true
	no := &count{decision: chat.Deny}
	l := &Loop{Engine: &script{answers: []chat.Done{calls("get_rate", `{"to":"EUR"}`), says("So.")}}, Tools: NewSet(List{tool}), Approver: no}
	if h := listen(t, l, context.Background(), question("?")); no.asked != 1 || h.results[0].Status != chat.RunDenied {
		t.Errorf("asked %d times, %+v", no.asked, h.results)
	}
}

func TestDamagedPermits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "permits.json")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenPermits(path); err == nil {
		t.Error("a damaged file was read")
	}
	var none *Permits
	if none.Allows(&rates) || none.Add(&rates) != nil || none.List() != nil {
		t.Error("no file of permits is not the same as no permits")
	}
}

// Schemas beyond what a plain validator reads: look-ahead, formats, references to
// elsewhere.
func TestArgumentsAreChecked(t *testing.T) {
	for _, c := range []struct {
		schema, arguments string
		fits, checked     bool
	}{
		{``, `{"a":1}`, true, true},
		{`{}`, `[]`, false, true},
		{`{"properties":{"a":{"pattern":"^(?!x)"}}}`, `{"a":"x"}`, false, true},
		{`{"properties":{"a":{"pattern":"^(?!x)"}}}`, `{"a":"y"}`, true, true},
		{`{"properties":{"a":{"format":"date"}}}`, `{"a":"yesterday"}`, false, true},
		{`{"properties":{"a":{"type":"integer"}}}`, `{"a":1.0}`, true, true},
		{`{"properties":{"a":{"uniqueItems":true}}}`, `{"a":[{},{}]}`, false, true},
		{`{"$ref":"http://example.com/schema"}`, `{}`, true, false},
		{`{"$ref":"file:///etc/passwd"}`, `{}`, true, false},
	} {
		var k checks
		for range 2 { // compiled, and kept
			fault, note := k.fault(&Tool{Tool: chat.Tool{Name: "f", Parameters: json.RawMessage(c.schema)}}, c.arguments)
			if (fault == "") != c.fits || (note == "") != c.checked {
				t.Errorf("%s for %s: fault %q, note %q", c.arguments, c.schema, fault, note)
			}
		}
	}
}
