package view

import (
	"testing"
	"time"

	"sirocco/app/history"
	"sirocco/model/chat"
)

// A call, its result and the words after it are shown as one answer, and are sent
// back to the model as they were.
func TestResultsStandInTheirAnswer(t *testing.T) {
	call := chat.ToolCall{ID: "a1B2c3D4e", Name: "rate", Arguments: `{"of": "EUR"}`}
	result := chat.Text(chat.ToolRole, "1.08")
	result.ToolCallID = call.ID
	stored := []history.Message{
		{Message: chat.Text(chat.User, "Rate?")},
		{Message: chat.Message{Role: chat.Assistant, ToolCalls: []chat.ToolCall{call}}},
		{Message: result, ID: 7},
		{Message: chat.Text(chat.Assistant, "It is 1.08."), ID: 8, Turn: 2},
	}
	messages := shown(stored)
	if len(messages) != 2 || messages[1].Answer.Text != "It is 1.08." || messages[1].Answer.Calls[0].Result != "1.08" {
		t.Fatalf("%d messages are shown, the call as %+v", len(messages), messages[1].Answer.Calls)
	}
	if sent := messages[1].text; len(sent) != 3 || sent[1].ToolCallID != call.ID {
		t.Errorf("the call is sent back as %+v", sent)
	}
	if messages[1].end() != 8 || messages[1].Turn != 2 || messages[0].end() != messages[0].ID {
		t.Errorf("what follows the answer follows %d", messages[1].end())
	}
	shown(stored[2:]) // a result without its call is no crash
}

// Pictures that a tool returned are shown in the answer, now and later.
func TestToolPicturesAreShown(t *testing.T) {
	a := NewAnswer(time.Now(), 0)
	a.Apply(chat.Event{Kind: chat.KindResult, Result: &chat.Result{Status: chat.RunDone, Text: "a map", Pictures: []chat.Image{{Name: "map.png"}}}}, time.Now())
	if len(a.Shown) != 1 || a.Shown[0].Name != "map.png" {
		t.Errorf("shown are %v", a.Shown)
	}
	said := func(role chat.Role, parts ...chat.Part) history.Message {
		return history.Message{Message: chat.Message{Role: role, Parts: parts}, Turn: 1}
	}
	picture := &chat.Image{Name: "map.png"}
	again := recalled([]history.Message{said(chat.Assistant), said(chat.ToolRole, chat.Part{Text: "a map"}), said(chat.User, chat.Part{Image: picture}), said(chat.Assistant, chat.Part{Text: "There."})})
	if len(again.Shown) != 1 || again.Shown[0] != picture || again.Text != "There." {
		t.Errorf("later it shows %v and says %q", again.Shown, again.Text)
	}
}
