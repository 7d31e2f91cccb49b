//go:build !headless

package inspector

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
	"sirocco/app/history"
	"sirocco/app/inspect"
	"sirocco/app/inspect/controller"
	"sirocco/app/view/i18n"
)

// comparePane sets another turn beside the shown one: any of any conversation, or
// what a server answers when it is asked the same.
type comparePane struct {
	i               *Inspector
	object          fyne.CanvasObject
	search          *widget.Entry
	list            *widget.List
	askServerButton *widget.Button
	whyNoServer     *widget.Label // why nobody else can be asked
	only            *widget.Check
	rows            *fyne.Container
	found           []history.Asked // what the list shows
	searching       int             // how often turns were looked for
	other           *controller.TurnView
	of              int64 // the turn that is compared
	calling         bool  // a server is being asked whose turn has not begun
}

func newComparePane(i *Inspector) *comparePane {
	p := &comparePane{i: i, rows: container.NewVBox(), search: widget.NewEntry(), whyNoServer: muted("")}
	p.search.SetPlaceHolder(i18n.T("Search all turns"))
	p.search.OnChanged = func(string) { p.find() }
	p.list = widget.NewList(func() int { return len(p.found) }, newAsked, func(n widget.ListItemID, o fyne.CanvasObject) { setAsked(o, p.found[n]) })
	p.list.OnSelected = p.pick
	p.askServerButton = button(i18n.T("Ask a server the same"), theme.MailForwardIcon(), p.servers)
	p.whyNoServer.Wrapping, p.whyNoServer.SizeName = fyne.TextWrapWord, theme.SizeNameCaptionText
	p.only = widget.NewCheck(i18n.T("differences only"), func(bool) { p.draw() })
	p.only.Checked = true
	side := container.NewBorder(container.NewVBox(bold(i18n.T("Compare with")), p.search), container.NewVBox(p.askServerButton, p.whyNoServer), nil, nil, p.list)
	split := container.NewHSplit(pad(side), pad(container.NewBorder(p.only, nil, nil, nil, container.NewVScroll(p.rows))))
	split.Offset = 0.26
	p.object = split
	return p
}

// newAsked is a line of the list: which turn, and the question.
func newAsked() fyne.CanvasObject {
	title, question := widget.NewLabel(""), muted("")
	for _, l := range []*widget.Label{title, question} {
		l.Truncation = fyne.TextTruncateEllipsis
	}
	question.SizeName = theme.SizeNameCaptionText
	return container.NewVBox(title, question)
}

func setAsked(o fyne.CanvasObject, a history.Asked) {
	lines := o.(*fyne.Container).Objects
	lines[0].(*widget.Label).SetText(i18n.T("turn %d", a.Number) + " · " + a.Title)
	lines[1].(*widget.Label).SetText(inspect.Brief(a.Question))
}

func (p *comparePane) show() {
	if p.of != p.i.view.ID {
		p.of, p.other = p.i.view.ID, nil
		p.find()
		p.draw()
	}
	reason := p.i.controller.WhyNoServer(p.i.view)
	enable(p.askServerButton, reason == "" && !p.busy())
	describeToken(p.whyNoServer, reason)
}

// asking tells whether a server is answering.
func (p *comparePane) asking() bool { return p.other != nil && p.other.Live }

// busy tells whether a server is being asked or is answering.
func (p *comparePane) busy() bool { return p.calling || p.asking() }

// find lists the turns that fit what is searched for, in the background.
func (p *comparePane) find() {
	if p.i.view == nil {
		return
	}
	p.searching++
	mine, view, query := p.searching, p.i.view, p.search.Text
	crash.Go(func() {
		found, err := p.i.controller.Find(view, query)
		p.i.do("find turns", func() {
			if mine != p.searching {
				return
			}
			p.i.fail(err)
			p.found = found
			p.list.UnselectAll()
			p.list.Refresh()
		})
	})
}

// pick opens a turn of the list beside the shown one.
func (p *comparePane) pick(n widget.ListItemID) {
	if n < len(p.found) {
		p.open(p.found[n].ID)
	}
}

func (p *comparePane) open(turn int64) {
	of := p.of
	crash.Go(func() {
		view, err := p.i.controller.Open(turn)
		p.i.do("compare", func() {
			if p.i.fail(err); view != nil && p.of == of {
				p.other = view
				p.draw()
				p.show()
			}
		})
	})
}

