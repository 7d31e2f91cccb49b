package view

import (
	"strings"
	"testing"

	"sirocco/model/chat"
)

func TestAskAndReopen(t *testing.T) {
	folder := t.TempDir()
	d := newTestWindow(t, folder)
	if a := d.ask("one two").Answer; a.State != Finished || a.Text != "one two " || len(a.Blocks.Finished()) != 1 {
		t.Errorf("the answer is %+v", a)
	}
	d.ask("three")
	if got := d.said(); got != "one two | → one two | three | → three" {
		t.Errorf("the conversation is %q", got)
	}
	request := d.engine.asked[1]
	if len(request.Messages) != 4 || request.Messages[0].Role != chat.System || request.Sampling.Temperature != 0.15 {
		t.Errorf("the second request is %+v", request)
	}
	d.until("the list shows it", func() bool { return len(d.Snapshot().List) == 1 && d.List.Rows[0].Heading == "Today" })
	id := d.Conversation
	d.NewChat()
	if d.said() != "" || d.Title != "" {
		t.Errorf("a new chat shows %q", d.said())
	}
	d.Open(id)
	d.until("it is open again", func() bool { return d.Conversation == id })
	if got := d.said(); got != "one two | → one two | three | → three" || d.Title != "one two" {
		t.Errorf("opened again it is %q, titled %q", got, d.Title)
	}
}

// Editing a question and regenerating an answer make branches; each can be shown
// again.
func TestBranches(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.ask("first")
	d.ask("second")
	d.Edit(d.Messages[2], "other")
	d.until("the edited question is answered", func() bool { return d.Answering == nil })
	if got := d.said(); got != "first | → first | other | → other" {
		t.Fatalf("after editing: %q", got)
	}
	if m := d.Messages[2]; m.Version != 2 || m.Versions != 2 {
		t.Errorf("the edited question is %d/%d", m.Version, m.Versions)
	}
	d.Branch(d.Messages[2], -1)
	d.until("the earlier branch is shown", func() bool { return d.loading == 0 })
	if got := d.said(); got != "first | → first | second | → second" {
		t.Errorf("the earlier branch: %q", got)
	}
	d.Regenerate(d.Messages[1])
	d.until("it is answered again", func() bool { return d.Answering == nil })
	if m := d.Messages[1]; d.said() != "first | → first" || m.Version != 2 || m.Versions != 2 {
		t.Errorf("after regenerating: %q, %d/%d", d.said(), m.Version, m.Versions)
	}
	if a, b := d.engine.asked[0].Sampling.Seed, d.engine.asked[3].Sampling.Seed; a == b {
		t.Errorf("both answers have the seed %d", a)
	}
}

func TestStopKeepsWhatWasSaid(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.Send("some words hang")
	d.until("words come", func() bool { return strings.Contains(d.Last().Answer.Text, "words") })
	if d.Send("another") {
		t.Error("a second question was taken while the first was being answered")
	}
	d.Stop()
	d.until("it has stopped", func() bool { return d.Answering == nil })
	a := d.Last().Answer
	if a.State != Stopped || strings.TrimSpace(a.Text) != "some words" || !a.Cut() {
		t.Fatalf("the stopped answer is %+v", a)
	}
	d.Continue(d.Last())
	d.until("it went on", func() bool { return d.Answering == nil })
	last := d.engine.asked[1]
	if !last.ContinueFinal || !strings.HasPrefix(d.Last().Answer.Text, "some words ") {
		t.Errorf("continued: %q from %+v", d.Last().Answer.Text, last.Messages)
	}
	d.valid() // the beginning is on disk too
}

func TestTroubleStandsInTheAnswersPlace(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	a := d.ask("half break").Answer
	if a.State != Failed || a.Trouble == nil || a.Trouble.Sentence != "The device is gone" || strings.TrimSpace(a.Text) != "half" {
		t.Fatalf("the failed answer is %+v", a)
	}
	if a := d.ask("again").Answer; a.State != Finished {
		t.Errorf("the next answer is %+v", a)
	}
}

// An answer that failed before its first word leaves nothing in the tree, and the
// conversation goes on from its question.
func TestAFailedAnswerDoesNotEndTheConversation(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	first := d.ask("words").end()
	d.ask("break")
	broken := d.Messages[2]
	d.ask("again")
	if broken.Parent != first || d.Messages[4].Parent != broken.ID {
		t.Errorf("the questions follow %d and %d, not %d and %d", broken.Parent, d.Messages[4].Parent, first, broken.ID)
	}
}

func TestSearchRenamePinDelete(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.ask("the harbour of Bergen")
	d.NewChat()
	d.ask("thesis")
	id := d.Conversation
	d.List.Search("harbour")
	d.until("it is found", func() bool { return len(d.List.Rows) == 1 && strings.Contains(d.List.Rows[0].Snippet, "harbour") })
	d.List.Search("")
	d.Rename(id, "My thesis")
	d.Pin(id, true)
	d.until("it is pinned", func() bool {
		return len(d.List.Rows) == 4 && d.List.Rows[0].Heading == "Pinned" && d.List.Rows[1].Title == "My thesis"
	})
	d.Delete(id, "My thesis")
	d.until("it is gone", func() bool { return len(d.Snapshot().List) == 1 })
	if d.Conversation != 0 || d.Notice == nil || d.Notice.Action != "Undo" {
		t.Fatalf("after deleting: conversation %d, notice %+v", d.Conversation, d.Notice)
	}
	d.Notice.Do()
	d.until("it is back", func() bool { return len(d.Snapshot().List) == 2 })
}

// The context meter counts what will be sent, pictures and all, with the model's own
// template.
func TestGauge(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.Draft("How many words are these?")
	d.until("it is counted", func() bool { return d.ContextMeter.Question > 3 })
	words := d.ContextMeter.Question
	d.Attachments.AddData("a.png", pngOf(t, 640, 480))
	d.until("the picture is counted", func() bool { return d.ContextMeter.Question > words+40 })
	if !d.ContextMeter.Fits() || d.ContextMeter.Total != 4096 {
		t.Errorf("the gauge is %+v", d.ContextMeter)
	}
	if (ContextMeter{Used: 4000, Total: 4096, Known: true}).Fits() {
		t.Error("96 tokens are called room enough for an answer")
	}
}
