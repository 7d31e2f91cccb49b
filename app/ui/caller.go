//go:build !headless

package ui

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
	"sirocco/app/tools"
	"sirocco/app/ui/files"
	"sirocco/app/view"
	"sirocco/app/view/i18n"
)

// caller calls the tools of a server by hand: a form made of the schema beside the
// JSON that is sent; either follows the other.
type caller struct {
	w       *window
	server  string
	object  *fyne.Container
	choose  *picker
	about   *widget.RichText
	form    *fyne.Container
	raw     *widget.Entry
	misfit  *widget.RichText
	results *fyne.Container

	list    []tools.Tool
	tool    *tools.Tool
	fields  []tools.Field
	entries map[string]string
	rest    map[string]json.RawMessage
	writing bool // the one side follows the other
	calls   []*view.HandCall
}

func (w *window) newCaller(server string) *caller {
	c := &caller{w: w, server: server, about: muted(""), form: container.NewVBox(), raw: widget.NewMultiLineEntry(), misfit: muted(""), results: container.NewVBox()}
	c.choose = w.pick(nil, nil, "", func(string) {})
	c.choose.name = i18n.T("Tool")
	c.choose.PlaceHolder = i18n.T("Choose a tool")
	c.choose.OnChanged = func(name string) { crash.Call(func() { c.show(name) }) }
	c.raw.TextStyle.Monospace, c.raw.Wrapping = true, fyne.TextWrapBreak
	c.raw.SetMinRowsVisible(6)
	c.raw.SetText("{}")
	c.raw.OnChanged = func(text string) { crash.Call(func() { c.read(text) }) }
	call := w.solidButton(i18n.T("Call"), theme.MediaPlayIcon(), i18n.T("Sent as it is written on the right"), c.call)
	call.Importance = widget.HighImportance
	compare := w.textButton(i18n.T("Compare the last two"), nil, i18n.T("Arguments and results, line by line"), c.compare)
	c.object = container.NewVBox(c.choose.shown(), snug(c.about), container.NewGridWithColumns(2, c.form, c.raw),
		snug(c.misfit), container.NewHBox(call, compare), c.results)
	return c
}

// offer takes the tools that the server has now.
func (c *caller) offer(list []tools.Tool) {
	var names []string
	for _, t := range list {
		names = append(names, t.Name)
	}
	c.list = list
	if !slices.Equal(names, c.choose.Options) {
		c.choose.SetOptions(names)
		if c.tool == nil && len(names) > 0 {
			c.choose.SetSelected(names[0])
		}
	}
}

// show makes the form of a tool.
func (c *caller) show(name string) {
	i := slices.IndexFunc(c.list, func(t tools.Tool) bool { return t.Name == name })
	if i < 0 {
		return
	}
	c.tool = &c.list[i]
	c.fields, c.entries, c.rest = tools.Form(c.tool.Parameters), map[string]string{}, nil
	for _, f := range c.fields {
		if f.Default != "" {
			c.entries[f.Name] = f.Default
		}
	}
	c.about.Segments[0].(*widget.TextSegment).Text = c.tool.Description
	c.about.Refresh()
	c.fill()
	c.write()
}

// fill makes the form's entries.
func (c *caller) fill() {
	c.form.Objects = nil
	for _, f := range c.fields {
		label := f.Name
		if f.Required {
			label += " *"
		}
		c.form.Add(container.NewVBox(caption(label+"  "+f.Kind), c.entry(f)))
		if f.Description != "" {
			c.form.Add(pad(snug(remark(short(f.Description, 120))), -6, 4, 0, 0))
		}
	}
	if len(c.fields) == 0 {
		c.form.Add(snug(muted(i18n.T("It takes no arguments."))))
	}
	c.form.Refresh()
}

// entry is where a parameter is written.
func (c *caller) entry(f tools.Field) fyne.CanvasObject {
	set := func(text string) {
		c.entries[f.Name] = text
		c.write()
	}
	choices := f.Choices
	if f.Kind == "boolean" {
		choices = []string{"true", "false"}
	}
	if len(choices) > 0 {
		if !f.Required {
			choices = append([]string{""}, choices...)
		}
		p := c.w.pick(choices, choices, c.entries[f.Name], set)
		p.name = f.Name
		return p.shown()
	}
	e := newField(c.w, f.Name)
	e.SetText(c.entries[f.Name])
	e.OnChanged = func(text string) { crash.Call(func() { set(text) }) }
	return e
}

// write puts what the form says into the JSON.
func (c *caller) write() {
	if c.writing {
		return
	}
	c.writing = true
	c.raw.SetText(view.TrafficText(tools.Traffic{Data: []byte(tools.WriteForm(c.fields, c.entries, c.rest))}))
	c.writing = false
	c.check()
}

