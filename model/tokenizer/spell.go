package tokenizer

import (
	"slices"
	"strings"
)

// Vocabulary is the tokenizer as a GGUF file keeps it; FromVocabulary makes the same tokenizer of it.
func (t *Tokenizer) Vocabulary() Vocabulary {
	v := Vocabulary{Tokens: slices.Clone(t.special), Version: t.version, Image: t.image}
	for rank := range t.ends {
		v.Tokens = append(v.Tokens, spell(t.Bytes(int32(rank)+t.specials())))
	}
	return v
}

// Merges are the pairs of entries that make an entry together, in the order of its rank, then of theirs: what a reader needs that
// joins bytes by a list of merges instead of by ranks. Both give the same tokens. Source: gguf.vocab.MistralVocab of llama.cpp.
func (t *Tokenizer) Merges() (merges []string) {
	for rank := int32(256); rank < int32(len(t.ends)); rank++ {
		whole := string(t.Bytes(rank + t.specials()))
		type pair struct{ left, right, cut int32 }
		var pairs []pair
		for cut := 1; cut < len(whole); cut++ {
			if left, right := t.rank(whole[:cut]), t.rank(whole[cut:]); left != none && right != none {
				pairs = append(pairs, pair{left, right, int32(cut)})
			}
		}
		slices.SortFunc(pairs, func(a, b pair) int {
			if a.left != b.left {
				return int(a.left - b.left)
			}
			return int(a.right - b.right)
		})
		for _, p := range pairs {
			merges = append(merges, spell([]byte(whole[:p.cut]))+" "+spell([]byte(whole[p.cut:])))
		}
	}
	return merges
}

// spell writes bytes in GPT-2's way, the opposite of spelled.
func spell(data []byte) string {
	var text strings.Builder
	for _, b := range data {
		text.WriteRune(spelling[b])
	}
	return text.String()
}

var spelling = func() (runes [256]rune) {
	for b := range runes {
		runes[b] = rune(b)
	}
	for i, b := range unprintable {
		runes[b] = rune(0x100 + i)
	}
	return runes
}()
