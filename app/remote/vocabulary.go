package remote

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"

	"sirocco/app/library"
	"sirocco/assets"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
)

// Tekken is the full vocabulary of Mistral Small 3.2, which travels with the
// program.
var Tekken = sync.OnceValues(func() (*tokenizer.Tokenizer, error) {
	reader, err := zstd.NewReader(bytes.NewReader(assets.Tekken))
	if err != nil {
		return nil, fmt.Errorf("reading the embedded vocabulary: %w", err)
	}
	defer reader.Close()
	data, err := io.ReadAll(reader)
	if err != nil {
		return nil, fmt.Errorf("reading the embedded vocabulary: %w", err)
	}
	return tokenizer.Parse(data)
})

// miniature is the vocabulary of the embedded model, for servers that run it.
var miniature = sync.OnceValues(func() (*tokenizer.Tokenizer, error) {
	folder, err := library.Miniature()
	if err != nil {
		return nil, err
	}
	return tokenizer.Open(filepath.Join(folder, "tekken.json"))
})

// probe is a text on which vocabularies differ: words, digits, other alphabets,
// blanks and a symbol of several bytes.
const probe = "The quick  brown fox: 12345.67 été 東京 Привет\n\n\tnaïve 🦊 {\"a\": [1, true]}"

// findVocabulary takes the first vocabulary whose ids are those of the server's
// /tokenize. Without /tokenize it is Mistral Small 3.2's, unconfirmed.
func (e *Engine) findVocabulary(ctx context.Context, named *tokenizer.Tokenizer) error {
	known := []func() (*tokenizer.Tokenizer, error){Tekken, miniature}
	if named != nil {
		known = []func() (*tokenizer.Tokenizer, error){func() (*tokenizer.Tokenizer, error) { return named, nil }}
	}
	theirs, answered := e.tokenizeText(ctx, probe)
	for i, load := range known {
		tok, err := load()
		if err != nil {
			return err
		}
		e.confirmed = answered && slices.Equal(tok.Encode(probe), theirs)
		if i == 0 || e.confirmed {
			e.tok, e.rule = tok, ruleOf(tok)
		}
		if e.confirmed || !answered {
			break
		}
	}
	if answered && !e.confirmed {
		e.notice("%s cuts words into other tokens than Mistral Small 3.2; the prompt's tokens shown here are not its own", e.at.host())
	}
	if e.confirmed {
		e.about.Model.Miniature = e.about.Model.Name == "Breeze"
	}
	return nil
}

// ruleOf is how the vocabulary's file says pictures become tokens.
func ruleOf(tok *tokenizer.Tokenizer) imageproc.Rule {
	if image := tok.Image(); image != nil {
		return imageproc.Rule{PatchSize: image.PatchSize, MaxSize: image.MaxSize, Merge: image.Merge}
	}
	return imageproc.Rule{PatchSize: 14, MaxSize: 1540, Merge: 2} // every Mistral Small 3.x
}