// read puts what the JSON says into the form.
func (c *caller) read(text string) {
	if c.writing {
		return
	}
	if json.Valid([]byte(text)) {
		c.writing = true
		c.entries, c.rest = tools.FillForm(c.fields, text)
		c.fill()
		c.writing = false
	}
	c.check()
}

// check says in what the arguments do not fit; they can be sent all the same.
func (c *caller) check() {
	text := ""
	if c.tool != nil {
		text = tools.Misfit(c.tool, c.raw.Text)
	}
	segment := c.misfit.Segments[0].(*widget.TextSegment)
	segment.Text, segment.Style.ColorName = text, theme.ColorNameWarning
	c.misfit.Refresh()
}

// maxResults is how many results stay in view.
const maxResults = 10

// call sends the JSON as it is.
func (c *caller) call() {
	if c.tool == nil {
		return
	}
	card := container.NewVBox()
	call, stop := c.w.view.CallTool(c.server, c.tool.Name, c.raw.Text, func(call *view.HandCall) { c.fillCard(card, call, nil) })
	c.calls = append([]*view.HandCall{call}, c.calls...)
	c.fillCard(card, call, stop)
	c.put(card)
}

// put shows a card above the others.
func (c *caller) put(card fyne.CanvasObject) {
	c.results.Objects = append([]fyne.CanvasObject{card}, c.results.Objects...)
	if len(c.results.Objects) > maxResults {
		c.results.Objects = c.results.Objects[:maxResults]
	}
	c.results.Refresh()
}

// fillCard shows a call and how it ended.
func (c *caller) fillCard(card *fyne.Container, call *view.HandCall, stop func()) {
	head := call.Tool
	switch {
	case call.Running:
		head += "  ·  " + i18n.T("running…")
	case call.Err != nil || call.Output.Failed:
		head += "  ·  " + i18n.T("failed") + fmt.Sprintf("  ·  %.2f s", call.Seconds)
	default:
		head += fmt.Sprintf("  ·  %.2f s", call.Seconds)
	}
	buttons := container.NewHBox()
	if call.Running {
		buttons.Add(c.w.textButton(i18n.T("Stop"), theme.MediaStopIcon(), "", stop))
	} else {
		if call.Err == nil {
			buttons.Add(c.w.iconButton(theme.DocumentSaveIcon(), i18n.T("Save as a case for sirocco replay"), func() { c.save(call) }))
		}
		buttons.Add(c.w.iconButton(theme.ContentCopyIcon(), i18n.T("Copy the result"), func() { c.w.copy(call.Result()) }))
	}
	card.Objects = []fyne.CanvasObject{c.card(head, call.Result(), buttons)}
	for i := range call.Output.Pictures {
		card.Add(container.NewHBox(c.w.thumb(&call.Output.Pictures[i])))
	}
	card.Refresh()
}

// card is a text on a ground of its own, under a line that says what it is.
func (c *caller) card(head, text string, buttons fyne.CanvasObject) fyne.CanvasObject {
	body := widget.NewLabel(view.TrafficText(tools.Traffic{Data: []byte(text)}))
	body.Wrapping, body.Selectable, body.TextStyle.Monospace = fyne.TextWrapBreak, true, true
	body.SizeName = sizeSmall
	top := container.NewBorder(nil, nil, nil, buttons, pad(caption(head), 4, 0, 8, 0))
	return container.NewStack(box(colorBubble, 8), container.NewVBox(top, body))
}

// compare shows in what the last two calls differ.
func (c *caller) compare() {
	ended := slices.DeleteFunc(slices.Clone(c.calls), func(call *view.HandCall) bool { return call.Running })
	if len(ended) < 2 {
		c.w.view.Tell(fmt.Errorf("%s", i18n.T("Call it twice first.")))
		c.w.refresh()
		return
	}
	c.put(c.card(i18n.T("The last two calls: - before, + after"), view.CompareCalls(ended[1], ended[0]), container.NewHBox()))
}

// save writes a call into a file that replay makes again.
func (c *caller) save(call *view.HandCall) {
	data, err := tools.NewCallCase(c.server, call.Tool, call.Arguments, call.Output).Bytes()
	if err != nil {
		c.w.view.Tell(err)
		c.w.refresh()
		return
	}
	files.Save(c.w.win, call.Tool+".json", func(file io.WriteCloser, _ string, err error) {
		if err == nil {
			_, err = file.Write(data)
			err = errors.Join(err, file.Close())
		}
		if err != nil {
			c.w.view.Tell(err)
			c.w.refresh()
		}
	})
}
