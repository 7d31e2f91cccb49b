package openai

import (
	"encoding/json"
	"reflect"
	"testing"

	"sirocco/model/chat"
)

// What is written is read back as the same request.
func TestWriteChatComesBack(t *testing.T) {
	yes, no := true, false
	png := []byte("\x89PNG\r\n\x1a\n and the rest")
	for _, r := range []chat.Request{
		{Messages: []chat.Message{chat.Text(chat.User, "<Hi> & \"bye\"")}, ToolChoice: "auto", Sampling: chat.Sampling{Seed: 1<<64 - 1}},
		{
			Messages: []chat.Message{
				chat.Text(chat.System, "be brief"),
				{Role: chat.User, PartList: true, Parts: []chat.Part{{Image: &chat.Image{Name: "picture 1", Data: png}}, {Text: ""}, {Text: "what?"}}},
				{Role: chat.Assistant, ToolCalls: []chat.ToolCall{{ID: "a1B2c3D4e", Name: "f", Arguments: `{"b": 1, "a": 2}`}}},
				{Role: chat.ToolRole, ToolCallID: "a1B2c3D4e", Name: "f", Parts: []chat.Part{{Text: "done"}}},
				{Role: chat.Assistant, Prefix: true, Parts: []chat.Part{{Text: "So"}}},
			},
			Tools:      []chat.Tool{{Name: "f", Description: "does", Parameters: json.RawMessage(`{"type": "object", "properties": {"b": {}, "a": {}}}`), Strict: &yes}},
			ToolChoice: "function", ToolName: "f", ParallelToolCalls: &no, Schema: json.RawMessage(`{"type": "object"}`),
			Sampling: chat.Sampling{Temperature: 0.5, TopP: 0.9, TopK: 40, MinP: 0.05, RepeatPenalty: 1.1, PresencePenalty: 0.1, FrequencyPenalty: 0.2,
				LogitBias: map[int32]float64{7: -100}, Seed: 9},
			MaxTokens: 100, Stop: []string{"\n"}, Logprobs: 5, ContinueFinal: true,
		},
	} {
		data, err := WriteChat(&r, "mistral", nil)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseChat(data)
		if err != nil {
			t.Fatalf("%v in\n%s", err, data)
		}
		for i := range back.Chat.Tools { // indentation is not part of a schema
			back.Chat.Tools[i].Parameters, r.Tools[i].Parameters = nil, nil
		}
		back.Chat.Schema, r.Schema = nil, nil
		if !reflect.DeepEqual(back.Chat, r) || back.Model != "mistral" {
			t.Errorf("came back as\n%+v, was\n%+v", back.Chat, r)
		}
	}
	if _, err := WriteChat(&chat.Request{Prompt: []int32{1}}, "", nil); err == nil {
		t.Error("an exact sequence was written as a chat")
	}
}
