package tokenizer

import (
	"encoding/base64"
	"errors"
	"fmt"
)

// maxTokenBytes bounds the bytes of one entry, so that looking up neighbours stays cheap; real ones have up to 78.
const maxTokenBytes = 1024

// entry is one element of vocab as it is read; text is base64.
type entry struct {
	rank int64
	text []byte
}

// readVocab reads the entries that get an id and only checks the grammar of the others.
func (f *file) readVocab() error {
	f.vocabAt = -1
	want := f.config.entries()
	room := min(want, len(f.data)/32) // no entry is shorter than 32 bytes
	f.ends, f.bytes = make([]uint32, 0, room), make([]byte, 0, 8*room)
	var e entry
	field := func(key []byte) (err error) { return f.readEntryField(&e, key) }
	err := f.array(func(i int) error {
		if i >= want {
			return f.skip()
		}
		e = entry{rank: -1}
		err := f.object(field)
		if err == nil {
			err = f.addEntry(i, e)
		}
		if err != nil {
			return at(fmt.Sprintf("[%d]", i), err)
		}
		return nil
	})
	if err != nil {
		return at("vocab", err)
	}
	if len(f.ends) < want {
		return fmt.Errorf("vocab has %d entries, but config.default_vocab_size asks for %d", len(f.ends), want)
	}
	return nil
}

func (f *file) readEntryField(e *entry, key []byte) (err error) {
	switch string(key) {
	case "rank":
		e.rank, err = f.integer()
	case "token_bytes":
		e.text, err = f.content()
	default: // token_str is the same bytes for people to read
		return f.skip()
	}
	if err != nil {
		return at(string(key), err)
	}
	return nil
}

// addEntry checks one entry and keeps its bytes.
func (f *file) addEntry(i int, e entry) error {
	switch {
	case e.rank < 0:
		return errors.New("rank is missing")
	case e.rank != int64(i):
		return fmt.Errorf("rank is %d; ranks must count up from 0 without gaps", e.rank)
	case e.text == nil:
		return errors.New("token_bytes is missing")
	case len(e.text) == 0 || base64.StdEncoding.DecodedLen(len(e.text)) > maxTokenBytes:
		return fmt.Errorf("token_bytes is empty or too long (%d characters of base64)", len(e.text))
	}
	start := len(f.bytes)
	bytes, err := base64.StdEncoding.AppendDecode(f.bytes, e.text)
	if err != nil {
		return fmt.Errorf("token_bytes is not base64: %w", err)
	}
	if i < 256 && (len(bytes) != start+1 || bytes[start] != byte(i)) {
		return fmt.Errorf("token_bytes is %q; the first 256 entries must be the single bytes in order", bytes[start:])
	}
	f.bytes, f.ends = bytes, append(f.ends, uint32(len(bytes)))
	return nil
}
