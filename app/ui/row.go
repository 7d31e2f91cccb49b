//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/view"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// widgetMedium is the importance of a button that stands out a little.
const widgetMedium = widget.MediumImportance

// row shows one message. Its parts stand below each other; fit gives each its
// height for a width.
type row struct {
	w       *window
	m       *view.Message
	object  *hot
	body    *fyne.Container
	parts   []part
	last    bool
	actions *fyne.Container
	strip   *fyne.Container // the line with the actions
	width   float32

	list     *blockList // of an answer
	doing    *canvas.Text
	meter    *meter
	status   *fyne.Container
	cursor   fyne.CanvasObject
	summary  *canvas.Text
	calls    *fyne.Container
	shown    *fyne.Container // pictures that tools returned
	lines    []*callLine     // what stands in it
	pictures int             // so many of the tools' are shown
	approval *fyne.Container // the card of a call that needs permission
	asking   *view.Ask       // what it was made for
	fault    *fyne.Container
	notes    *fyne.Container // what was remarked on the way
	state    view.State
	version  [3]int // what the switcher was made for
}

// part is a piece of a row: an object, its height at a width, space above it.
type part struct {
	object fyne.CanvasObject
	above  float32
	fit    func(width float32) float32 // nil: what it wants
	narrow bool                        // as wide as it wants, at the end of the line
}

func (w *window) newRow(m *view.Message, last bool) *row {
	r := &row{w: w, m: m, last: last}
	r.body = container.NewWithoutLayout()
	r.object = newHot(r.body, nil)
	r.object.onEntered = func() { w.transcript.activate(m) }
	if m.Role == chat.User {
		r.question()
	} else {
		r.answer()
	}
	r.refresh()
	return r
}

// place moves the row.
func (r *row) place(at fyne.Position, s fyne.Size) {
	r.object.Move(at)
	if r.object.Size() != s {
		r.object.Resize(s)
	}
}

// fit lays the parts out and returns the row's height.
func (r *row) fit(width float32) float32 {
	r.width = width
	y := float32(0)
	for i := range r.parts {
		p := &r.parts[i]
		if !p.object.Visible() {
			continue
		}
		if y > 0 {
			y += p.above
		}
		y += p.layout(width, y)
	}
	return y
}

// layout gives a part its place and returns its height.
func (p *part) layout(width, y float32) float32 {
	need := p.object.MinSize()
	wide, x := width, float32(0)
	if p.narrow {
		wide = min(width, need.Width)
		x = width - wide
	}
	height := need.Height
	if p.fit != nil {
		height = p.fit(wide)
	} else if p.object.Size().Width != wide {
		p.object.Resize(fyne.NewSize(wide, height))
		height = p.object.MinSize().Height
	}
	p.object.Move(fyne.NewPos(x, y))
	if s := fyne.NewSize(wide, height); p.object.Size() != s {
		p.object.Resize(s)
	}
	return height
}

func (r *row) add(p part) {
	r.parts = append(r.parts, p)
	r.body.Add(p.object)
}

// refresh brings the row up to date with its message.
func (r *row) refresh() {
	if r.m.Answer != nil {
		r.refreshAnswer()
	}
	now := [3]int{r.m.Version, r.m.Versions, len(r.m.Other)}
	if r.actions != nil && (r.version != now || r.m.Answer != nil && r.state != r.m.Answer.State) {
		r.version = now
		if r.m.Answer != nil {
			r.state = r.m.Answer.State
		}
		r.fillActions()
	}
}

// answer builds the parts of an answer.
func (r *row) answer() {
	w := r.w
	r.list = w.newBlockList()
	r.doing = caption("")
	r.meter = newMeter(theme.ColorNamePrimary)
	r.status = container.NewVBox(r.doing, container.NewGridWithColumns(3, r.meter))
	cursor := canvas.NewRectangle(shade(theme.ColorNamePrimary))
	cursor.SetMinSize(fyne.NewSize(8, size(theme.SizeNameText)))
	r.cursor = container.NewHBox(cursor)
	r.calls, r.approval = container.NewVBox(), container.NewStack()
	r.fault, r.shown, r.notes = container.NewStack(), container.NewStack(), container.NewVBox()
	r.summary = caption("")
	r.actions = container.NewHBox()
	r.add(part{object: r.calls})
	r.add(part{object: r.shown, above: 8})
	r.add(part{object: r.list.body, fit: r.list.fit, above: 8})
	r.add(part{object: r.approval, above: 8})
	r.add(part{object: r.status, above: 8})
	r.add(part{object: r.cursor, above: 8})
	r.add(part{object: r.fault, above: 8})
	r.add(part{object: r.notes, above: 8})
	// Their icons begin where the words do.
	r.strip = container.NewBorder(nil, nil, pad(minHeight(r.actions, stripHeight), 0, 0, -2*theme.Padding(), 0), container.NewCenter(r.summary))
	r.add(part{object: r.strip, above: 4})
}

func (r *row) refreshAnswer() {
	a := r.m.Answer
	r.list.show(&a.Blocks)
	show(r.list.body, len(r.list.blocks) > 0)
	r.showCalls(a)
	r.showPictures(a)
	r.showApproval(a)
	show(r.status, !a.State.Over() && a.Doing != "" && (a.Text == "" || a.State != view.Writing))
	if r.doing.Text != a.Doing {
		r.doing.Text = a.Doing
		r.doing.Refresh()
	}
	show(r.meter, a.Share >= 0)
	r.meter.Set(a.Share)
	show(r.cursor, a.State == view.Writing)
	r.showFault(a)
	r.showNotes()
	if text := a.Summary(); r.summary.Text != text {
		r.summary.Text = text
		r.summary.Refresh()
	}
}

// showFault shows an error as a sentence with what to do, its technical text
// behind a fold.
func (r *row) showFault(a *view.Answer) {
	show(r.fault, a.Trouble != nil)
	if a.Trouble == nil || len(r.fault.Objects) > 0 {
		return
	}
	r.fault.Objects = []fyne.CanvasObject{r.w.troubleCard(a.Trouble)}
	r.fault.Refresh()
}

// showNotes tells what the engine remarked, once in a conversation.
func (r *row) showNotes() {
	notes := r.w.view.Remarks(r.m)
	show(r.notes, len(notes) > 0)
	for _, note := range notes[min(len(r.notes.Objects), len(notes)):] {
		r.notes.Add(snug(remark(note)))
	}
}

// troubleCard is an error as it stands anywhere in the window.
func (w *window) troubleCard(t *view.Trouble) fyne.CanvasObject {
	details := widget.NewLabel(t.Details)
	details.Wrapping = fyne.TextWrapBreak
	details.TextStyle.Monospace = true
	details.Selectable = true
	fold := widget.NewAccordion(widget.NewAccordionItem(i18n.T("Details"), details))
	copyIt := w.textButton(i18n.T("Copy"), theme.ContentCopyIcon(), i18n.T("Copy the technical text"), func() { w.copy(t.Details) })
	bar := canvas.NewRectangle(shade(theme.ColorNameError))
	bar.SetMinSize(fyne.NewSize(3, 1))
	body := container.NewVBox(prose(t.Sentence), container.NewBorder(nil, nil, nil, container.NewVBox(copyIt), fold))
	return container.NewStack(box(colorBubble, 8), container.NewBorder(nil, nil, bar, nil, pad(body, 4, 4, 4, 4)))
}

// show hides or shows an object and reports it only when that changes it.
func show(o fyne.CanvasObject, visible bool) {
	if o.Visible() == visible {
		return
	}
	if visible {
		o.Show()
	} else {
		o.Hide()
	}
}
