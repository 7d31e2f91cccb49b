//go:build !headless

package inspector

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/inspect"
	"sirocco/model/chat"
)

// tokensPane shows every generated token: how sure the model was, what else it
// might have said, and what was forbidden.
type tokensPane struct {
	i       *Inspector
	object  fyne.CanvasObject
	why     *widget.Label
	flow    *flow
	side    *fyne.Container
	shown   int // tokens drawn
	of      *inspect.Round
	chosen  int
	hovered int
}

func newTokensPane(i *Inspector) *tokensPane {
	p := &tokensPane{i: i, why: muted(""), side: container.NewVBox(), chosen: -1, hovered: -1}
	p.why.Wrapping = fyne.TextWrapWord
	p.flow = newFlow(p.over, p.tap)
	side := container.NewVScroll(pad(p.side))
	split := container.NewHSplit(container.NewBorder(p.why, nil, nil, nil, p.flow), side)
	split.Offset = 0.68
	p.object = split
	return p
}

func (p *tokensPane) show() {
	r := p.i.answer()
	if r == nil {
		p.why.SetText("There is no answer yet.")
		p.flow.set(nil)
		return
	}
	if r == p.of && len(r.Tokens) == p.shown {
		return
	}
	if r != p.of {
		p.chosen = -1
		p.tell(-1)
	}
	p.of, p.shown = r, len(r.Tokens)
	p.why.SetText(p.explain(r))
	boxes := make([]box, len(r.Tokens))
	for n, token := range r.Tokens {
		boxes[n] = box{Piece: inspect.Piece{Text: inspect.Shown(token.Text), Break: strings.HasSuffix(token.Text, "\n")}, fill: surprise(token.Logprob), red: token.Wanted != nil}
	}
	p.flow.set(boxes)
	if p.chosen >= 0 && p.chosen < len(boxes) {
		p.flow.choose(p.chosen)
	}
}

// explain says what the colours mean, or why there is nothing.
func (p *tokensPane) explain(r *inspect.Round) string {
	if len(r.Tokens) == 0 {
		return "This engine does not tell its tokens: a server has to be asked for log-probabilities, and some have none."
	}
	text := "The darker, the less likely. Red: a schema or the form of a call forbade what the model wanted. Click a token for its alternatives."
	if r.Done != nil && r.Done.Timings.DecodePerSec > 0 {
		text += fmt.Sprintf(" %d tokens at %.1f per second.", len(r.Tokens), r.Done.Timings.DecodePerSec)
	}
	return text
}

func (p *tokensPane) over(n int, _, _ float32) {
	if p.chosen < 0 && n != p.hovered {
		p.hovered = n
		p.tell(n)
	}
}

func (p *tokensPane) tap(n int) {
	p.chosen = n
	p.flow.choose(n)
	p.tell(n)
}

// tell fills the side with one token.
func (p *tokensPane) tell(n int) {
	p.side.Objects = nil
	defer p.side.Refresh()
	r := p.i.answer()
	if r == nil || n < 0 || n >= len(r.Tokens) {
		p.side.Add(muted("Point at a token."))
		return
	}
	token := r.Tokens[n]
	p.side.Add(bold(inspect.Shown(token.Text)))
	p.side.Add(muted(fmt.Sprintf("token %d · id %d · %s · %.3f s", n+1, token.ID, inspect.Chance(token.Logprob), token.At.Seconds())))
	if token.Forbidden > 0 {
		p.side.Add(warning(fmt.Sprintf("%d tokens were forbidden here", token.Forbidden)))
	}
	if token.Wanted != nil {
		p.side.Add(warning(fmt.Sprintf("wanted %q, %s", token.Wanted.Text, inspect.Chance(token.Wanted.Logprob))))
	}
	if len(token.Top) == 0 {
		p.side.Add(muted("Alternatives are recorded while the inspector is open."))
		return
	}
	for _, other := range token.Top {
		p.side.Add(p.alternative(n, token, other))
	}
}

// alternative is a candidate with its bar, and a button where an answer could
// branch.
func (p *tokensPane) alternative(n int, token *inspect.Token, other chat.Candidate) fyne.CanvasObject {
	name, chance := mono(inspect.Shown(other.Text)), muted(inspect.Chance(other.Logprob))
	line := container.NewBorder(nil, nil, nil, chance, container.NewVBox(layout.NewSpacer(), name, newMeter(probability(other.Logprob)), layout.NewSpacer()))
	if other.ID == token.ID {
		return container.NewBorder(nil, nil, nil, fixed(96, muted("chosen")), line)
	}
	branch := button("Branch", theme.ContentRedoIcon(), func() { p.i.runOn(p.i.view.BranchAt(p.i.round, n, other)) })
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
