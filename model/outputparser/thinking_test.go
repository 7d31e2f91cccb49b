package outputparser

import (
	"testing"

	"sirocco/model/chat"
	"sirocco/model/tokenizer/tekkentest"
)

// What is thought is no part of the answer; an answer that is cut in a thought has no text.
func TestThoughts(t *testing.T) {
	tok := tekkentest.Thinking(t)
	push := func(p *Parser, ids ...int32) (thought, text string) {
		for _, id := range ids {
			for _, e := range p.Push(id) {
				switch e.Kind {
				case chat.KindReason:
					thought += e.Text
				case chat.KindText:
					text += e.Text
				}
			}
		}
		return thought, text
	}
	p := New(tok, Options{Stop: []string{"stop"}})
	ids := append([]int32{34}, tok.Encode("I must not stop here")...)
	ids = append(append(ids, 35), tok.Encode("Forty-two.")...)
	thought, text := push(p, append(ids, 2)...)
	if thought != "I must not stop here" || text != "Forty-two." || p.Reasoning() != thought || p.Text() != text || p.Reason() != chat.FinishStop {
		t.Errorf("%q, then %q (%s)", thought, text, p.Reason())
	}
	p = New(tok, Options{})
	push(p, append([]int32{34}, tok.Encode("Half a thou")...)...)
	p.Finish(chat.FinishLength)
	if p.Text() != "" || p.Reasoning() == "" {
		t.Errorf("a thought that was cut became %q", p.Text())
	}
}
