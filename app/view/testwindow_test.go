package view

import (
	"context"
	"errors"
	"iter"
	"os"
	"strings"
	"testing"
	"time"

	"sirocco/app/history"
	"sirocco/app/library"
	"sirocco/model/chat"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
)

// scripted is an engine that answers with the words of the question; some words
// make it do other things.
type scripted struct {
	asked []*chat.Request
}

func (s *scripted) About() chat.About {
	return chat.About{Model: chat.ModelInfo{Name: "script", Context: 4096, Miniature: true}, Device: chat.DeviceInfo{Name: "paper"}}
}
func (s *scripted) Close() {}

func (s *scripted) Generate(ctx context.Context, r *chat.Request) iter.Seq2[chat.Event, error] {
	s.asked = append(s.asked, r)
	return func(yield func(chat.Event, error) bool) {
		last := r.Messages[len(r.Messages)-1]
		question := last.Parts[len(last.Parts)-1].Text
		s.keep(r)
		yield(chat.Event{Kind: chat.KindPrompt, Prompt: &chat.Prompt{}}, nil)
		said := ""
		words := strings.Fields(question)
		for i, word := range words {
			order := word
			if last.Role == chat.ToolRole { // its words are told, not obeyed
				order = ""
			}
			switch order {
			case "call": // a tool with arguments
				call := chat.ToolCall{ID: "a1B2c3D4e", Name: words[i+1], Arguments: words[i+2]}
				yield(chat.Event{Kind: chat.KindCall, Call: &chat.CallDelta{ID: call.ID, Name: call.Name, Arguments: call.Arguments, Complete: true}}, nil)
				yield(chat.Event{Kind: chat.KindDone, Done: &chat.Done{Text: said, ToolCalls: []chat.ToolCall{call}, FinishReason: chat.FinishToolCalls, About: s.About()}}, nil)
				return
			case "break":
				yield(chat.Event{}, errors.New("the device is gone"))
				return
			case "hang":
				<-ctx.Done()
				yield(chat.Event{Kind: chat.KindDone, Done: &chat.Done{Text: said, FinishReason: chat.FinishCancelled, About: s.About()}}, nil)
				return
			}
			yield(chat.Event{Kind: chat.KindToken, Token: &chat.Token{Candidate: chat.Candidate{Text: word}}}, nil)
			if !yield(chat.Event{Kind: chat.KindText, Text: word + " "}, nil) {
				return
			}
			said += word + " "
		}
		yield(chat.Event{Kind: chat.KindDone, Done: &chat.Done{Text: said, FinishReason: chat.FinishStop, About: s.About()}}, nil)
	}
}

// keep writes what an engine would of what it has read: a byte for each message.
func (s *scripted) keep(r *chat.Request) {
	if r.Resume == "" {
		return
	}
	if err := os.WriteFile(r.Resume, append([]byte(chat.KVSnapshotMagic), make([]byte, len(r.Messages))...), 0o600); err != nil {
		panic(err) // the window promised that it can be written
	}
}

// testWindow is a window without a display: the test is its goroutine.
type testWindow struct {
	*Window
	t      *testing.T
	engine *scripted
	work   chan func()
}

func newTestWindow(t *testing.T, folder string) *testWindow { return newTestWindowWith(t, folder, nil) }

// newTestWindowWith is one whose model has tools.
func newTestWindowWith(t *testing.T, folder string, open func(context.Context, ToolboxOptions) (*Toolbox, error)) *testWindow {
	t.Helper()
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	store, err := history.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := LoadSettings(folder + "/window.json")
	if err != nil {
		t.Fatal(err)
	}
	d := &testWindow{t: t, engine: &scripted{}, work: make(chan func())}
	quit := make(chan struct{})
	d.Window = New(Options{
		Store: store, Settings: settings, Kept: folder + "/read", After: func() {}, Tools: open,
		Do: func(f func()) {
			done := make(chan struct{})
			select {
			case d.work <- func() { f(); close(done) }:
				<-done
			case <-quit:
			}
		},
		Engines: Engines{
			Open:       func(context.Context, Choice, func(chat.Load)) (chat.Engine, error) { return d.engine, nil },
			Vocabulary: miniatureVocabulary,
			System:     func(Choice, string) string { return "Be brief." },
		},
	})
	t.Cleanup(func() {
		close(quit)
		d.Window.Close()
		d.until("everything is written", func() bool { return d.Answering == nil })
		store.Close()
	})
	return d
}

func miniatureVocabulary(Choice) (*tokenizer.Tokenizer, imageproc.Rule, error) {
	folder, err := library.Miniature()
	if err != nil {
		return nil, imageproc.Rule{}, err
	}
	tok, err := tokenizer.Open(folder + "/tekken.json")
	return tok, imageproc.Rule{PatchSize: 14, MaxSize: 224, Merge: 2}, err
}

// until runs what comes in until something holds.
func (d *testWindow) until(what string, holds func() bool) {
	d.t.Helper()
	late := time.After(20 * time.Minute) // the race detector makes drawing a PDF slow, and so does a busy machine
	for !holds() {
		select {
		case work := <-d.work:
			work()
		case <-late:
			d.t.Fatalf("waited in vain until %s: %+v", what, d.Snapshot())
		}
	}
}

// ask sends a question and waits for the end of its answer.
func (d *testWindow) ask(question string) *Message {
	d.t.Helper()
	d.until("the window is at rest", func() bool { return d.Answering == nil && d.loading == 0 })
	if !d.Send(question) {
		d.t.Fatalf("%q could not be asked", question)
	}
	d.until("the answer is over", func() bool { return d.Answering == nil })
	return d.Last()
}

// said is the conversation in one line.
func (d *testWindow) said() string {
	var parts []string
	for _, m := range d.Messages {
		text := m.Text
		if m.Answer != nil {
			text = "→ " + strings.TrimSpace(m.Answer.Text)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " | ")
}
