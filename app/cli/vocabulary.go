package cli

import (
	"os"
	"path/filepath"

	"sirocco/app/library"
	"sirocco/model/checkpoint"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
)

// VocabularyFlags choose a vocabulary; tokens and schema need nothing more of a
// model.
type VocabularyFlags struct {
	Model     string `placeholder:"PATH" help:"Take the vocabulary of this model. Without it: the embedded miniature's."`
	Tokenizer string `placeholder:"FILE" help:"A tekken.json."`
}

// open reads the vocabulary: the file named, else the tekken.json in the model's
// folder, else what the model's files say.
func (f *VocabularyFlags) open() (*tokenizer.Tokenizer, error) {
	if f.Tokenizer != "" {
		return tokenizer.Open(f.Tokenizer)
	}
	choice, err := library.Resolve(f.Model)
	if err != nil {
		return nil, err
	}
	beside := filepath.Join(choice.Path, "tekken.json")
	if _, err := os.Stat(beside); err == nil {
		return tokenizer.Open(beside)
	}
	opened, err := checkpoint.Open(choice.Path)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	return opened.Tokenizer()
}

// rule is how pictures become tokens: what the vocabulary's file says, else
// what every Mistral Small 3.x does.
func rule(tok *tokenizer.Tokenizer) imageproc.Rule {
	if image := tok.Image(); image != nil {
		return imageproc.Rule{PatchSize: image.PatchSize, MaxSize: image.MaxSize, Merge: image.Merge}
	}
	return imageproc.Rule{PatchSize: 14, MaxSize: 1540, Merge: 2}
}
