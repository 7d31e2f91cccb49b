package inspect

import (
	"errors"
	"math"
	"slices"

	"sirocco/model/chat"
)

// Attention is where the model looked when it chose a token of an answer.
type Attention struct {
	Token int // of the round
	*chat.AttentionMap
}

// AttentionRequest is what an engine is asked to find out where the model looked when it chose
// a token: the request of the round, and the exact tokens before that one.
func (t *Turn) AttentionRequest(round, token int) (*chat.Request, []int32, error) {
	if round >= len(t.Rounds) || token < 0 || token >= len(t.Rounds[round].Tokens) {
		return nil, nil, errors.New("looking back: the token is not of this turn")
	}
	r := t.Rounds[round]
	if r.Prompt == nil || len(r.Prompt.IDs) == 0 {
		return nil, nil, errors.New("looking back: nobody knows the tokens of this prompt")
	}
	ids := slices.Clone(r.Prompt.IDs)
	for _, before := range r.Tokens[:token] {
		ids = append(ids, before.ID)
	}
	return t.copy(round), ids, nil
}

// AddAttention remembers where the model looked, for the window and for a page; the last
// look at a token counts.
func (r *Round) AddAttention(g *Attention) {
	r.Attentions = slices.DeleteFunc(r.Attentions, func(old *Attention) bool { return old.Token == g.Token })
	r.Attentions = append(r.Attentions, g)
}

// StoredAttention is a look back as a file has it.
type StoredAttention struct {
	Round int `json:"round"`
	Token int `json:"token"` // of the round
	chat.AttentionMap
}

// Looks are all that were kept of a turn, for a file.
func (t *Turn) Looks() (list []StoredAttention) {
	for _, r := range t.Rounds {
		for _, g := range r.Attentions {
			list = append(list, StoredAttention{r.Index, g.Token, *g.AttentionMap})
		}
	}
	return list
}

// addStored takes looks from a file; one that is at no token of the turn, or does not have a
// weight for every patch, is left out.
func (t *Turn) addStored(looks []StoredAttention) {
	for _, l := range looks {
		if l.Round < 0 || l.Round >= len(t.Rounds) || l.Token < 0 || l.Token >= len(t.Rounds[l.Round].Tokens) {
			continue
		}
		if r := t.Rounds[l.Round]; r.Prompt != nil && covers(l.Pictures, r.Prompt.Images) {
			r.AddAttention(&Attention{l.Token, &l.AttentionMap})
		}
	}
}

// covers tells whether there is a weight for each patch of each picture.
func covers(weights [][]float32, grids []chat.Grid) bool {
	for k, grid := range grids {
		if k >= len(weights) || len(weights[k]) != grid.Rows*grid.Columns {
			return false
		}
	}
	return len(weights) == len(grids)
}

// AttentionAt is what was kept of a token, nil for nothing.
func (r *Round) AttentionAt(token int) *Attention {
	for _, g := range r.Attentions {
		if g.Token == token {
			return g
		}
	}
	return nil
}

// Heat scales the weights of a look's pictures for the eye: the patch that was
// attended to most, over all pictures, is 1, and the others are the square roots of
// their parts of it, because attention falls off steeply.
func Heat(l *chat.AttentionMap) [][]float32 {
	most := float32(0)
	for _, picture := range l.Pictures {
		for _, w := range picture {
			most = max(most, w)
		}
	}
	heat := make([][]float32, len(l.Pictures))
	for k, picture := range l.Pictures {
		heat[k] = make([]float32, len(picture))
		for i, w := range picture {
			if most > 0 && w > 0 {
				heat[k][i] = float32(math.Sqrt(float64(w / most)))
			}
		}
	}
	return heat
}
