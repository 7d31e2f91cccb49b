package chat

import "context"

// AttentionProvider is an engine that can tell where it looked. Only one that computes itself
// can: servers do not tell.
type AttentionProvider interface {
	// Look replays one position: ids are the exact tokens of the request's prompt,
	// then those of the answer that had been said when the token asked about was
	// chosen. It is an error when the request makes another prompt than ids begin
	// with, as it does with another tokenizer.
	Attention(ctx context.Context, request *Request, ids []int32) (*AttentionMap, error)
}

// AttentionMap is how much a position attended to the prompt's pictures: the softmax of the
// attention scores over all positions, averaged over heads and over the last third
// of the layers. It says what the model read from there, not why it said what it
// said.
type AttentionMap struct {
	// Pictures has one weight for each [IMG] token of each picture, row by row
	// without the breaks. With the weights of all other positions they add up to one.
	Pictures [][]float32 `json:"pictures"`
}

// Share is the part of all attention that went to the pictures, 0 to 1.
func (l *AttentionMap) Share() (share float64) {
	for _, picture := range l.Pictures {
		for _, w := range picture {
			share += float64(w)
		}
	}
	return share
}
