package cli

import (
	"context"
	"path/filepath"

	"sirocco/app/library"
	"sirocco/model/patch"
	"sirocco/model/tekken"
)

// Tokens answers JSON lines with exact prompt tokens. It needs a vocabulary,
// but neither weights nor a GPU.
type Tokens struct {
	Model     string `placeholder:"DIR" help:"Take the vocabulary from this model's folder. Without it: the embedded miniature's."`
	Tokenizer string `placeholder:"FILE" help:"A tekken.json."`
}

// Run reads stdin to its end.
func (t *Tokens) Run(_ context.Context, s *Streams) error {
	path := t.Tokenizer
	if path == "" {
		choice, err := library.Resolve(t.Model)
		if err != nil {
			return err
		}
		path = filepath.Join(choice.Path, "tekken.json")
	}
	tok, err := tekken.Open(path)
	if err != nil {
		return err
	}
	return RunTokens(tok, rule(tok), s.In, s.Out)
}

// rule is how pictures become tokens: what the vocabulary's file says, else
// what every Mistral Small 3.x does.
func rule(tok *tekken.Tokenizer) patch.Rule {
	if image := tok.Image(); image != nil {
		return patch.Rule{PatchSize: image.PatchSize, MaxSize: image.MaxSize, Merge: image.Merge}
	}
	return patch.Rule{PatchSize: 14, MaxSize: 1540, Merge: 2}
}
