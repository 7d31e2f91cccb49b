package view

import (
	"sirocco/model/chat"
	"sirocco/model/tokenizer"
)

// What the inspector needs of the main window.

// Engine is what answers now, nil while nothing does. It may be called from any
// goroutine.
func (w *Window) Engine() chat.Engine {
	w.Host.mu.Lock()
	defer w.Host.mu.Unlock()
	return w.Host.engine
}

// Vocabulary is the tokenizer of what answers, nil while it is not known.
func (w *Window) Vocabulary() *tokenizer.Tokenizer { return w.budget.tokenizer }

// Watch asks for the alternatives of every token from now on, or no longer: they
// cost time that nobody pays while the inspector is closed.
func (w *Window) Watch(on bool) {
	w.alternatives = 0
	if on {
		w.alternatives = 5
	}
}

// Reread shows a conversation that somebody else has changed, if it is the one
// that is open.
func (w *Window) Reread(id int64) {
	w.List.Reload()
	if id == w.Conversation && w.Answering == nil {
		w.loading = id
		w.read(id)
	}
}
