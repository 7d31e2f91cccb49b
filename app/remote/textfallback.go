package remote

import (
	"strings"

	"sirocco/model/chat"
	"sirocco/model/outputparser"
	"sirocco/model/tokenizer"
)

// The markers of a tool call, which some servers pass on as text.
const callMark = "[TOOL_CALLS]"

var marks = []string{callMark, "[ARGS]", "[CALL_ID]"}

// words passes text on, and turns tool calls that come as text back into calls:
// from the first marker on, text is made tokens again and read as the local
// model's are. Text that may be the beginning of a marker waits for its rest.
type words struct {
	tok      *tokenizer.Tokenizer
	repair   bool // only where tools may be called do markers mean something
	seed     uint64
	buffered string
	parser   *outputparser.Parser // since the first marker
	out      func([]chat.Event) error
}

func (w *words) push(s string) error {
	if !w.repair {
		return w.out([]chat.Event{{Kind: chat.KindText, Text: s}})
	}
	w.buffered += s
	for {
		at, mark := w.next()
		if mark == "" {
			break
		}
		if err := w.emit(w.buffered[:at]); err != nil {
			return err
		}
		w.buffered = w.buffered[at+len(mark):]
		if w.parser == nil {
			w.parser = outputparser.New(w.tok, outputparser.Options{NoGuard: true, Seed: w.seed})
		}
		id, _ := w.tok.Special(mark)
		if err := w.out(w.parser.Push(id)); err != nil {
			return err
		}
	}
	keep := unfinished(w.buffered)
	sure := w.buffered[:len(w.buffered)-keep]
	w.buffered = w.buffered[len(sure):]
	return w.emit(sure)
}

// next finds the first marker; before the first [TOOL_CALLS] the others are
// ordinary text.
func (w *words) next() (at int, mark string) {
	at = len(w.buffered)
	for _, m := range marks {
		if w.parser == nil && m != callMark {
			continue
		}
		if i := strings.Index(w.buffered, m); i >= 0 && i < at {
			at, mark = i, m
		}
	}
	return at, mark
}

// emit passes on text that is certain.
func (w *words) emit(s string) error {
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
	rest := w.buffered
	w.buffered = ""
	if err := w.emit(rest); err != nil || w.parser == nil {
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
