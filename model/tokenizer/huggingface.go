package tokenizer

import (
	"errors"
	"fmt"
)

// ParseHuggingFace reads the vocabulary of a tokenizer.json, the file in which Hugging Face keeps tokenizers. Only its list of
// tokens is used: the split pattern in such a file is often not Mistral's, and FromVocabulary has the right one.
func ParseHuggingFace(data []byte) (Vocabulary, error) {
	if len(data) > largestFile {
		return Vocabulary{}, fmt.Errorf("not a tokenizer.json: %d bytes is far more than any real one has", len(data))
	}
	f := hfFile{reader: reader{data: data}}
	if err := f.object(f.field); err != nil {
		return Vocabulary{}, fmt.Errorf("not a usable tokenizer.json: %w", err)
	}
	for id, token := range f.tokens {
		if token == "" {
			return Vocabulary{}, fmt.Errorf("not a usable tokenizer.json: no token has id %d", id)
		}
	}
	return Vocabulary{Tokens: f.tokens}, nil
}

// hfFile is what has been read of a tokenizer.json.
type hfFile struct {
	reader
	tokens []string
}

func (f *hfFile) field(key []byte) (err error) {
	switch string(key) {
	case "added_tokens":
		err = f.array(f.addedToken)
	case "model":
		err = f.object(f.modelField)
	default:
		return f.skip()
	}
	return at(string(key), err)
}

func (f *hfFile) modelField(key []byte) error {
	switch string(key) {
	case "type":
		kind, err := f.word()
		if err == nil && kind != "BPE" {
			err = fmt.Errorf("type is %.40q; Tekken is a BPE vocabulary", kind)
		}
		return err
	case "vocab":
		return at("vocab", f.object(func(token []byte) error {
			id, err := f.integer()
			if err != nil {
				return err
			}
			return f.set(id, string(token))
		}))
	}
	return f.skip()
}

func (f *hfFile) addedToken(int) error {
	id, name := int64(-1), ""
	err := f.object(func(key []byte) (err error) {
		switch string(key) {
		case "id":
			id, err = f.integer()
		case "content":
			name, err = f.word()
		default:
			return f.skip()
		}
		return at(string(key), err)
	})
	if err == nil && (id < 0 || name == "") {
		err = errors.New("id or content is missing")
	}
	if err != nil {
		return err
	}
	return f.set(id, name)
}

// set gives an id its token. An id is at most the number of bytes, of which every token needs several.
func (f *hfFile) set(id int64, token string) error {
	if id >= int64(len(f.data)) || id >= maxEntries {
		return fmt.Errorf("id %d of %.40q is more than there can be tokens", id, token)
	}
	for int64(len(f.tokens)) <= id {
		f.tokens = append(f.tokens, "")
	}
	if old := f.tokens[id]; old != "" && old != token {
		return fmt.Errorf("id %d is that of %.40q and of %.40q", id, old, token)
	}
	f.tokens[id] = token
	return nil
}
