package chat

import "strings"

// The marks of a thought in the system prompts that come with models that think.
const (
	thinkMark    = "[THINK]"
	endThinkMark = "[/THINK]"
)

// SystemMessage is a system prompt as it lies beside a model. What stands between the
// marks of a thought becomes a part of its own, as the model's card has it; a prompt
// without them is one text.
func SystemMessage(text string) Message {
	before, rest, found := strings.Cut(text, thinkMark)
	thought, after, closed := strings.Cut(rest, endThinkMark)
	if !found || !closed {
		return Text(System, text)
	}
	m := Message{Role: System, PartList: true}
	for _, part := range []Part{{Text: before}, {Text: thought, Thinking: true}, {Text: after}} {
		if part.Text != "" {
			m.Parts = append(m.Parts, part)
		}
	}
	return m
}
