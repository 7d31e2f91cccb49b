package remote

import (
	"strings"

	"sirocco/model/chat"
	"sirocco/model/reply"
	"sirocco/model/tekken"
)

// The markers of a tool call, which some servers pass on as text.
const callMark = "[TOOL_CALLS]"

var marks = []string{callMark, "[ARGS]", "[CALL_ID]"}

// words passes text on, and turns tool calls that come as text back into calls:
// from the first marker on, text is made tokens again and read as the local
// model's are. Text that may be the beginning of a marker waits for its rest.
type words struct {
	tok    *tekken.Tokenizer
	repair bool // only where tools may be called do markers mean something
	seed   uint64
	held   string
	parser *reply.Parser // since the first marker
	out    func([]chat.Event) error
}

func (w *words) push(s string) error {
	if !w.repair {
		return w.out([]chat.Event{{Kind: chat.KindText, Text: s}})
	}
	w.held += s
	for {
		at, mark := w.next()
		if mark == "" {
			break
		}
		if err := w.say(w.held[:at]); err != nil {
			return err
		}
		w.held = w.held[at+len(mark):]
		if w.parser == nil {
			w.parser = reply.New(w.tok, reply.Options{NoGuard: true, Seed: w.seed})
		}
		id, _ := w.tok.Special(mark)
		if err := w.out(w.parser.Push(id)); err != nil {
			return err
		}
	}
	keep := unfinished(w.held)
	sure := w.held[:len(w.held)-keep]
	w.held = w.held[len(sure):]
	return w.say(sure)
}

// next finds the first marker; before the first [TOOL_CALLS] the others are
// ordinary text.
func (w *words) next() (at int, mark string) {
	at = len(w.held)
	for _, m := range marks {
		if w.parser == nil && m != callMark {
			continue
		}
		if i := strings.Index(w.held, m); i >= 0 && i < at {
			at, mark = i, m
		}
	}
	return at, mark
}

// say passes on text that is certain.
func (w *words) say(s string) error {
	switch {
	case s == "":
		return nil
	case w.parser == nil:
		return w.out([]chat.Event{{Kind: chat.KindText, Text: s}})
	}
	for _, id := range w.tok.Encode(s) {
		if err := w.out(w.parser.Push(id)); err != nil {
			return err
		}
	}
	return nil
}

// finish gives what was held back; whole says that the model itself ended.
func (w *words) finish(whole bool) error {
	rest := w.held
	w.held = ""
	if err := w.say(rest); err != nil || w.parser == nil {
		return err
	}
	if end, ok := w.tok.Special("</s>"); ok && whole {
		return w.out(w.parser.Push(end))
	}
	return w.out(w.parser.Finish(chat.FinishLength))
}

// unfinished is how many bytes at the end of s may begin a marker.
func unfinished(s string) int {
	for n := min(len(s), len(callMark)-1); n > 0; n-- {
		for _, mark := range marks {
			if strings.HasPrefix(mark, s[len(s)-n:]) {
				return n
			}
		}
	}
	return 0
}