// servers offers those that can be asked the same.
func (p *comparePane) servers() {
	items := []*fyne.MenuItem{}
	for _, address := range p.i.controller.Servers() {
		items = append(items, fyne.NewMenuItem(address, func() { p.askServer(address) }))
	}
	place := fyne.CurrentApp().Driver().AbsolutePositionForObject(p.askServerButton).AddXY(0, p.askServerButton.Size().Height)
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), p.i.win.Canvas(), place)
}

// askServer has a server answer what the shown turn was asked, and follows it beside.
func (p *comparePane) askServer(address string) {
	view := p.i.view
	p.calling = true
	p.show()
	p.i.head.refresh()
	p.i.run(view, func(ctx context.Context) error {
		return p.i.controller.AskServer(ctx, view, address, func(turn int64) { p.i.do("elsewhere", func() { p.began(view, turn) }) })
	}, func() { p.calling = false; p.show(); p.i.head.refresh() })
}

// began shows a server's turn beside. It is known from now on, so that the window does
// not turn to it by itself.
func (p *comparePane) began(beside *controller.TurnView, turn int64) {
	p.calling = false
	if p.i.view != beside { // somebody turned to another; the answer is recorded all the same
		return
	}
	p.i.turns = append(p.i.turns, turn)
	p.i.head.refresh()
	p.list.UnselectAll()
	p.open(turn)
}

// followRun takes in what the turn beside goes on to say.
func (p *comparePane) followRun() {
	if !p.asking() {
		return
	}
	changed, err := p.i.controller.Follow(p.other)
	if err != nil {
		p.other.Live = false
		p.i.fail(err)
	}
	if changed && p.i.tabs.SelectedIndex() == tabCompare {
		p.draw()
		p.show()
	}
	if changed {
		p.i.head.refresh()
	}
}

// draw lists the differences: name, this turn, the other one.
func (p *comparePane) draw() {
	p.rows.Objects = nil
	defer p.rows.Refresh()
	if p.other == nil || p.i.view == nil {
		hint := muted(i18n.T("Choose a turn: one asked before, a branch, one of another conversation, or what a server says to the same question."))
		hint.Wrapping = fyne.TextWrapWord
		p.rows.Add(hint)
		return
	}
	p.line("", i18n.T("turn %d (shown)", p.i.view.Number), p.name(), true)
	differ := false
	list := inspect.Compare(p.i.view.Turn, p.other.Turn)
	for _, d := range append(list, inspect.CompareTokens(p.i.view.Turn, p.other.Turn, p.i.words())...) {
		if d.Same && p.only.Checked {
			continue
		}
		differ = differ || !d.Same
		p.line(d.What, d.A, d.B, d.Same)
	}
	if !differ {
		p.rows.Add(muted(i18n.T("Nothing else differs.")))
	}
}

// name says which turn stands beside, and of which conversation if it is another.
func (p *comparePane) name() string {
	name := i18n.T("turn %d", p.other.Number)
	if p.other.Conversation != p.i.view.Conversation {
		name = fmt.Sprintf("%s · %s", name, p.other.Title)
	}
	if p.other.Live {
		name = i18n.T("%s (live)", name)
	}
	return name
}

// line is a row of the table; what differs has a bar at its left.
func (p *comparePane) line(what, a, b string, same bool) {
	cell := func(text string) *widget.Label {
		l := widget.NewLabel(text)
		l.Wrapping = fyne.TextWrapWord
		return l
	}
	name := muted(what)
	name.Wrapping = fyne.TextWrapWord
	bar := canvas.NewRectangle(theme.Color(theme.ColorNamePrimary))
	bar.SetMinSize(fyne.NewSize(3, 1))
	if same {
		bar.FillColor = nil
	}
	p.rows.Add(container.NewBorder(nil, nil, bar, nil, container.New(thirds{}, name, cell(a), cell(b))))
}

// thirds lays a row of the table out: a narrow name and two columns alike.
type thirds struct{}

const nameWidth = 150

// widths are those of the three cells.
func (thirds) widths(width float32) [3]float32 {
	column := max(40, (width-nameWidth)/2)
	return [3]float32{nameWidth, column, column}
}

// Layout places the cells.
func (t thirds) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := float32(0)
	for k, width := range t.widths(size.Width) {
		objects[k].Move(fyne.NewPos(x, 0))
		objects[k].Resize(fyne.NewSize(width, size.Height))
		x += width
	}
}

// MinSize is as high as the highest cell is at its present width.
func (t thirds) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(nameWidth+80, 0)
	for _, o := range objects {
		size.Height = max(size.Height, o.MinSize().Height)
	}
	return size
}
