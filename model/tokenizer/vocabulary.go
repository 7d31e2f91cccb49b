package tokenizer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Vocabulary is a Tekken vocabulary as formats other than tekken.json keep it: a name for every id, byte strings in the
// spelling of GPT-2, which has a printable character for each byte.
type Vocabulary struct {
	Tokens  []string     // by id: the special ones, the 256 single bytes in order, then byte strings by rank
	Version string       // of the tekken.json behind it, where that is known
	Hints   []string     // texts that may tell the version otherwise: the model's name, its chat template
	Image   *ImageConfig // nil for a text-only model
}

// FromVocabulary makes the tokenizer of a vocabulary. Its ids are those of the tekken.json that the vocabulary was made from:
// id minus number of special tokens is the rank there, so no list of merges is needed.
//
// Special tokens are known by their ids alone. What a file calls them is not trusted: many conversions of Mistral Small 3.2
// call 32 and 33 <SPECIAL_32> and <SPECIAL_33>, because they were made with the tokenizer of 3.1.
func FromVocabulary(v Vocabulary) (*Tokenizer, error) {
	specials := slices.Index(v.Tokens, "Ā") // byte 0 in GPT-2's spelling
	switch {
	case len(v.Tokens) > maxEntries:
		return nil, fmt.Errorf("%d tokens are more than the %d a vocabulary may have", len(v.Tokens), maxEntries)
	case specials < len(unlisted) || specials > maxSpecials || len(v.Tokens) < specials+256:
		return nil, errors.New("this is no Tekken vocabulary: it does not begin with special tokens that the 256 single bytes follow")
	}
	t := &Tokenizer{version: v.version(), image: v.Image, classify: classes(), names: make(map[string]int32, specials)}
	for id := range specials {
		name := specialName(id, generation(t.version))
		t.special, t.names[name] = append(t.special, name), int32(id)
	}
	for rank, token := range v.Tokens[specials:] {
		if err := t.add(rank, token); err != nil {
			return nil, fmt.Errorf("token %d: %w", specials+rank, err)
		}
	}
	t.text = string(t.bytes)
	return t, t.index()
}

// add appends the bytes of one token.
func (t *Tokenizer) add(rank int, token string) error {
	start := len(t.bytes)
	for _, r := range token {
		b, ok := spelled(r)
		if !ok {
			return fmt.Errorf("%.40q is not in GPT-2's spelling of bytes", token)
		}
		t.bytes = append(t.bytes, b)
	}
	piece := t.bytes[start:]
	switch {
	case len(piece) == 0 || len(piece) > maxTokenBytes:
		return fmt.Errorf("it is empty or too long (%d bytes)", len(piece))
	case rank < 256 && (len(piece) != 1 || piece[0] != byte(rank)):
		return fmt.Errorf("%.40q stands where byte %d belongs; this is no Tekken vocabulary", token, rank)
	}
	t.ends = append(t.ends, uint32(len(t.bytes)))
	return nil
}

// specialName is what tekken.json calls a special id.
func specialName(id, generation int) string {
	switch {
	case id < len(unlisted) && (generation > 3 || id < 17):
		return unlisted[id]
	case id == 32 && generation >= 11:
		return "[ARGS]"
	case id == 33 && generation >= 11:
		return "[CALL_ID]"
	}
	return fmt.Sprintf("<SPECIAL_%d>", id)
}

// version tells which template the vocabulary is used with. Only v11 and later know [ARGS]; a vocabulary that does not name it
// may still belong to such a model, which its template or its name then says.
func (v Vocabulary) version() string {
	named := func(id int, name string) bool { return id < len(v.Tokens) && v.Tokens[id] == name }
	hint := func(word string) bool {
		return slices.ContainsFunc(v.Hints, func(text string) bool { return strings.Contains(text, word) })
	}
	switch {
	case generation(v.Version) > 0:
		return v.Version
	case named(17, "<SPECIAL_17>"):
		return "v3"
	case named(34, "[THINK]"), hint("[THINK]"):
		return "v13"
	case named(32, "[ARGS]"), hint("[ARGS]"), hint("3.2"), hint("2506"):
		return "v11"
	case hint("[SYSTEM_PROMPT]"), hint("3.1"), hint("2503"), hint("2501"):
		return "v7"
	}
	return "v11"
}

// spelled is the byte that a character stands for: printable ones for themselves, the others for characters from U+0100 on, in
// their order.
func spelled(r rune) (byte, bool) {
	switch {
	case r < 0x100 && printable(byte(r)):
		return byte(r), true
	case r >= 0x100 && int(r-0x100) < len(unprintable):
		return unprintable[r-0x100], true
	}
	return 0, false
}

func printable(b byte) bool {
	return b >= '!' && b <= '~' || b >= 0xa1 && b != 0xad
}

var unprintable = func() (list []byte) {
	for b := range 256 {
		if !printable(byte(b)) {
			list = append(list, byte(b))
		}
	}
	return list
}()
