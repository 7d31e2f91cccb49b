package desk

import (
	"testing"

	"sirocco/app/history"
	"sirocco/app/inspect"
	"sirocco/model/chat"
)

// BenchmarkOpen reads a turn of 30,000 prompt tokens and 200 calls from the
// history and lays its prompt out by origin: what stands between a click and a
// picture.
func BenchmarkOpen(b *testing.B) {
	store, err := history.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	conversation, err := store.New(history.Preset{})
	if err != nil {
		b.Fatal(err)
	}
	turn, err := store.Record(conversation, 0, &chat.Request{})
	if err != nil {
		b.Fatal(err)
	}
	prompt := &chat.Prompt{IDs: make([]int32, 30_000), Spans: []chat.Span{{Kind: "user", End: 30_000}}}
	for i := range prompt.IDs {
		prompt.IDs[i] = int32(i * 7919 % 131072)
	}
	events := []chat.Event{{Kind: chat.KindPrompt, Prompt: prompt}}
	for n := range 200 {
		run := chat.RunOf{Index: n, ID: "a1B2c3D4e", Name: "get_current_population"}
		events = append(events, chat.Event{Kind: chat.KindCall, Call: &chat.CallDelta{Index: n, ID: run.ID, Name: run.Name, Arguments: `{"country": "France"}`, Complete: true}},
			chat.Event{Kind: chat.KindRun, Run: &chat.Run{RunOf: run}}, chat.Event{Kind: chat.KindResult, Result: &chat.Result{RunOf: run, Status: chat.RunDone, Text: "68"}})
	}
	for _, e := range events {
		if err := turn.Add(e); err != nil {
			b.Fatal(err)
		}
	}
	if err := turn.Close(); err != nil {
		b.Fatal(err)
	}
	d := &Desk{Store: store}
	for b.Loop() {
		v, err := d.Open(turn.ID())
		if err != nil || len(v.Calls()) != 200 {
			b.Fatal(len(v.Calls()), err)
		}
		inspect.PromptTokens(v.Rounds[0].Prompt, 0, v.Before)
	}
}
