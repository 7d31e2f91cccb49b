package view

import (
	"strings"
)

// Place is where a search in the open conversation found something: in a message,
// and of an answer in one of its blocks.
type Place struct {
	Message *Message
	Block   int // -1: a question's words
}

// Find lists the places of the open conversation that contain a text, whatever its
// case, in the order in which they are read.
func (w *Window) Find(text string) (places []Place) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return nil
	}
	for _, m := range w.Messages {
		if m.Answer == nil {
			if strings.Contains(strings.ToLower(m.Text), text) {
				places = append(places, Place{m, -1})
			}
			continue
		}
		stream := &m.Answer.Blocks
		for i, b := range append(stream.Finished()[:len(stream.Finished()):len(stream.Finished())], stream.Growing()...) {
			if strings.Contains(strings.ToLower(b.plain()), text) {
				places = append(places, Place{m, i})
			}
		}
	}
	return places
}

// plain is a block's text without its looks.
func (b Block) plain() string {
	text := b.Text + Plain(b.Spans)
	for _, row := range b.Rows {
		for _, cell := range row {
			text += " " + Plain(cell.Spans)
		}
	}
	return text
}
