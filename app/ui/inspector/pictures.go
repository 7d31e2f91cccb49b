//go:build !headless

package inspector

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
	"sirocco/app/inspect"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// picturesPane shows the pictures as the patches the model sees, and for a chosen
// token of the answer where it looked.
type picturesPane struct {
	i          *Inspector
	object     fyne.CanvasObject
	pictures   *fyne.Container
	about      *widget.Label // the patch under the pointer
	why        *widget.Label
	answerText *widget.Label // what the chosen token looked at
	flow       *flow         // the answer's tokens
	views      []*patches
	of         *inspect.Round
	tokens     int
	live       bool
	selected   int
	stop       context.CancelFunc
}

func newPicturesPane(i *Inspector) *picturesPane {
	p := &picturesPane{i: i, pictures: container.NewVBox(), about: muted(" "), why: muted(""), answerText: widget.NewLabel(""), selected: -1}
	p.why.Wrapping, p.answerText.Wrapping = fyne.TextWrapWord, fyne.TextWrapWord
	p.about.Truncation = fyne.TextTruncateEllipsis
	p.flow = newFlow(i.lap, func(int, float32, float32) {}, p.selectToken)
	caution := muted(i18n.T("Attention, not proof: it says what the model read, not why it said what it said. Averaged over the heads of the last third of the layers."))
	caution.Wrapping = fyne.TextWrapWord
	side := container.NewBorder(container.NewVBox(bold(i18n.T("Where it looked")), p.why, p.answerText), caution, nil, nil, p.flow)
	left := container.NewBorder(p.about, nil, nil, nil, container.NewScroll(pad(p.pictures)))
	split := container.NewHSplit(left, side)
	split.Offset = 0.62
	p.object = split
	return p
}

// show draws the pictures of the chosen round, if they are not what is drawn.
func (p *picturesPane) show() {
	r := p.i.answer()
	if r == nil || r.Prompt == nil {
		p.none(i18n.T("This engine does not tell the tokens of its prompt, or it has not been built yet."))
		return
	}
	if r == p.of && len(r.Tokens) == p.tokens && p.i.view.Live == p.live {
		return
	}
	if r != p.of {
		p.selected = -1
		p.load(r)
	}
	p.of, p.tokens, p.live = r, len(r.Tokens), p.i.view.Live
	p.flow.set(tokenBoxes(r))
	p.update()
}

// none clears the pane and says why.
func (p *picturesPane) none(why string) {
	p.of, p.views, p.pictures.Objects = nil, nil, nil
	p.why.SetText(why)
	p.answerText.SetText("")
	p.flow.set(nil)
	p.pictures.Refresh()
}

// load cuts the pictures up in the background: each is decoded.
func (p *picturesPane) load(r *inspect.Round) {
	p.views, p.pictures.Objects = nil, nil
	p.pictures.Refresh()
	prompt, encoded, messages := r.Prompt, r.Images, p.i.view.Messages(p.i.round)
	crash.Go(func() {
		grids := make([]*grid, len(prompt.Images))
		for k, g := range prompt.Images {
			grids[k] = newGrid(g, 600, 40)
			grids[k].image = grids[k].decode(inspect.Picture(messages, k))
		}
		p.i.do("pictures", func() {
			if p.of != r {
				return
			}
			for k, g := range grids {
				v := newPatches(g, func(row, column int) { p.over(k, row, column) })
				p.views = append(p.views, v)
				caption := container.NewHBox(bold(i18n.T("Picture %d", k+1)), muted(facts(prompt.Images[k], encoded, k)))
				p.pictures.Add(container.NewVBox(caption, container.New(layout.NewCustomPaddedLayout(0, 12, 8, 0), container.NewHBox(v))))
			}
			p.pictures.Refresh()
			p.update()
		})
	})
}

