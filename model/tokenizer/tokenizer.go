// Package tokenizer turns text into token ids and token ids into text, with the vocabulary of a tekken.json file
// (Mistral's byte-level BPE, versions v3, v7, v11 and v13). Its ids are those of mistral-common on every text that
// mistral-common can encode; where that gives up (a million blanks in a row), they are what the rules say.
//
// Text never becomes a special token: "[INST]" typed by a user is encoded as six ordinary characters. The special
// ids are only reached by name, through Special. No id is added in front of or behind a text.
//
// Read this file first, then split.go (how text is cut into pieces) and merge.go (how a piece becomes ids).
// library.go offers the same two steps as a tokenizer of github.com/sugarme/tokenizer, with offsets.
//
// Source of the format and the rules: mistralai/mistral-common, src/mistral_common/tokens/tokenizers/tekken.py.
package tokenizer

import (
	"fmt"
	"os"
	"unicode/utf8"
)

// Tokenizer is a loaded vocabulary. It is immutable, so any number of goroutines may use it at once.
//
// An id below NumSpecial is a special token; the others are NumSpecial + rank, where the rank is the place of a
// byte string in the vocabulary. Ranks 0 to 255 are the single bytes, so every text can be encoded.
type Tokenizer struct {
	version       string
	special       []string         // names of the special tokens, by id
	names         map[string]int32 // their ids, by name
	ranks         map[string]int32 // byte string → rank
	bytes         []byte           // all byte strings one after the other, in the order of their ranks
	text          string           // the same bytes, for answers that are strings
	ends          []uint32         // rank → end of its byte string in bytes; it starts where the one before ends
	maxTokenBytes int              // bytes of the longest entry
	image         *ImageConfig
	classify      *[0x110000]class
}

// ImageConfig is the file's `image` (or, up to v11, `multimodal`) block: how pictures are cut for this model.
type ImageConfig struct {
	PatchSize int // pixels of a patch's side
	MaxSize   int // longest side of a picture in pixels; larger ones are shrunk to it
	Merge     int // patches per token along each side
}

// largestFile is refused by Open without reading it: the largest real file has 19 MB.
const largestFile = 256 << 20

// Open reads a tekken.json file.
func Open(path string) (*Tokenizer, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open tokenizer: %w", err)
	}
	if info.Size() > largestFile {
		return nil, fmt.Errorf("open tokenizer %s: %d bytes is far more than any tekken.json; is this another file?", path, info.Size())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("open tokenizer: %w", err)
	}
	t, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("open tokenizer %s: %w", path, err)
	}
	return t, nil
}

// Encode gives the ids of a text. Invalid UTF-8 is first replaced as Python's decode(errors="replace") does.
func (t *Tokenizer) Encode(text string) []int32 {
	return t.AppendEncode(make([]int32, 0, len(text)/4+4), text)
}

// AppendEncode appends the ids of a text to dst. Beside dst it allocates a few times per call, however long the text:
// room to merge its longest piece in, and a copy if it is not UTF-8.
func (t *Tokenizer) AppendEncode(dst []int32, text string) []int32 {
	dst, _ = t.AppendEncodeWhile(dst, text, nil)
	return dst
}

// MinTokens is a lower bound of the ids of a text of so many bytes: none stands for more bytes than the longest entry.
func (t *Tokenizer) MinTokens(bytes int) int { return bytes / max(1, t.maxTokenBytes) }

// stretch is the number of bytes after which a long encoding asks whether to go on.
const stretch = 16 << 10

// AppendEncodeWhile is AppendEncode that can end early: after every stretch of text it asks more, with the number of ids so far.
// It reports whether the text was encoded whole. A nil more never ends it.
func (t *Tokenizer) AppendEncodeWhile(dst []int32, text string, more func(ids int) bool) (ids []int32, whole bool) {
	if !utf8.ValidString(text) {
		text = string(appendReplaced(nil, []byte(text)))
	}
	split := splitter{text, t.classify}
	var room chain
	asked := 0
	for i := 0; i < len(text); {
		if more != nil && i-asked >= stretch {
			if asked = i; !more(len(dst)) {
				return dst, false
			}
		}
		end := split.next(i)
		dst = t.appendPiece(dst, text[i:end], &room)
		i = end
	}
	return dst, true
}

// VocabSize is the number of ids: special ones and byte strings together.
func (t *Tokenizer) VocabSize() int { return len(t.special) + len(t.ends) }

// NumSpecial is the number of special ids, which are 0 to NumSpecial-1.
func (t *Tokenizer) NumSpecial() int { return len(t.special) }

// Version is the file's version, "v11" for Mistral Small 3.2. It decides the chat template.
func (t *Tokenizer) Version() string { return t.version }

// Image is the file's image block, or nil when it has none.
func (t *Tokenizer) Image() *ImageConfig { return t.image }

// IsSpecial says whether an id is a special token's.
func (t *Tokenizer) IsSpecial(id int32) bool { return id >= 0 && id < t.specials() }

// Special gives the id of a special token by its name, "[INST]" → 3.
func (t *Tokenizer) Special(name string) (int32, bool) {
	id, ok := t.names[name]
	return id, ok
}

// Bytes gives the byte string of an id, which must not be modified; nil for special ids and ids that do not exist.
func (t *Tokenizer) Bytes(id int32) []byte {
	start, end, ok := t.span(id)
	if !ok {
		return nil
	}
	return t.bytes[start:end:end]
}

// specials is NumSpecial as the distance between ranks and ids.
func (t *Tokenizer) specials() int32 { return int32(len(t.special)) }

// span gives where the byte string of an ordinary id lies in bytes and text.
func (t *Tokenizer) span(id int32) (start, end uint32, ok bool) {
	rank := int(id) - len(t.special)
	if rank < 0 || rank >= len(t.ends) {
		return 0, 0, false
	}
	if rank > 0 {
		start = t.ends[rank-1]
	}
	return start, t.ends[rank], true
}

// ID finds the token that stands for exactly these bytes.
func (t *Tokenizer) ID(bytes string) (int32, bool) {
	rank := t.rank(bytes)
	if rank == none {
		return 0, false
	}
	return rank + t.specials(), true
}
