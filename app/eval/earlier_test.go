package eval

import (
	"os"
	"path/filepath"
	"testing"
)

// A run that version 0.1.0 began is taken up: what it answered is not asked again.
func TestEarlierResults(t *testing.T) {
	folder := filepath.Join("testdata", "v0.1.0")
	data, err := os.ReadFile(filepath.Join(folder, "results.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "results.jsonl")
	if err := os.WriteFile(out, data, 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := Load(filepath.Join(folder, "questions.jsonl"), "")
	if err != nil {
		t.Fatal(err)
	}
	engine := &fake{answer: echo}
	results, err := Run(t.Context(), list, Options{Engine: engine, Out: out})
	if err != nil {
		t.Fatal(err)
	}
	if engine.asked.Load() != 0 || len(results) != 1 {
		t.Fatalf("%d questions were asked again; %d results", engine.asked.Load(), len(results))
	}
	want := Result{ID: "greeting", Group: "words", Hash: "cf938395ac65e238", Answer: "Hello! Show me a", Seen: "Hello! Show me a",
		Score: 1, Judged: true, Finish: "length", Prompt: 7, Tokens: 8, Seconds: 1.985674111}
	if got := *results[0]; got.key() != want.key() || got.Answer != want.Answer || got.Seen != want.Seen || got.Score != 1 || !got.Judged || got.Finish != want.Finish || got.Prompt != 7 || got.Tokens != 8 || got.Seconds != want.Seconds {
		t.Errorf("the result was read as %+v", got)
	}
}
