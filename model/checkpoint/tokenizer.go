package checkpoint

import (
	"fmt"
	"os"
	"path/filepath"

	"sirocco/model/tokenizer"
)

// Tokenizer opens the vocabulary that came with the weights: the tekken.json beside them, else the one inside the GGUF file,
// else that of a tokenizer.json. All three give the same ids for the same model.
func (c *Checkpoint) Tokenizer() (*tokenizer.Tokenizer, error) {
	if c.info.Tokenizer != "" {
		return tokenizer.Open(c.info.Tokenizer)
	}
	path, read := filepath.Join(c.info.Folder, "tokenizer.json"), c.jsonVocabulary
	if c.gguf != nil {
		path, read = c.info.Files[0], c.ggufVocabulary
	} else if stat, err := os.Stat(path); err != nil || !stat.Mode().IsRegular() {
		return nil, fmt.Errorf("opening the tokenizer: there is no tekken.json beside the weights in %s; put the model's tekken.json there or name one with --tokenizer", c.info.Folder)
	}
	v, err := read(path)
	if err == nil {
		v.Image = c.imageConfig()
		var tok *tokenizer.Tokenizer
		if tok, err = tokenizer.FromVocabulary(v); err == nil {
			return tok, nil
		}
	}
	return nil, fmt.Errorf("opening the tokenizer in %s: %w; put the model's tekken.json beside it or name one with --tokenizer", path, err)
}

// TekkenVersion is the key by which files that Sirocco wrote name the version of their vocabulary.
const TekkenVersion = "sirocco.tekken.version"

// ggufVocabulary is the one inside the text model. llama.cpp calls the split pattern tekken; Ollama does not know it and writes
// default. In both files the list of tokens must still be a Tekken vocabulary.
func (c *Checkpoint) ggufVocabulary(string) (tokenizer.Vocabulary, error) {
	kind, pattern := c.gguf.Text("tokenizer.ggml.model"), c.gguf.Text("tokenizer.ggml.pre")
	switch {
	case kind != "gpt2":
		return tokenizer.Vocabulary{}, fmt.Errorf("tokenizer.ggml.model is %q; Tekken vocabularies say gpt2", clip(kind))
	case pattern != "tekken" && !(pattern == "default" && c.info.Layout == "Ollama"):
		return tokenizer.Vocabulary{}, fmt.Errorf("tokenizer.ggml.pre is %q; only tekken is read", clip(pattern))
	}
	list, _ := c.gguf.Get("tokenizer.ggml.tokens")
	tokens, ok := list.Texts()
	if !ok {
		return tokenizer.Vocabulary{}, fmt.Errorf("tokenizer.ggml.tokens is %s, not a list of texts", list)
	}
	return tokenizer.Vocabulary{Tokens: tokens, Version: c.gguf.Text(TekkenVersion), Hints: []string{
		c.gguf.Text("general.name"), c.gguf.Text("general.basename"), c.gguf.Text("general.version"),
		filepath.Base(c.info.Files[0]), c.gguf.Text("tokenizer.chat_template"),
	}}, nil
}

// maxTokenizer is several times the length of a real tokenizer.json, 17 MB.
const maxTokenizer = 128 << 20

func (c *Checkpoint) jsonVocabulary(path string) (tokenizer.Vocabulary, error) {
	data, err := readSmall(path, maxTokenizer)
	if err != nil {
		return tokenizer.Vocabulary{}, err
	}
	v, err := tokenizer.ParseHuggingFace(data)
	v.Hints = []string{c.cfg.Name}
	return v, err
}

// imageConfig is what a tekken.json would say about pictures.
func (c *Checkpoint) imageConfig() *tokenizer.ImageConfig {
	v := c.cfg.Vision
	if v == nil {
		return nil
	}
	return &tokenizer.ImageConfig{PatchSize: v.PatchSize, MaxSize: v.ImageSize, Merge: v.Merge}
}
