//go:build !headless

package inspector

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
	"sirocco/app/inspect"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// callPane shows a call and lets a person change it, run it and go on from it.
type callPane struct {
	i        *Inspector
	object   fyne.CanvasObject
	none     *widget.Label
	body     *fyne.Container
	which    *widget.Select
	about    *widget.Label
	valid    *widget.Label
	form     *formView
	json     *widget.Entry
	schema   *widget.Label
	view     *resultView
	result   *widget.Entry // its text
	pictures *fyne.Container
	status   *widget.Label
	compare  *widget.Label // the result before, where it ran again
	run      *widget.Button
	both     *widget.Button
	use      *widget.Button
	tool     *widget.Button

	round, call int
	of          *inspect.Call
	had         bool // its result was there when it was drawn
	edited      []chat.Image
	setting     bool // the pane itself changes its fields
}

func newCallPane(i *Inspector) *callPane {
	p := &callPane{i: i, none: muted(i18n.T("No tool was called in this turn.")), about: muted(""), valid: muted(""), json: code(), schema: muted(""), view: newResultView(),
		status: muted(""), compare: muted(""), pictures: container.NewVBox()}
	p.result = p.view.text
	p.which = widget.NewSelect(nil, func(string) { p.picked() })
	p.form = newFormView(func() { p.fromForm() })
	p.json.OnChanged = func(text string) { p.fromJSON(text) }
	p.schema.Wrapping, p.compare.Wrapping = fyne.TextWrapBreak, fyne.TextWrapWord
	p.schema.TextStyle.Monospace = true
	p.run = button(i18n.T("Run again"), theme.MediaPlayIcon(), func() { p.again(false) })
	p.both = button(i18n.T("Run again and continue from here"), theme.MediaSkipNextIcon(), func() { p.again(true) })
	p.use = button(i18n.T("Use this result and continue"), theme.MailForwardIcon(), p.goOn)
	p.tool = button(i18n.T("Ask again with this schema…"), theme.DocumentCreateIcon(), p.editTool)
	p.both.Importance = widget.HighImportance
	schema := widget.NewAccordion(widget.NewAccordionItem(i18n.T("Schema"), p.schema))
	left := container.NewVScroll(container.NewVBox(p.form.object, schema))
	middle := container.NewBorder(bold(i18n.T("Arguments")), nil, nil, nil, p.json)
	right := container.NewBorder(container.NewVBox(container.NewHBox(bold(i18n.T("Result")), p.status, p.view.as), p.compare), p.pictures, nil, nil, p.view.object)
	columns := container.NewHSplit(left, container.NewHSplit(middle, right))
	columns.Offset = 0.4
	head := container.NewBorder(nil, nil, container.NewHBox(fixed(280, p.which), p.about), p.valid)
	p.body = container.NewBorder(head, container.NewHBox(p.run, p.both, p.use, p.tool), nil, nil, columns)
	p.object = pad(container.NewStack(container.NewCenter(p.none), p.body))
	p.body.Hide()
	return p
}

// selectCall turns to a call of a round.
func (p *callPane) selectCall(round, call int) { p.round, p.call, p.of = round, call, nil }

// show draws the chosen call, if it is not what is drawn: what a person typed
// must not be lost because an event came.
func (p *callPane) show() {
	calls := p.i.view.Calls()
	if len(calls) == 0 {
		p.none.Show()
		p.body.Hide()
		p.of = nil
		return
	}
	p.none.Hide()
	p.body.Show()
	chosen := calls[0]
	for _, c := range calls {
		if c.Round == p.round && c.Index == p.call {
			chosen = c
		}
	}
	if chosen == p.of && p.had == (chosen.Result != nil) {
		return
	}
	p.list(calls, chosen)
	p.of, p.had = chosen, chosen.Result != nil
	p.fill(chosen)
}

// list offers the calls of the turn.
func (p *callPane) list(calls []*inspect.Call, chosen *inspect.Call) {
	p.setting = true
	defer func() { p.setting = false }()
	p.which.Options = nil
	for n, c := range calls {
		p.which.Options = append(p.which.Options, fmt.Sprintf("%d  %s", n+1, c.Name))
		if c == chosen {
			p.which.SetSelectedIndex(n)
		}
	}
	p.which.Refresh()
}

