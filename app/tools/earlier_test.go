package tools

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"sirocco/model/chat"
)

// Permits of version 0.1.0 are read, listed and can be taken back. What they were
// bound to is less than what a permit is bound to today, so the tools are asked
// about again rather than run.
func TestEarlierPermits(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "v0.1.0", "permits.json"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "permits.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	permits, err := OpenPermits(path)
	if err != nil {
		t.Fatal(err)
	}
	list := permits.List()
	if len(list) != 3 || list[2].Source != "command rates --json" || list[2].Tool != "get_rate" || list[2].Fingerprint != "c09d95e950fc80e66db9a797" || list[2].Given.IsZero() {
		t.Fatalf("the permits are %+v", list)
	}
	tool := Tool{Tool: chat.Tool{Name: "get_rate", Description: "The rate.", Parameters: json.RawMessage(`{"type":"object"}`)}, Source: "command rates --json"}
	if permits.Allows(&tool) {
		t.Error("a permit that binds too little lets a tool run unasked")
	}
	if err := permits.Add(&tool); err != nil {
		t.Fatal(err)
	}
	if again, err := OpenPermits(path); err != nil || len(again.List()) != 3 || !again.Allows(&tool) {
		t.Errorf("after a new permit: %v, %+v", err, again.List())
	}
	for _, permit := range permits.List() {
		if err := permits.Remove(permit); err != nil {
			t.Fatal(err)
		}
	}
	if list := permits.List(); len(list) != 0 {
		t.Errorf("%+v could not be taken back", list)
	}
}
