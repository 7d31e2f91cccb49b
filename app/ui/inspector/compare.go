//go:build !headless

package inspector

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/inspect"
	"sirocco/app/inspect/desk"
	"sirocco/app/view/words"
)

// comparePane sets another turn of the conversation beside the shown one.
type comparePane struct {
	i      *Inspector
	object fyne.CanvasObject
	with   *widget.Select
	only   *widget.Check
	rows   *fyne.Container
	other  *desk.View
	of     int64
}

func newComparePane(i *Inspector) *comparePane {
	p := &comparePane{i: i, rows: container.NewVBox()}
	p.with = widget.NewSelect(nil, func(string) { p.pick() })
	p.with.PlaceHolder = words.T("another turn")
	p.only = widget.NewCheck(words.T("differences only"), func(bool) { p.draw() })
	p.only.Checked = true
	head := container.NewHBox(widget.NewLabel(words.T("Compare with")), p.with, p.only)
	p.object = pad(container.NewBorder(head, nil, nil, nil, container.NewVScroll(p.rows)))
	return p
}

func (p *comparePane) show() {
	if p.of == p.i.view.ID && len(p.with.Options) == len(p.i.turns) {
		return
	}
	p.of, p.other = p.i.view.ID, nil
	p.with.Options = nil
	for n := range p.i.turns {
		p.with.Options = append(p.with.Options, words.T("turn %d", n+1))
	}
	p.with.ClearSelected()
	p.draw()
}

func (p *comparePane) pick() {
	n := p.with.SelectedIndex()
	if n < 0 || n >= len(p.i.turns) {
		return
	}
	turn := p.i.turns[n]
	go func() {
		view, err := p.i.desk.Open(turn)
		p.i.do("compare", func() {
			p.i.fail(err)
			p.other = view
			p.draw()
		})
	}()
}

// draw lists the differences: name, this turn, the other one.
func (p *comparePane) draw() {
	p.rows.Objects = nil
	defer p.rows.Refresh()
	if p.other == nil || p.i.view == nil {
		p.rows.Add(muted(words.T("Choose a turn: one asked before, a branch, or the same question with other settings.")))
		return
	}
	p.line("", words.T("turn %d (shown)", p.i.view.Number), words.T("turn %d", p.other.Number), true)
	differ := false
	for _, d := range inspect.Compare(p.i.view.Turn, p.other.Turn) {
		if d.Same && p.only.Checked {
			continue
		}
		differ = differ || !d.Same
		p.line(d.What, d.A, d.B, d.Same)
	}
	p.tokens(words.T("prompt"), inspect.PromptOf(p.i.view.Turn, 0), inspect.PromptOf(p.other.Turn, 0))
	p.tokens(words.T("answer"), inspect.TokensOf(p.i.view.Turn, 0), inspect.TokensOf(p.other.Turn, 0))
	if !differ {
		p.rows.Add(muted(words.T("Nothing else differs.")))
	}
}

// line is a row of the table; what differs has a bar at its left.
func (p *comparePane) line(what, a, b string, same bool) {
	cell := func(text string) *widget.Label {
		l := widget.NewLabel(text)
		l.Wrapping = fyne.TextWrapWord
		return l
	}
	name := muted(what)
	bar := canvas.NewRectangle(theme.Color(theme.ColorNamePrimary))
	bar.SetMinSize(fyne.NewSize(3, 1))
	if same {
		bar.FillColor = nil
	}
	left := container.NewHBox(bar, container.NewGridWrap(fyne.NewSize(180, name.MinSize().Height), name))
	p.rows.Add(container.NewBorder(nil, nil, left, nil, container.NewGridWithColumns(2, cell(a), cell(b))))
}

// tokens shows where two sequences of ids part, in words.
func (p *comparePane) tokens(what string, a, b []int32) {
	if len(a) == 0 || len(b) == 0 {
		return
	}
	vocabulary := p.i.words()
	spell := func(ids []int32) string {
		text := ""
		for n, id := range ids {
			if n == 60 {
				return text + " … " + words.T("%d more", len(ids)-n)
			}
			text += vocabulary.Piece(id)
		}
		return text
	}
	shown := 0
	for _, c := range inspect.Diff(a, b) {
		if c.Equal {
			continue
		}
		if shown++; shown > 40 {
			p.line(what, words.T("… more differences follow"), "", false)
			return
		}
		p.line(words.T("%s, token %d", what, c.A+1), spell(a[c.A:c.AEnd]), spell(b[c.B:c.BEnd]), false)
	}
}
