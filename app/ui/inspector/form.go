//go:build !headless

package inspector

import (
	"encoding/json"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/inspect"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// formView is a form as widgets: one line per field, its error below it.
type formView struct {
	object  *fyne.Container
	form    *inspect.Form
	inputs  map[string]fyne.CanvasObject
	faults  map[string]*widget.Label
	whole   *widget.Label
	changed func()
	filling bool
}

func newFormView(changed func()) *formView {
	return &formView{object: container.NewVBox(), changed: changed, whole: fault("")}
}

func fault(text string) *widget.Label {
	l := warning(text)
	l.SizeName = theme.SizeNameCaptionText
	return l
}

// fill makes the widgets anew.
func (f *formView) fill(form *inspect.Form) {
	f.filling = true
	defer func() { f.filling = false }()
	f.form, f.faults, f.inputs = form, map[string]*widget.Label{}, map[string]fyne.CanvasObject{}
	f.object.Objects = []fyne.CanvasObject{bold(i18n.T("Fields"))}
	for _, field := range form.Fields {
		name := field.Name
		if field.Required {
			name += " *"
		}
		label := widget.NewLabel(name)
		label.Truncation = fyne.TextTruncateEllipsis
		f.faults[field.Name] = fault("")
		side := container.NewGridWrap(fyne.NewSize(130, label.MinSize().Height), label)
		input := f.input(field)
		f.inputs[field.Name] = input
		f.object.Add(container.NewBorder(nil, nil, side, nil, input))
		if field.Description != "" {
			about := muted(field.Description)
			about.Wrapping, about.SizeName = fyne.TextWrapWord, theme.SizeNameCaptionText
			f.object.Add(about)
		}
		f.object.Add(f.faults[field.Name])
	}
	f.object.Add(f.whole)
	f.errors()
	f.object.Refresh()
}

// input is the widget that edits a field.
func (f *formView) input(field *inspect.Field) fyne.CanvasObject {
	set := func(text string) {
		if !f.filling {
			f.form.Set(field.Name, text)
			f.changed()
		}
	}
	switch field.Type {
	case inspect.FieldChoice, inspect.FieldBoolean:
		choices := field.Choices
		if field.Type == inspect.FieldBoolean {
			choices = []string{"true", "false"}
		}
		labels := make([]string, len(choices))
		for k, c := range choices {
			labels[k] = plain(c)
		}
		s := widget.NewSelect(labels, nil)
		s.SetSelected(plain(field.Value))
		s.OnChanged = func(string) {
			if k := s.SelectedIndex(); k >= 0 {
				set(choices[k])
			}
		}
		return s
	case inspect.FieldJSON:
		e := code()
		e.SetText(field.Value)
		e.SetMinRowsVisible(2)
		e.OnChanged = set
		return e
	}
	e := widget.NewEntry()
	e.SetText(field.Value)
	e.SetPlaceHolder(field.Type)
	e.OnChanged = set
	return e
}

// plain is a choice as people read it: a text without its quotes.
func plain(choice string) string {
	var text string
	if json.Unmarshal([]byte(choice), &text) == nil {
		return text
	}
	return choice
}

// errors puts each field's error in its place.
func (f *formView) errors() {
	for _, field := range f.form.Fields {
		describeToken(f.faults[field.Name], field.Error)
	}
	describeToken(f.whole, f.form.Error)
}

func describeToken(l *widget.Label, text string) {
	l.SetText(text)
	if text == "" {
		l.Hide()
	} else {
		l.Show()
	}
}

// thumbnail is a picture of a result.
func thumbnail(image *chat.Image) fyne.CanvasObject {
	c := canvas.NewImageFromResource(fyne.NewStaticResource(image.Name, image.Data))
	c.FillMode = canvas.ImageFillContain
	c.SetMinSize(fyne.NewSize(160, 120))
	return c
}

// editTool lets a person change the tool's definition and asks the same question
// again with it.
func (p *callPane) editTool() {
	tool := *p.of.Tool
	about := widget.NewEntry()
	about.SetText(tool.Description)
	schema := code()
	schema.SetText(string(tool.Parameters))
	schema.SetMinRowsVisible(14)
	items := []*widget.FormItem{widget.NewFormItem(i18n.T("Description"), about), widget.NewFormItem(i18n.T("Schema"), schema)}
	d := dialog.NewForm(i18n.T("Ask again with %s changed", tool.Name), i18n.T("Ask again"), i18n.T("Cancel"), items, func(ok bool) {
		if !ok {
			return
		}
		if _, err := inspect.Validate([]byte(schema.Text), "{}"); err != nil {
			p.i.fail(err)
			return
		}
		tool.Description, tool.Parameters = about.Text, []byte(schema.Text)
		p.i.runOn(p.i.view.WithTool(p.of.Round, tool), nil)
	}, p.i.win)
	d.Resize(fyne.NewSize(680, 480))
	d.Show()
}
