//go:build !headless

package inspector

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/inspect"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// tokensPane shows every generated token: how sure the model was, what else it
// might have said, and what was forbidden.
type tokensPane struct {
	i        *Inspector
	object   fyne.CanvasObject
	why      *widget.Label
	flow     *flow
	side     *fyne.Container
	shown    int // tokens drawn
	of       *inspect.Round
	selected int
	hovered  int
}

func newTokensPane(i *Inspector) *tokensPane {
	p := &tokensPane{i: i, why: muted(""), side: container.NewVBox(), selected: -1, hovered: -1}
	p.why.Wrapping = fyne.TextWrapWord
	p.flow = newFlow(i.lap, p.over, p.tap)
	side := container.NewVScroll(pad(p.side))
	split := container.NewHSplit(container.NewBorder(p.why, nil, nil, nil, p.flow), side)
	split.Offset = 0.68
	p.object = split
	return p
}

func (p *tokensPane) show() {
	r := p.i.answer()
	if r == nil {
		p.why.SetText(i18n.T("There is no answer yet."))
		p.flow.set(nil)
		return
	}
	if r == p.of && len(r.Tokens) == p.shown {
		return
	}
	if r != p.of {
		p.selected = -1
		p.update(-1)
	}
	p.of, p.shown = r, len(r.Tokens)
	p.why.SetText(p.explain(r))
	p.flow.set(tokenBoxes(r))
	if p.selected >= 0 && p.selected < len(r.Tokens) {
		p.flow.selectBox(p.selected)
	}
}

// explain says what the colours mean, or why there is nothing.
func (p *tokensPane) explain(r *inspect.Round) string {
	if len(r.Tokens) == 0 {
		return i18n.T("This engine does not tell its tokens: a server has to be asked for log-probabilities, and some have none.")
	}
	text := i18n.T("The darker, the less likely. Red: a schema or the form of a call forbade what the model wanted. Click a token for its alternatives.")
	if r.Done != nil && r.Done.Timings.DecodePerSec > 0 {
		text += " " + i18n.T("%d tokens at %.1f per second.", len(r.Tokens), r.Done.Timings.DecodePerSec)
	}
	return text
}

func (p *tokensPane) over(n int, _, _ float32) {
	if p.selected < 0 && n != p.hovered {
		p.hovered = n
		p.update(n)
	}
}

func (p *tokensPane) tap(n int) {
	p.selected = n
	p.flow.selectBox(n)
	p.update(n)
}

// update fills the side with one token.
func (p *tokensPane) update(n int) {
	p.side.Objects = nil
	defer p.side.Refresh()
	r := p.i.answer()
	if r == nil || n < 0 || n >= len(r.Tokens) {
		p.side.Add(muted(i18n.T("Point at a token.")))
		return
	}
	token := r.Tokens[n]
	p.side.Add(bold(inspect.Shown(token.Text)))
	p.side.Add(muted(i18n.T("token %d · id %d", n+1, token.ID) + fmt.Sprintf(" · %s · %.3f s", inspect.Chance(token.Logprob), token.At.Seconds())))
	if token.Forbidden > 0 {
		p.side.Add(warning(i18n.T("%d tokens were forbidden here", token.Forbidden)))
	}
	if token.Wanted != nil {
		p.side.Add(warning(i18n.T("wanted “%s”, %s", inspect.Shown(token.Wanted.Text), inspect.Chance(token.Wanted.Logprob))))
	}
	p.side.Add(p.where(n))
	if len(token.Top) == 0 {
		p.side.Add(muted(i18n.T("Alternatives are recorded while the inspector is open.")))
	}
	for _, other := range token.Top {
		p.side.Add(p.alternative(n, token, other))
	}
}

// where turns to the pictures and what the model looked at when it chose a token.
func (p *tokensPane) where(n int) fyne.CanvasObject {
	show := button(i18n.T("Where it looked"), theme.VisibilityIcon(), func() {
		p.i.tabs.SelectIndex(tabPictures)
		p.i.pictures.selectToken(n)
	})
	show.Importance = widget.LowImportance
	reason := p.i.controller.WhyNoAttention(p.i.view, p.i.round)
	if enable(show, reason == ""); reason == "" {
		return container.NewHBox(show)
	}
	why := muted(reason)
	why.Wrapping = fyne.TextWrapWord
	return container.NewVBox(container.NewHBox(show), why)
}

// alternative is a candidate with its bar, and a button where an answer could
// branch.
func (p *tokensPane) alternative(n int, token *inspect.Token, other chat.Candidate) fyne.CanvasObject {
	name, chance := mono(inspect.Shown(other.Text)), muted(inspect.Chance(other.Logprob))
	line := container.NewBorder(nil, nil, nil, chance, container.NewVBox(layout.NewSpacer(), name, newMeter(probability(other.Logprob)), layout.NewSpacer()))
	if other.ID == token.ID {
		return container.NewBorder(nil, nil, nil, fixed(96, muted(i18n.T("chosen"))), line)
	}
	branch := button(i18n.T("Branch"), theme.ContentRedoIcon(), func() { p.i.runOn(p.i.view.BranchAt(p.i.round, n, other)) })
	branch.Importance = widget.LowImportance
	enable(branch, token.Call < 0 && !p.i.view.Live && !p.i.words().IsSpecial(other.ID))
	return container.NewBorder(nil, nil, nil, fixed(96, branch), line)
}

func warning(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Importance = widget.DangerImportance
	l.Wrapping = fyne.TextWrapWord
	return l
}
