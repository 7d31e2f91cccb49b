package history

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"sirocco/model/chat"
)

// earlier is a copy of the history that version 0.1.0 wrote: a pinned conversation
// with a preset, a turn with every kind of event, and a turn that a crash cut off.
func earlier(t *testing.T) *Store {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "v0.1.0"))); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	if s.Notice() != "" {
		t.Errorf("opening it says %q", s.Notice())
	}
	return s
}

// A conversation of an earlier version is listed and shown as it was.
func TestEarlierConversation(t *testing.T) {
	s := earlier(t)
	list := must(s.Conversations())(t)
	if len(list) != 1 || list[0].Title != "Rates" || !list[0].Pinned {
		t.Fatalf("the list is %+v", list)
	}
	system := "Be brief."
	sampling := earlierSampling
	want := Preset{Name: "Careful", Model: "breeze", System: &system, Sampling: &sampling, FixedSeed: true, MaxTokens: 64, Tools: []string{"get_rate"}, ToolChoice: "auto"}
	if !reflect.DeepEqual(list[0].Preset, want) {
		t.Errorf("its preset is %+v", list[0].Preset)
	}
	if got := words(must(s.Messages(list[0].ID))(t)); !reflect.DeepEqual(got, []string{"What is a krona worth?", "Too lit"}) {
		t.Errorf("the branch of the turn that was cut off is %q", got)
	}
	first := must(s.Branch(1))(t)
	if len(first) != 1 || first[0].Parts[0].Image == nil || len(first[0].Parts[0].Image.Data) != 862 {
		t.Errorf("the first question came back as %+v", first)
	}
	if hits := must(s.Search("euro is"))(t); len(hits) != 1 {
		t.Errorf("the search finds %+v", hits)
	}
}

var earlierSampling = chat.Sampling{Temperature: 0.5, TopK: 40, TopP: 0.9, MinP: 0.05, RepeatPenalty: 1.1, PresencePenalty: 0.2,
	FrequencyPenalty: 0.3, LogitBias: map[int32]float64{1065: -1}, Seed: 7}

// The request of a turn of an earlier version comes back field by field.
func TestEarlierRequest(t *testing.T) {
	yes := true
	got := must(earlier(t).Turn(1))(t).Request
	if len(got.Messages) != 2 || got.Messages[1].Parts[0].Image == nil || len(got.Messages[1].Parts[0].Image.Data) != 862 {
		t.Errorf("its messages are %+v", got.Messages)
	}
	got.Messages = nil
	want := &chat.Request{
		Tools: []chat.Tool{{Name: "get_rate", Description: "The rate.", Strict: &yes,
			Parameters: []byte(`{"type": "object", "properties": {"to": {"type": "string"}}}`)}},
		ToolChoice: "function", ToolName: "get_rate", ParallelToolCalls: &yes, Sampling: earlierSampling,
		MaxTokens: 64, Stop: []string{"END"}, Logprobs: 2, NoGuard: true,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("came back as %+v", got)
	}
}

// So do its events, of every kind there is.
func TestEarlierEvents(t *testing.T) {
	turn := must(earlier(t).Turn(1))(t)
	if !turn.Ended || len(turn.Events) != 21 {
		t.Fatalf("%d events, ended %v", len(turn.Events), turn.Ended)
	}
	kinds := map[chat.Kind]chat.Event{}
	for _, e := range turn.Events {
		kinds[e.Kind] = e.Event
	}
	if len(kinds) != 14 {
		t.Errorf("there are %d kinds", len(kinds))
	}
	run := chat.RunOf{ID: "a1B2c3D4e", Name: "get_rate"}
	approval := chat.Approval{RunOf: run, Arguments: `{"to": "EUR"}`, Source: "command rates", ReadOnly: true, Decision: chat.AllowOnce, By: "person", Edited: true}
	if got := kinds[chat.KindApproval].Approval; *got != approval {
		t.Errorf("the approval came back as %+v", got)
	}
	result := kinds[chat.KindResult].Result
	if result.RunOf != run || result.Status != chat.RunDone || result.Text != "0.86" || result.Seconds != 0.75 || len(result.Pictures) != 1 || len(result.Pictures[0].Data) != 862 {
		t.Errorf("the result came back as %+v", result)
	}
	done := kinds[chat.KindDone].Done
	if done.Usage != (chat.Usage{PromptTokens: 9, CompletionTokens: 2, ImageTokens: 4, CachedTokens: 1}) || done.About.Model.Pictures == nil || done.Timings.PrefillPerSec != 64 {
		t.Errorf("the end came back as %+v", done)
	}
	token := kinds[chat.KindToken].Token
	if token.ID != 2 || len(token.Top) != 2 || token.Forbidden != 7 || token.Wanted == nil {
		t.Errorf("the last token came back as %+v", token)
	}
}
