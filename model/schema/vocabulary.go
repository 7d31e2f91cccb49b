package schema

import (
	"bytes"
	"cmp"
	"slices"
)

// Tokens is what a mask needs to know of a tokenizer: how many ids there are, and the bytes that each stands for (nil for
// control tokens, which a schema never allows).
type Tokens interface {
	VocabSize() int
	Bytes(id int32) []byte
}

// Vocabulary is a tokenizer prepared for masks. Make it once; it is safe for concurrent use.
type Vocabulary struct {
	size   int
	end    int32 // the id that ends a text
	tokens Tokens
	all    trie
	quotes trie // the tokens with a quotation mark: the only ones that can leave a string

	inside        []uint32  // tokens that may stand inside any string: whole characters or part of one, no quotation mark
	long          []measure // the same tokens by the characters that they begin, longest first
	spaced        []measure // tokens that begin with white space by how much of it, longest first
	maxTokenBytes int       // the most characters that such a token begins
	single        [256]int32
}

// measure is a token and a length.
type measure struct {
	id, n int32
}

// trie is a prefix tree in preorder: node i has a byte, a depth, and the index behind its last descendant.
type trie struct {
	bytes []byte
	depth []uint8
	skip  []int32
	token []int32 // the id that ends at the node, or -1
	twin  map[int32][]int32
}

// NewVocabulary prepares a tokenizer. end is the id that Mask allows where the JSON text is complete, -1 for none.
func NewVocabulary(tokens Tokens, end int32) *Vocabulary {
	v := &Vocabulary{size: tokens.VocabSize(), end: end, tokens: tokens}
	v.inside = make([]uint32, v.Words())
	ids := make([]int32, 0, v.size)
	var quoted []int32
	for i := range v.single {
		v.single[i] = -1
	}
	for id := range int32(v.size) {
		b := tokens.Bytes(id)
		if len(b) == 0 || len(b) > 250 {
			continue
		}
		ids = append(ids, id)
		if len(b) == 1 && v.single[b[0]] < 0 {
			v.single[b[0]] = id
		}
		if bytes.IndexByte(b, '"') >= 0 {
			quoted = append(quoted, id)
		}
		v.measure(id, b)
	}
	byLength := func(a, b measure) int { return cmp.Compare(b.n, a.n) }
	slices.SortFunc(v.long, byLength)
	if len(v.long) > 0 {
		v.maxTokenBytes = int(v.long[0].n)
	}
	slices.SortFunc(v.spaced, byLength)
	v.all, v.quotes = newTrie(tokens, ids), newTrie(tokens, quoted)
	return v
}

// Words is the length of a mask: one bit per id, the least significant first.
func (v *Vocabulary) Words() int { return (v.size + 31) / 32 }

// measure notes what can be known of a token for itself.
func (v *Vocabulary) measure(id int32, b []byte) {
	n := 0
	for n < len(b) && isSpace(b[n]) {
		n++
	}
	if n > 0 {
		v.spaced = append(v.spaced, measure{id, int32(n)})
	}
	mode, chars := plain, int32(0)
	for _, c := range b {
		if mode == plain {
			if chars++; c == '"' {
				return
			}
		}
		next, _, _, ok := readChar(mode, c)
		if !ok || next != plain && emptySpans(reach(next)) {
			return
		}
		mode = next
	}
	v.inside[id>>5] |= 1 << (id & 31)
	v.long = append(v.long, measure{id, chars})
}

func emptySpans(s [3]span) bool {
	return s[0].lo > s[0].hi && s[1].lo > s[1].hi && s[2].lo > s[2].hi
}

func newTrie(tokens Tokens, ids []int32) trie {
	slices.SortFunc(ids, func(a, b int32) int {
		if c := bytes.Compare(tokens.Bytes(a), tokens.Bytes(b)); c != 0 {
			return c
		}
		return cmp.Compare(a, b)
	})
	t := trie{twin: map[int32][]int32{}}
	var path []int32 // open nodes, one per byte of the last token
	var last []byte
	for _, id := range ids {
		b := tokens.Bytes(id)
		same := 0
		for same < len(b) && same < len(last) && b[same] == last[same] {
			same++
		}
		if same == len(b) {
			first := t.token[path[same-1]]
			t.twin[first] = append(t.twin[first], id)
			continue
		}
		t.closeFrom(path[same:])
		path = path[:same]
		for i := same; i < len(b); i++ {
			path = append(path, int32(len(t.bytes)))
			t.bytes, t.depth = append(t.bytes, b[i]), append(t.depth, uint8(i))
			t.skip, t.token = append(t.skip, 0), append(t.token, -1)
		}
		t.token[len(t.token)-1] = id
		last = b
	}
	t.closeFrom(path)
	return t
}

// set sets the bits of a token and of those with the same bytes.
func (t *trie) set(mask []uint32, id int32) {
	mask[id>>5] |= 1 << (id & 31)
	if len(t.twin) == 0 {
		return
	}
	for _, id := range t.twin[id] {
		mask[id>>5] |= 1 << (id & 31)
	}
}

func (t *trie) closeFrom(nodes []int32) {
	for _, n := range nodes {
		t.skip[n] = int32(len(t.bytes))
	}
}
