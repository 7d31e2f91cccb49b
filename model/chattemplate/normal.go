package chattemplate

import (
	"math"
	"slices"
	"strings"

	"sirocco/model/chat"
)

// turn is one or more messages of the request as the template writes them.
type turn struct {
	role    chat.Role
	message int     // index of its first request message
	chunks  []chunk // neighbouring texts are one chunk, none is empty
	calls   []call
	callID  string // which call a tool's turn answers
	prefix  bool
}

// chunk is a text, or a picture when image is set.
type chunk struct {
	text    string
	think   bool // the text is a thought
	image   *chat.Image
	message int
}

type call struct {
	chat.ToolCall
	message int
}

// between stands where the texts of two parts or of two messages meet.
const between = "\n\n"

// normalise merges runs of user messages and runs of assistant messages. System
// and tool messages stay single; from v11 on, the results of one round are put
// in the order of its calls.
func normalise(messages []chat.Message, v version) []turn {
	var turns []turn
	var pending []string // ids of the calls since the last results
	for start := 0; start < len(messages); {
		role, end := messages[start].Role, start+1
		for end < len(messages) && messages[end].Role == role {
			end++
		}
		first := len(turns)
		if role == chat.User || role == chat.Assistant {
			turns = append(turns, merge(messages, start, end))
		} else {
			for i := start; i < end; i++ {
				turns = append(turns, merge(messages, i, i+1))
			}
		}
		switch role {
		case chat.Assistant:
			for _, c := range turns[first].calls {
				pending = append(pending, c.ID)
			}
		case chat.ToolRole:
			if v >= 11 {
				sortResults(turns[first:], pending)
			}
			pending = nil
		}
		start = end
	}
	return turns
}

// merge makes one turn of messages[start:end], which have one role.
func merge(messages []chat.Message, start, end int) turn {
	t := turn{role: messages[start].Role, message: start, callID: messages[start].ToolCallID}
	for i := start; i < end; i++ {
		for _, part := range messages[i].Parts {
			t.add(part, i)
		}
		if t.role == chat.Assistant {
			t.prefix = t.prefix || messages[i].Prefix
			for _, c := range messages[i].ToolCalls {
				t.calls = append(t.calls, call{c, i})
			}
		}
	}
	return t
}

// add appends a part; a text after a text goes into the same chunk.
func (t *turn) add(part chat.Part, message int) {
	if part.Image != nil {
		t.chunks = append(t.chunks, chunk{image: part.Image, message: message})
		return
	}
	if part.Text == "" {
		return
	}
	if n := len(t.chunks); n > 0 && t.chunks[n-1].image == nil && !part.Thinking && !t.chunks[n-1].think {
		t.chunks[n-1].text += between + part.Text
		return
	}
	t.chunks = append(t.chunks, chunk{text: part.Text, think: part.Thinking, message: message})
}

// imageFirst moves the picture of a turn that is one text and one picture to the
// front: the model was trained with it there.
func (t *turn) imageFirst() []chunk {
	if len(t.chunks) == 2 && t.chunks[0].image == nil && t.chunks[1].image != nil {
		return []chunk{t.chunks[1], t.chunks[0]}
	}
	return t.chunks
}

// thinks reports whether a part of a turn is a thought.
func (t *turn) thinks() bool {
	return slices.ContainsFunc(t.chunks, func(c chunk) bool { return c.think })
}

// text is the whole text of a turn without pictures.
func (t *turn) text() string {
	var b strings.Builder
	for _, c := range t.chunks {
		b.WriteString(c.text)
	}
	return b.String()
}

// sortResults orders the results of one round by the place of their calls.
func sortResults(results []turn, calls []string) {
	place := func(t turn) int {
		for i := len(calls) - 1; i >= 0; i-- {
			if calls[i] == t.callID {
				return i
			}
		}
		return math.MaxInt
	}
	slices.SortStableFunc(results, func(a, b turn) int {
		pa, pb := place(a), place(b)
		switch {
		case pa < pb:
			return -1
		case pa > pb:
			return 1
		}
		return 0
	})
}
