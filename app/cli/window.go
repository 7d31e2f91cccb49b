package cli

import (
	"sirocco/model/patch"
	"sirocco/model/tekken"
)

// Number is the program's version, for the window.
const Number = number

// Open reads the vocabulary for the window, which counts tokens before it asks:
// with it comes how pictures become tokens.
func (f *VocabularyFlags) Open() (*tekken.Tokenizer, patch.Rule, error) {
	tok, err := f.open()
	if err != nil {
		return nil, patch.Rule{}, err
	}
	return tok, rule(tok), nil
}
