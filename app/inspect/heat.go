package inspect

import "sirocco/model/chat"

// pageAttention is a look back as a page shows it.
type pageAttention struct {
	Number   int // of the token, from 1
	Text     string
	Share    float64
	Pictures []pageHeat
}

// pageHeat is a picture under the patches that were attended to.
type pageHeat struct {
	Image         *chat.Image // nil where the file is gone
	Rows, Columns int
	Patches       []pagePatch
}

// pagePatch is a patch's place in the grid and how much of it the warm colour covers.
type pagePatch struct {
	Row, Column int
	Cover       float32
}

const (
	faint = 0.1 // heat below which a page leaves a patch out: nobody would see it
	cover = 0.75
)

// pageAttentions are the looks back of a round for a page.
func pageAttentions(t *Turn, r *Round) (list []pageAttention) {
	for _, g := range r.Attentions {
		out := pageAttention{Number: g.Token + 1, Share: g.Share()}
		if g.Token < len(r.Tokens) {
			out.Text = r.Tokens[g.Token].Text
		}
		for k, heat := range Heat(g.AttentionMap) {
			if k < len(r.Prompt.Images) {
				out.Pictures = append(out.Pictures, heated(r.Prompt.Images[k], Picture(t.Messages(r.Index), k), heat))
			}
		}
		list = append(list, out)
	}
	return list
}

func heated(grid chat.Grid, image *chat.Image, heat []float32) pageHeat {
	out := pageHeat{Image: image, Rows: grid.Rows, Columns: grid.Columns}
	for i, h := range heat {
		if h >= faint {
			out.Patches = append(out.Patches, pagePatch{i / max(grid.Columns, 1), i % max(grid.Columns, 1), cover * h})
		}
	}
	return out
}

// Picture is number k of a conversation, nil where its file is gone.
func Picture(messages []chat.Message, k int) *chat.Image {
	for _, m := range messages {
		for _, part := range m.Parts {
			if part.Image == nil {
				continue
			}
			if k == 0 && len(part.Image.Data) > 0 {
				return part.Image
			}
			k--
		}
	}
	return nil
}
