package app

import (
	"context"
	"io"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"sirocco/app/engine"
	"sirocco/app/history"
	"sirocco/app/library"
	"sirocco/app/remote"
	"sirocco/app/view"
	wire "sirocco/model/chat"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
)

// From the window through a server to the engine and back: a conversation with a
// picture and a second question has, in the history, the very tokens that the same
// engine gives the window in a process of its own.
func TestWindowThroughServerIsTheEngine(t *testing.T) {
	address := serving(t)
	alone := windowTokens(t, func(ctx context.Context, progress func(wire.Load)) (wire.Engine, error) {
		self, err := engine.Self()
		if err != nil {
			return nil, err
		}
		return engine.Start(ctx, engine.Options{Command: []string{self, "engine", "--model=" + library.MiniatureName}, Log: io.Discard, Progress: progress})
	})
	served := windowTokens(t, func(ctx context.Context, _ func(wire.Load)) (wire.Engine, error) {
		return remote.Open(ctx, remote.Options{URL: address})
	})
	for i := range alone {
		if len(alone[i]) == 0 || !reflect.DeepEqual(alone[i], served[i]) {
			t.Errorf("question %d: the engine said %v, through the server %v", i+1, alone[i], served[i])
		}
	}
}

// windowTokens asks two questions in a window without a display and reads the tokens
// of both answers from its history.
func windowTokens(t *testing.T, open func(context.Context, func(wire.Load)) (wire.Engine, error)) (all [2][]int32) {
	t.Helper()
	folder := t.TempDir()
	store, err := history.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := view.LoadSettings(filepath.Join(folder, "window.json"))
	if err != nil {
		t.Fatal(err)
	}
	settings.Params.Temperature = 0
	work, quit := make(chan func()), make(chan struct{})
	w := view.New(view.Options{
		Store: store, Settings: settings, Kept: filepath.Join(folder, "read"), After: func() {},
		Do: func(f func()) {
			done := make(chan struct{})
			select {
			case work <- func() { f(); close(done) }:
				<-done
			case <-quit:
			}
		},
		Engines: view.Engines{
			Open: func(ctx context.Context, _ view.Choice, progress func(wire.Load)) (wire.Engine, error) {
				return open(ctx, progress)
			},
			Vocabulary: breezeVocabulary,
			System:     func(view.Choice, string) string { return "Be brief." },
		},
	})
	until := func(what string, holds func() bool) {
		t.Helper()
		for late := time.After(time.Minute); !holds(); {
			select {
			case f := <-work:
				f()
			case <-late:
				t.Fatalf("waited in vain until %s", what)
			}
		}
	}
	defer store.Close()
	defer func() {
		close(quit)
		w.Close()
	}()
	until("the engine is ready", func() bool { return w.Host.Phase == view.Ready })
	w.Attachments.Add([]string{shapes})
	until("the picture is there", func() bool { return len(w.Attachments.Items) == 1 && !w.Attachments.Busy() })
	for i, question := range []string{"What is in the picture?", "How many shapes are there?"} {
		until("the question is asked", func() bool { return w.Send(question) })
		until("the answer is over", func() bool { return w.Answering == nil })
		session, err := store.Turn(w.Last().Turn)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range session.Events {
			if e.Kind == wire.KindToken {
				all[i] = append(all[i], e.Token.ID)
			}
		}
	}
	return all
}

func breezeVocabulary(view.Choice) (*tokenizer.Tokenizer, imageproc.Rule, error) {
	folder, err := library.Miniature()
	if err != nil {
		return nil, imageproc.Rule{}, err
	}
	tok, err := tokenizer.Open(filepath.Join(folder, "tekken.json"))
	return tok, imageproc.Rule{PatchSize: 14, MaxSize: 224, Merge: 2}, err
}
