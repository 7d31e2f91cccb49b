//go:build !headless

package inspector

import (
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
	"sirocco/app/inspect"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// promptPane shows the exact tokens the model was given.
type promptPane struct {
	i      *Inspector
	object fyne.CanvasObject
	legend *fyne.Container
	why    *widget.Label
	about  *widget.Label // the token under the pointer
	search *widget.Entry
	flow   *flow
	shown  *chat.Prompt
	promptLayout
}

func newPromptPane(i *Inspector) *promptPane {
	p := &promptPane{i: i, legend: container.NewHBox(), why: muted(""), about: muted(" "), search: widget.NewEntry()}
	p.flow = newFlow(i.lap, p.over, func(n int) { p.flow.selectBox(n) })
	p.why.Wrapping = fyne.TextWrapWord
	p.why.Hide()
	p.search.SetPlaceHolder(i18n.T("Search the prompt"))
	p.search.OnSubmitted = p.find
	copies := container.NewHBox(
		button(i18n.T("Text"), theme.ContentCopyIcon(), i.copyText), button(i18n.T("Ids"), theme.ContentCopyIcon(), i.copyIDs), button("curl", theme.ContentCopyIcon(), i.copyCurl))
	field := container.NewGridWrap(fyne.NewSize(200, p.search.MinSize().Height), p.search)
	top := container.NewBorder(nil, nil, nil, container.NewHBox(field, copies), p.about)
	p.about.Truncation = fyne.TextTruncateEllipsis
	p.object = container.NewBorder(container.NewVBox(top, container.NewHScroll(p.legend), p.why), nil, nil, nil, p.flow)
	return p
}

// show draws the prompt of the chosen round.
func (p *promptPane) show() {
	r := p.i.answer()
	var prompt *chat.Prompt
	if r != nil {
		prompt = r.Prompt
	}
	if prompt != nil && prompt == p.shown {
		return
	}
	p.shown, p.promptLayout = prompt, promptLayout{}
	p.legend.Objects = nil
	p.why.Hide()
	if prompt == nil || len(prompt.IDs) == 0 {
		p.why.SetText(i18n.T("This engine does not tell the tokens of its prompt, or it has not been built yet."))
		p.why.Show()
		p.flow.set(nil)
		return
	}
	for _, o := range inspect.Origins(prompt) {
		p.legend.Add(container.NewHBox(swatch(hue(o.Kind)), widget.NewLabel(fmt.Sprintf("%s %d", inspect.OriginName(o.Kind), o.Tokens)), muted(fmt.Sprintf("%.0f %%", 100*o.Share))))
	}
	p.legend.Refresh()
	before := p.i.view.Before
	if p.i.round > 0 {
		before = inspect.PromptOf(p.i.view.Turn, p.i.round-1)
	}
	p.load(prompt, r.Cached, before)
}

// load makes the boxes of a prompt in the background: 30,000 tokens take longer
// than a frame.
func (p *promptPane) load(prompt *chat.Prompt, cached int, before []int32) {
	vocabulary, pictures, width := p.i.words(), p.i.view.Messages(p.i.round), p.flow.width
	ruler := newRuler()
	crash.Go(func() {
		l := &promptLayout{tokens: inspect.PromptTokens(prompt, cached, before)}
		l.build(prompt, vocabulary)
		// The toolkit shapes texts in its own goroutine only.
		for batch := range slices.Chunk(ruler.unknown(l.boxes), 64) {
			p.i.do("prompt's widths", func() { ruler.learn(batch) })
		}
		lines := layOut(l.boxes, width, ruler)
		p.i.do("prompt", func() {
			if p.shown != prompt {
				return
			}
			p.promptLayout = *l
			p.flow.adoptLayout(l.boxes, lines, width, ruler)
			p.about.SetText(p.hint())
		})
		p.decode(prompt, l, pictures)
	})
}

// decode fills the pictures in, one after the other, behind what is shown already.
func (p *promptPane) decode(prompt *chat.Prompt, l *promptLayout, messages []chat.Message) {
	for n, b := range l.boxes {
		if b.picture == nil {
			continue
		}
		picture := b.picture.decode(inspect.Picture(messages, l.tokens[l.first[n]].Picture))
		p.i.do("prompt's picture", func() {
			if b.picture.image = picture; p.shown == prompt {
				p.flow.redraw(n)
			}
		})
	}
}

// promptLayout is a prompt as it is drawn.
type promptLayout struct {
	tokens []inspect.PromptToken
	boxes  []box
	boxOf  []int // token → box
	first  []int // box → its first token
}

// build makes the boxes: one for each token, one for all of a picture's.
func (l *promptLayout) build(prompt *chat.Prompt, vocabulary inspect.Vocabulary) {
	l.boxOf = make([]int, len(l.tokens))
	for n, token := range l.tokens {
		if token.Picture >= 0 && n > 0 && l.tokens[n-1].Picture == token.Picture {
			l.boxOf[n] = len(l.boxes) - 1
			continue
		}
		b := box{fill: hue(token.Kind), mark: token.New}
		if token.Picture >= 0 && token.Picture < len(prompt.Images) {
			b.picture = newGrid(prompt.Images[token.Picture], 460, 24)
			b.BlockWidth, b.BlockHeight = b.picture.size()
			b.BlockHeight += 8
		} else {
			piece := vocabulary.Piece(token.ID)
			b.Text, b.Break = inspect.Shown(piece), strings.HasSuffix(piece, "\n")
		}
		l.boxOf[n] = len(l.boxes)
		l.first = append(l.first, n)
		l.boxes = append(l.boxes, b)
	}
}

// over says what is under the pointer.
func (p *promptPane) over(n int, x, y float32) {
	if n < 0 || n >= len(p.first) {
		p.about.SetText(p.hint())
		return
	}
	token := p.tokens[p.first[n]]
	if g := p.flow.boxes[n].picture; g != nil {
		row, column := min(int(max(y-4, 0)/g.cell), g.rows-1), min(int(x/g.cell), g.columns-1)
		p.flow.light(n, row, column)
		p.about.SetText(i18n.T("picture %d · patch in row %d of %d, column %d of %d · token %d", token.Picture+1, row+1, g.rows, column+1, g.columns, p.first[n]+row*(g.columns+1)+column) + state(token))
		return
	}
	p.about.SetText(i18n.T("token %d · id %d", p.first[n], token.ID) + fmt.Sprintf(" · %q · %s", p.i.words().Piece(token.ID), inspect.OriginName(token.Kind)) + message(token) + state(token))
}

// hint is what stands there while nothing is pointed at.
func (p *promptPane) hint() string {
	if p.shown == nil {
		return " "
	}
	return i18n.T("%d tokens, %d from the cache. Point at one.", len(p.tokens), p.i.answer().Cached)
}

func message(t inspect.PromptToken) string {
	if t.Message < 0 {
		return ""
	}
	return " · " + i18n.T("message %d", t.Message+1)
}

// state says whether a token came from the cache and is new.
func state(t inspect.PromptToken) string {
	text := ""
	if t.Cached {
		text += " · " + i18n.T("from the cache")
	}
	if t.New {
		text += " · " + i18n.T("new since the turn before")
	}
	return text
}

// find goes to the next place of a text, wrapping round at the end.
func (p *promptPane) find(text string) {
	if text == "" || len(p.tokens) == 0 {
		return
	}
	n := inspect.Find(p.tokens, p.i.words(), text, p.next())
	if n < 0 {
		p.about.SetText(i18n.T("“%s” is not in the prompt", text))
		return
	}
	p.flow.reveal(p.boxOf[n])
	p.about.SetText(i18n.T("found at token %d; Enter for the next place", n))
}

// next is the token behind the place found last.
func (p *promptPane) next() int {
	if p.flow.selected < 0 || p.flow.selected+1 >= len(p.first) {
		return 0
	}
	return p.first[p.flow.selected+1]
}

// nobody is the vocabulary where none is known.
type nobody struct{}

func (nobody) Piece(id int32) string { return fmt.Sprintf("‹%d›", id) }
func (nobody) IsSpecial(int32) bool  { return false }

func (i *Inspector) words() inspect.Vocabulary {
	if i.controller.Words != nil {
		if known := i.controller.Words(); known != nil {
			return known
		}
	}
	return nobody{}
}
