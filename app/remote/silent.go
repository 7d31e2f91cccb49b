package remote

import (
	"strings"

	"sirocco/model/chat"
	"sirocco/model/reply"
)

// silent recovers tool calls of a server that has no parser for them: vLLM then
// leaves the markers out of the text, and a call reads like words. Its tokens
// still tell: from [TOOL_CALLS] on, text waits until the server sends a call
// after all, or the end shows that it knows none.
type silent struct {
	mark int32   // the id of [TOOL_CALLS]; -1 where it means nothing
	seed uint64  // for the ids of calls
	ids  []int32 // since the first marker
	text string  // what the server said since then
}

// push takes the next token.
func (s *silent) push(id int32) {
	if s.mark >= 0 && (len(s.ids) > 0 || id == s.mark) {
		s.ids = append(s.ids, id)
	}
}

// holds reports whether text waits.
func (s *silent) holds() bool { return len(s.ids) > 0 }

// unsilence gives at the end what waited: words, where the server sent its calls
// as calls or as text with markers, else the calls that the tokens tell.
func (a *answer) unsilence(whole bool) error {
	s := &a.silent
	if !s.holds() {
		return nil
	}
	if len(a.calls.list) > 0 || a.words.parser != nil || strings.Contains(s.text, callMark) {
		return a.words.push(s.text)
	}
	parser := reply.New(a.tok, reply.Options{NoGuard: true, Seed: s.seed})
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