func (p *callPane) picked() {
	calls := p.i.view.Calls()
	if n := p.which.SelectedIndex(); !p.setting && n >= 0 && n < len(calls) {
		p.selectCall(calls[n].Round, calls[n].Index)
		p.i.round = calls[n].Round
		p.show()
	}
}

// fill draws a call from the start.
func (p *callPane) fill(c *inspect.Call) {
	about := "id " + c.ID
	if c.Approval != nil {
		about += " · " + inspect.Decision(c.Approval)
	}
	p.about.SetText(about)
	p.schema.SetText(string(p.parameters()))
	p.compare.SetText("")
	p.compare.Hide()
	p.setting = true
	p.json.SetText(c.Arguments)
	p.setting = false
	p.check(true)
	p.answered(c.Result)
	enable(p.run, !p.i.view.Live)
	enable(p.both, !p.i.view.Live)
	enable(p.use, !p.i.view.Live)
	enable(p.tool, c.Tool != nil && !p.i.view.Live)
}

// answered shows a result.
func (p *callPane) answered(r *chat.Result) {
	p.pictures.Objects, p.edited = nil, nil
	if r == nil {
		p.status.SetText(i18n.T("not run"))
		p.result.SetText("")
		return
	}
	p.status.SetText(fmt.Sprintf("%s · %.2f s", inspect.Status(r.Status), r.Seconds))
	p.result.SetText(r.Text)
	p.edited = r.Pictures
	for k := range r.Pictures {
		p.pictures.Add(thumbnail(&r.Pictures[k]))
	}
	p.pictures.Refresh()
}

func (p *callPane) parameters() []byte {
	if p.of != nil && p.of.Tool != nil {
		return p.of.Tool.Parameters
	}
	return nil
}

// check validates the arguments, and fills the form where it is not what was
// typed in.
func (p *callPane) check(refill bool) {
	if refill {
		p.form.fill(inspect.NewForm(p.parameters(), p.json.Text))
	}
	p.valid.Importance = widget.MediumImportance
	text := i18n.T("fits its schema ✓")
	switch faults, err := inspect.Validate(p.parameters(), p.json.Text); {
	case err != nil:
		text, p.valid.Importance = err.Error(), widget.WarningImportance
	case len(p.parameters()) == 0:
		text, p.valid.Importance = i18n.T("its tool is not among those of the request"), widget.LowImportance
	case len(faults) > 0:
		text, p.valid.Importance = i18n.T("does not fit its schema ✗"), widget.DangerImportance
	}
	p.valid.SetText(text)
}

// fromForm takes what was typed into the form over to the JSON.
func (p *callPane) fromForm() {
	arguments, err := p.form.form.Arguments()
	if err != nil {
		p.valid.Importance = widget.DangerImportance
		p.valid.SetText(err.Error())
		return
	}
	p.setting = true
	p.json.SetText(arguments)
	p.setting = false
	p.form.form.Check(p.parameters())
	p.form.errors()
	p.check(false)
}

func (p *callPane) fromJSON(string) {
	if !p.setting {
		p.check(true)
	}
}

// again runs the call with the arguments as they stand, and goes on from the
// result if asked to.
func (p *callPane) again(goOn bool) {
	i, view, c, arguments := p.i, p.i.view, p.of, p.json.Text
	p.status.SetText(i18n.T("running…"))
	p.run.Disable()
	p.both.Disable()
	crash.Go(func() {
		result, err := i.controller.RunAgain(context.Background(), view, c, arguments)
		i.do("run again", func() {
			p.run.Enable()
			p.both.Enable()
			if err != nil {
				p.status.SetText("")
				i.fail(err)
				return
			}
			if c.Result != nil && c.Result.Text != result.Text {
				p.compare.SetText(i18n.T("Before: %s", c.Result.Text))
				p.compare.Show()
			}
			p.answered(result)
			if goOn {
				p.goOn()
			}
		})
	})
}

// goOn continues the conversation from the arguments and the result as they
// stand.
func (p *callPane) goOn() {
	p.i.runOn(p.i.view.ContinueFrom(p.of, inspect.Edit{Arguments: p.json.Text, Result: p.result.Text, Pictures: p.edited}))
}
