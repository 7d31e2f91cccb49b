package controller

import (
	"testing"

	"sirocco/app/history"
	"sirocco/app/inspect"
	"sirocco/app/inspect/controller/desktest"
)

// BenchmarkOpen reads a turn of 30,000 prompt tokens, 10 pictures and 200 calls from
// the history and lays its prompt out by origin: what stands between a click and a
// picture.
func BenchmarkOpen(b *testing.B) {
	store, err := history.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	_, turn, err := desktest.Large(store)
	if err != nil {
		b.Fatal(err)
	}
	d := &Controller{Store: store}
	for b.Loop() {
		v, err := d.Open(turn)
		if err != nil || len(v.Calls()) != 200 {
			b.Fatal(len(v.Calls()), err)
		}
		inspect.PromptTokens(v.Rounds[0].Prompt, 0, v.Before)
	}
}