// facts are a picture's size and cost.
func facts(g chat.Grid, encoded []chat.ImageEncoded, k int) string {
	text := i18n.T("%d × %d pixels · %d × %d patches · %d tokens", g.Width, g.Height, g.Columns, g.Rows, g.Tokens)
	for _, e := range encoded {
		if e.Index == k && e.Cached {
			text += " · " + i18n.T("from the cache")
		} else if e.Index == k {
			text += " · " + fmt.Sprintf("%.2f s", e.Seconds)
		}
	}
	return text
}

// over says which patch is under the pointer, and how much of the chosen token's
// attention it had.
func (p *picturesPane) over(k, row, column int) {
	if row < 0 {
		p.about.SetText(" ")
		return
	}
	text := i18n.T("picture %d · row %d, column %d", k+1, row+1, column+1)
	if g := p.attention(); g != nil && k < len(g.Pictures) {
		if at := row*p.views[k].grid.columns + column; at < len(g.Pictures[k]) {
			text += " · " + i18n.T("%s of the attention", inspect.Percent(float64(g.Pictures[k][at])))
		}
	}
	p.about.SetText(text)
}

// attention is what is known of the chosen token, nil for nothing.
func (p *picturesPane) attention() *inspect.Attention {
	if p.of == nil || p.selected < 0 {
		return nil
	}
	return p.of.AttentionAt(p.selected)
}

// selectToken looks back from a token, once.
func (p *picturesPane) selectToken(n int) {
	if p.of == nil || n < 0 || n >= len(p.of.Tokens) || p.i.controller.WhyNoAttention(p.i.view, p.i.round) != "" {
		return
	}
	p.selected = n
	p.update()
	if p.of.AttentionAt(n) != nil {
		return
	}
	if p.stop != nil {
		p.stop()
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	view, round, r := p.i.view, p.i.round, p.of
	crash.Go(func() {
		defer cancel()
		attention, err := p.i.controller.Attention(ctx, view, round, n)
		p.i.do("look", func() {
			switch {
			case err == nil:
				r.AddAttention(attention)
			case ctx.Err() == nil && p.of == r:
				p.selected = -1
				p.i.fail(err)
			}
			p.update()
		})
	})
}

// update draws what is known of the chosen token.
func (p *picturesPane) update() {
	reason := p.i.controller.WhyNoAttention(p.i.view, p.i.round)
	if reason == "" && p.selected < 0 {
		reason = i18n.T("Click a word of the answer.")
	}
	p.why.SetText(reason)
	p.why.Hidden = reason == ""
	if p.flow.selected != p.selected {
		p.flow.selectBox(p.selected)
	}
	p.answerText.SetText(p.summary())
	p.answerText.Hidden = p.answerText.Text == ""
	var heat [][]float32
	if g := p.attention(); g != nil {
		heat = inspect.Heat(g.AttentionMap)
	}
	for k, v := range p.views {
		if k < len(heat) {
			v.warm(heat[k])
		} else {
			v.warm(nil)
		}
	}
}

// summary is a sentence about the chosen token.
func (p *picturesPane) summary() string {
	if p.of == nil || p.selected < 0 || p.selected >= len(p.of.Tokens) {
		return ""
	}
	said := inspect.Shown(p.of.Tokens[p.selected].Text)
	g := p.attention()
	if g == nil {
		return i18n.T("Replaying the place before “%s”…", said)
	}
	return i18n.T("When it chose “%s”, %s of its attention went to the pictures.", said, inspect.Percent(g.Share()))
}

// tokenBoxes are an answer's tokens, the darker the less likely.
func tokenBoxes(r *inspect.Round) []box {
	boxes := make([]box, len(r.Tokens))
	for n, token := range r.Tokens {
		boxes[n] = box{Piece: inspect.Piece{Text: inspect.Shown(token.Text), Break: strings.HasSuffix(token.Text, "\n")}, fill: surprise(token.Logprob), red: token.Wanted != nil}
	}
	return boxes
}
