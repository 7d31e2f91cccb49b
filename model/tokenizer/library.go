package tokenizer

import (
	"errors"

	"github.com/sugarme/tokenizer"
	"github.com/sugarme/tokenizer/normalizer"
)

// Library gives this vocabulary as a tokenizer of github.com/sugarme/tokenizer: our split as its PreTokenizer, our
// merges as its Model, no special tokens added. Its ids are those of Encode for valid UTF-8, and it also gives the
// offset of every token; but it keeps two slices per byte of text, which Encode does without.
//
// The library's own parts are not used: its Split cannot look ahead, its BPE orders equal ranks by accident of its
// heap and takes quadratic time on long words.
func (t *Tokenizer) Library() *tokenizer.Tokenizer {
	lib := tokenizer.NewTokenizer(model{t})
	lib.WithPreTokenizer(pretokenizer{t})
	return lib
}

// pretokenizer cuts text where the split pattern does.
type pretokenizer struct{ t *Tokenizer }

func (p pretokenizer) PreTokenize(text *tokenizer.PreTokenizedString) (*tokenizer.PreTokenizedString, error) {
	return text.Split(func(_ int, whole *normalizer.NormalizedString) []tokenizer.SplitIdx {
		split := splitter{whole.GetNormalized(), p.t.classify}
		var pieces []tokenizer.SplitIdx
		for i := 0; i < len(split.text); {
			end := split.next(i)
			n := normalizer.NewNormalizedFrom(split.text[i:end])
			n = normalizer.NewNormalizedString(n.GetOriginal(), n.GetNormalized(), n.Alignments(), n.AlignmentsOriginal(), whole.Shift()+i)
			pieces = append(pieces, tokenizer.SplitIdx{Normalized: n})
			i = end
		}
		return pieces
	}), nil
}

// model merges the bytes of one piece. The library's name of a token is its byte string.
type model struct{ t *Tokenizer }

func (m model) Tokenize(piece string) ([]tokenizer.Token, error) {
	ids := m.t.appendPiece(nil, piece, new(chain))
	tokens := make([]tokenizer.Token, 0, len(ids))
	start := 0
	for _, id := range ids {
		end := start + len(m.t.Bytes(id))
		tokens = append(tokens, tokenizer.NewToken(int(id), piece[start:end], []int{start, end}))
		start = end
	}
	return tokens, nil
}

func (m model) TokenToId(token string) (int, bool) {
	if rank := m.t.rank(token); rank != none {
		return int(rank + m.t.specials()), true
	}
	id, ok := m.t.Special(token)
	return int(id), ok
}

func (m model) IdToToken(id int) (string, bool) {
	if id < 0 || id >= m.t.VocabSize() {
		return "", false
	}
	if id < m.t.NumSpecial() {
		return m.t.special[id], true
	}
	return string(m.t.Bytes(int32(id))), true
}

func (m model) GetVocab() map[string]int {
	vocab := make(map[string]int, m.t.VocabSize())
	for name, id := range m.t.names {
		vocab[name] = int(id)
	}
	for token, rank := range m.t.ranks {
		vocab[token] = int(rank + m.t.specials())
	}
	return vocab
}

func (m model) GetVocabSize() int { return m.t.VocabSize() }

// Save is refused: the vocabulary is the file it was read from.
func (m model) Save(string, ...string) error {
	return errors.New("save tokenizer: a tekken.json is only read; copy the file it came from instead")
}
