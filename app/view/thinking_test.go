package view

import (
	"testing"
	"time"

	"sirocco/model/chat"
)

// While a model thinks, the window says so; nothing of it is the answer.
func TestThinkingIsNoAnswer(t *testing.T) {
	a := &Answer{}
	now := time.Now()
	a.Apply(chat.Event{Kind: chat.KindToken, Token: &chat.Token{}}, now)
	a.Apply(chat.Event{Kind: chat.KindReason, Text: "hm"}, now)
	if a.State != Reading || a.Doing == "" || a.Text != "" {
		t.Errorf("while it thinks: %v, %q, %q", a.State, a.Doing, a.Text)
	}
	a.Apply(chat.Event{Kind: chat.KindToken, Token: &chat.Token{}}, now)
	a.Apply(chat.Event{Kind: chat.KindText, Text: "Yes."}, now)
	if a.State != Writing || a.Text != "Yes." {
		t.Errorf("then: %v, %q", a.State, a.Text)
	}
}
