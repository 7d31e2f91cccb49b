package view

import (
	"testing"

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
	if sent := messages[1].said; len(sent) != 3 || sent[1].ToolCallID != call.ID {
		t.Errorf("the call is sent back as %+v", sent)
	}
	if messages[1].end() != 8 || messages[1].Turn != 2 || messages[0].end() != messages[0].ID {
		t.Errorf("what follows the answer follows %d", messages[1].end())
	}
	shown(stored[2:]) // a result without its call is no crash
}
