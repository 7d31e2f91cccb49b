package tokenizer

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// Parse reads the contents of a tekken.json. A file that mistral-common would refuse, or that leaves its ids in
// doubt, is an error that names the field.
func Parse(data []byte) (*Tokenizer, error) {
	if len(data) > largestFile {
		return nil, fmt.Errorf("not a tekken.json: %d bytes is far more than any real one has", len(data))
	}
	if !utf8.Valid(data) {
		return nil, errors.New("not a tekken.json: it is not UTF-8 text")
	}
	f := file{reader: reader{data: data}, vocabAt: -1}
	if err := f.read(); err != nil {
		return nil, fmt.Errorf("not a usable tekken.json: %w", err)
	}
	special, err := f.specialNames()
	if err != nil {
		return nil, fmt.Errorf("not a usable tekken.json: special_tokens: %w", err)
	}
	t := &Tokenizer{
		version: f.config.version, special: special, image: f.image,
		bytes: f.bytes, text: string(f.bytes), ends: f.ends, classify: classes(),
	}
	t.names = make(map[string]int32, len(special))
	for id, name := range special {
		t.names[name] = int32(id)
	}
	if err := t.index(); err != nil {
		return nil, fmt.Errorf("not a usable tekken.json: %w", err)
	}
	return t, nil
}

// index builds the map from byte strings to ranks.
func (t *Tokenizer) index() error {
	t.ranks = make(map[string]int32, len(t.ends))
	start := uint32(0)
	for rank, end := range t.ends {
		piece := t.text[start:end]
		if first, ok := t.ranks[piece]; ok {
			return fmt.Errorf("vocab[%d] has the same bytes as vocab[%d]: %q", rank, first, piece)
		}
		t.ranks[piece] = int32(rank)
		t.maxTokenBytes = max(t.maxTokenBytes, len(piece))
		start = end
	}
	return nil
}

// file is what has been read of a tekken.json.
type file struct {
	reader
	config  *fileConfig
	vocabAt int // where the vocabulary begins when it stands before config; -1 once it is read
	bytes   []byte
	ends    []uint32
	tokens  []string // special_tokens, nil when the file has none
	image   *ImageConfig
	seen    map[string]bool

	multimodal bool // the image block goes by its old name
}

// fileConfig is the block "config", except for its pattern, which must be Pattern.
type fileConfig struct {
	version  string
	vocab    int // ids in all: default_vocab_size
	specials int // of these the special ones: default_num_special_tokens
}

// entries is the number of vocabulary entries that get an id; a file may list more.
func (c *fileConfig) entries() int { return c.vocab - c.specials }

// read walks over the top level of the file.
func (f *file) read() error {
	f.seen = map[string]bool{}
	if err := f.object(f.field); err != nil {
		return err
	}
	if f.peek(); f.pos < len(f.data) {
		return fmt.Errorf("there is something behind the end, at byte %d", f.pos)
	}
	switch {
	case f.config == nil:
		return errors.New("config is missing")
	case !f.seen["vocab"]:
		return errors.New("vocab is missing")
	case f.vocabAt >= 0:
		f.pos = f.vocabAt
		if err := f.readVocab(); err != nil {
			return err
		}
	}
	if f.multimodal && generation(f.config.version) > 11 {
		return fmt.Errorf("multimodal is the name of the image block up to v11; a %s file calls it image", f.config.version)
	}
	return nil
}

// field reads one top-level value; those it does not know are passed over.
func (f *file) field(key []byte) error {
	name := string(key)
	if f.seen[name] {
		return fmt.Errorf("%.40q is there twice", name)
	}
	f.seen[name] = true
	switch name {
	case "config":
		return f.readConfig()
	case "vocab":
		if f.config != nil {
			return f.readVocab()
		}
		f.peek()
		f.vocabAt = f.pos
	case "special_tokens":
		return f.readSpecials()
	case "image", "multimodal":
		return f.readImage(name)
	}
	return f.skip()
}
