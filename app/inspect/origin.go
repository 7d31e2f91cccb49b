package inspect

import (
	"fmt"
	"strings"

	"sirocco/model/chat"
)

// Origin is one source of prompt tokens and what it costs.
type Origin struct {
	Kind   string // a Span's kind
	Tokens int
	Share  float64 // of the whole prompt, 0 to 1
}

// PromptToken is one token of a prompt with where it came from.
type PromptToken struct {
	ID      int32
	Kind    string // a Span's kind
	Message int
	// Picture is the number of the picture it belongs to, from 0, or -1; Row and
	// Column are its place in the picture's grid, Column = the grid's columns for
	// the break behind a row.
	Picture, Row, Column int
	Cached               bool
	New                  bool // not in the prompt of the turn before
}

// Origins sums up a prompt by source, in the order of first appearance.
func Origins(p *chat.Prompt) []Origin {
	var list []Origin
	at := map[string]int{}
	for _, span := range p.Spans {
		i, known := at[span.Kind]
		if !known {
			i = len(list)
			at[span.Kind] = i
			list = append(list, Origin{Kind: span.Kind})
		}
		list[i].Tokens += span.End - span.Start
	}
	for i := range list {
		list[i].Share = float64(list[i].Tokens) / float64(max(len(p.IDs), 1))
	}
	return list
}

// PromptTokens lays a prompt out token by token. before is the prompt of the turn
// before, or nil; what both begin with is not new. Spans that do not fit the ids,
// as a file may have them, are cut.
func PromptTokens(p *chat.Prompt, cached int, before []int32) []PromptToken {
	tokens := make([]PromptToken, len(p.IDs))
	same := common(p.IDs, before)
	for i, id := range p.IDs {
		tokens[i] = PromptToken{ID: id, Message: -1, Picture: -1, Cached: i < cached, New: before != nil && i >= same}
	}
	picture := -1
	for _, span := range p.Spans {
		place := 0
		for i := max(span.Start, 0); i < min(span.End, len(tokens)); i++ {
			tokens[i].Kind, tokens[i].Message = span.Kind, span.Message
			if span.Kind != "image" {
				continue
			}
			if place == 0 {
				picture++
			}
			place = tokens[i].patchIndex(p.Images, picture, place)
		}
	}
	return tokens
}

// patchIndex puts a token at a place in a picture and returns the place of the next
// one: 0 where another picture begins in the same span.
func (t *PromptToken) patchIndex(grids []chat.Grid, picture, place int) int {
	t.Picture = picture
	if picture >= len(grids) {
		return place + 1
	}
	grid := grids[picture]
	t.Row, t.Column = place/(max(grid.Columns, 0)+1), place%(max(grid.Columns, 0)+1)
	if place+1 == grid.Tokens {
		return 0
	}
	return place + 1
}

// common is how many ids two sequences begin with together.
func common(a, b []int32) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// PromptText is a prompt as text, control tokens by name.
func PromptText(p *chat.Prompt, words Vocabulary) string {
	var out []byte
	for _, id := range p.IDs {
		out = append(out, words.Piece(id)...)
	}
	return string(out)
}

// PromptIDs is a prompt as a JSON list of ids.
func PromptIDs(p *chat.Prompt) string {
	out := []byte{'['}
	for i, id := range p.IDs {
		if i > 0 {
			out = append(out, ", "...)
		}
		out = fmt.Append(out, id)
	}
	return string(append(out, ']'))
}

// Find is the first token at or behind from where a text begins, wrapping round,
// -1 for none. The text may run over several tokens.
func Find(tokens []PromptToken, words Vocabulary, text string, from int) int {
	var all strings.Builder
	starts := make([]int, len(tokens))
	for i, token := range tokens {
		starts[i] = all.Len()
		all.WriteString(words.Piece(token.ID))
	}
	if len(tokens) == 0 || text == "" {
		return -1
	}
	from = min(max(from, 0), len(tokens)-1)
	whole, wanted := strings.ToLower(all.String()), strings.ToLower(text)
	if len(whole) != all.Len() { // a letter whose other case is longer: places would shift
		whole, wanted = all.String(), text
	}
	at := strings.Index(whole[starts[from]:], wanted)
	if at >= 0 {
		at += starts[from]
	} else if at = strings.Index(whole, wanted); at < 0 {
		return -1
	}
	return search(len(tokens), func(i int) bool { return starts[i] > at }) - 1
}
