package remote

import (
	"strings"

	"sirocco/model/chat"
	"sirocco/model/outputparser"
)

// toolCallFallback recovers tool calls of a server that has no parser for them: vLLM then
// leaves the markers out of the text, and a call reads like words. Its tokens
// still tell: from [TOOL_CALLS] on, text waits until the server sends a call
// after all, or the end shows that it knows none.
type toolCallFallback struct {
	mark int32   // the id of [TOOL_CALLS]; -1 where it means nothing
	seed uint64  // for the ids of calls
	ids  []int32 // since the first marker
	text string  // what the server said since then
}

// push takes the next token.
func (s *toolCallFallback) push(id int32) {
	if s.mark >= 0 && (len(s.ids) > 0 || id == s.mark) {
		s.ids = append(s.ids, id)
	}
}

// holds reports whether text waits.
func (s *toolCallFallback) holds() bool { return len(s.ids) > 0 }

// flushToolCallFallback gives at the end what waited: words, where the server sent its calls
// as calls or as text with markers, else the calls that the tokens tell.
func (a *answer) flushToolCallFallback(whole bool) error {
	s := &a.toolCallFallback
	if !s.holds() {
		return nil
	}
	if len(a.calls.list) > 0 || a.textFallback.parser != nil || strings.Contains(s.text, callMark) {
		return a.textFallback.push(s.text)
	}
	parser := outputparser.New(a.tok, outputparser.Options{NoGuard: true, Seed: s.seed})
	for _, id := range s.ids {
		if err := a.spoken(parser.Push(id)); err != nil {
			return err
		}
	}
	reason := chat.FinishLength
	if whole {
		reason = chat.FinishStop
	}
	return a.spoken(parser.Finish(reason))
}
