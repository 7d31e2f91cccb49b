package cli

import (
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
)

// Number is the program's version, for the window.
const Number = number

// Open reads the vocabulary for the window, which counts tokens before it asks:
// with it comes how pictures become tokens.
func (f *VocabularyFlags) Open() (*tokenizer.Tokenizer, imageproc.Rule, error) {
	tok, err := f.open()
	if err != nil {
		return nil, imageproc.Rule{}, err
	}
	return tok, rule(tok), nil
}
