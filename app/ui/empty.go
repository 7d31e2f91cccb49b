//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/view/i18n"
)

// showEmpty fills a conversation without messages: on a fresh machine with the
// first-run card, later with a word on what can be done.
func (w *window) showEmpty() {
	w.empty.Objects = nil
	if len(w.view.Messages) == 0 {
		if !w.view.Settings.Welcomed {
			w.empty.Objects = []fyne.CanvasObject{w.welcome()}
		} else {
			w.empty.Objects = []fyne.CanvasObject{w.invitation()}
		}
	}
	w.empty.Refresh()
}

// invitation is what an empty conversation shows.
func (w *window) invitation() fyne.CanvasObject {
	icon := canvas.NewImageFromResource(fyne.NewStaticResource("icon.png", w.options.Icon))
	icon.SetMinSize(fyne.NewSize(56, 56))
	icon.FillMode = canvas.ImageFillContain
	head := heading(i18n.T("Drop a picture, ask about it"), theme.SizeNameSubHeadingText)
	head.Alignment = fyne.TextAlignCenter
	hint := caption(i18n.T("Drop, paste (Ctrl+V) or choose (Ctrl+O). Text files come along too."))
	hint.Alignment = fyne.TextAlignCenter
	try := w.textButton(i18n.T("Try with a sample picture"), nil, "", func() { w.trySample() })
	return container.NewCenter(container.NewVBox(icon, gap(0, 8), head, hint, gap(0, 4), container.NewCenter(try)))
}

// trySample puts the sample picture into the attachments and a question into the entry.
func (w *window) trySample() {
	w.welcomed()
	w.view.Attachments.AddData("shapes.png", w.options.Sample)
	w.composer.entry.SetText(i18n.T("What is in the picture?"))
	w.refresh()
	w.win.Canvas().Focus(w.composer.entry)
}

// welcome is the first-run card: what this machine has, and three ways on.
func (w *window) welcome() fyne.CanvasObject {
	icon := canvas.NewImageFromResource(fyne.NewStaticResource("icon.png", w.options.Icon))
	icon.SetMinSize(fyne.NewSize(48, 48))
	icon.FillMode = canvas.ImageFillContain
	head := heading(i18n.T("Welcome to Sirocco"), theme.SizeNameHeadingText)
	intro := snug(muted(i18n.T("It answers questions about pictures, on this machine. No account; nothing you ask leaves it.")))
	device := w.deviceLine()
	now := w.choice(i18n.T("Try it now"), i18n.T("The miniature inside this program answers at once: shapes, colours, words on signs."), true, func() { w.trySample() })
	full := w.choice(i18n.T("Get the full model"), w.fullModel(), false, func() { w.welcomed(); w.show(pageModels) })
	have := w.choice(i18n.T("I have the files"), i18n.T("A model folder or a GGUF file; dropping it on the window works too."), false, func() { w.welcomed(); w.chooseModel() })
	body := container.NewVBox(container.NewHBox(icon, pad(container.NewCenter(head), 0, 0, 8, 0)), gap(0, 4), intro, gap(0, 4), device, gap(0, 8), now, full, have)
	card := container.NewStack(frame(theme.ColorNameInputBackground, theme.ColorNameInputBorder, 12), pad(body, 20, 20, 20, 20))
	return container.NewVScroll(container.New(&cardLayout{w}, card))
}

// fullModel says what the full model is, and whether it would run here.
func (w *window) fullModel() string {
	text := i18n.T("Mistral Small 3.2, 24 billion parameters, about 15 GB.")
	w.view.CheckAll()
	if list := w.view.ModelList.Catalogue; len(list) > 0 {
		if fit, ok := w.view.FitOf(list[0]); ok && fit.Plan != nil {
			text += "\n" + fit.Line()
		}
	}
	return text
}

// deviceLine says what computes here.
func (w *window) deviceLine() fyne.CanvasObject {
	text := w.view.Host.Doing
	if d := w.view.Host.About.Device; d.Name != "" {
		text = i18n.T("This machine computes on: %s (%s).", d.Name, d.Backend)
	}
	line := prose(text)
	if fault := w.view.Host.Fault; fault != nil {
		line = prose(fault.Sentence)
		line.Importance = widget.WarningImportance
	}
	return snug(line)
}

// choice is one way on: a button with what it means below.
func (w *window) choice(name, meaning string, first bool, do func()) fyne.CanvasObject {
	b := w.textButton(name, nil, "", do)
	b.Importance = widget.MediumImportance
	if first {
		b.Importance = widget.HighImportance
	}
	text := snug(muted(meaning))
	return container.New(&choiceLayout{}, b, text)
}

// choiceLayout puts words beside a button.
type choiceLayout struct{}

const choiceWidth = 190

func (choiceLayout) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	wide := max(choiceWidth, objects[0].MinSize().Width)
	objects[0].Resize(fyne.NewSize(wide, objects[0].MinSize().Height))
	objects[0].Move(fyne.NewPos(0, (s.Height-objects[0].MinSize().Height)/2))
	objects[1].Resize(fyne.NewSize(s.Width-wide-16, s.Height))
	height := objects[1].MinSize().Height
	objects[1].Move(fyne.NewPos(wide+16, max(0, (s.Height-height)/2)))
}

func (choiceLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(320, max(objects[0].MinSize().Height, objects[1].MinSize().Height)+8)
}

// cardLayout centres a card of a readable width.
type cardLayout struct{ w *window }

func (l *cardLayout) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	wide := min(620*l.w.theme.scale, s.Width-2*edge)
	objects[0].Resize(fyne.NewSize(wide, objects[0].MinSize().Height))
	height := objects[0].MinSize().Height
	objects[0].Resize(fyne.NewSize(wide, height))
	objects[0].Move(fyne.NewPos((s.Width-wide)/2, max(edge, (s.Height-height)/2)))
}

func (l *cardLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(360, objects[0].MinSize().Height+2*edge)
}

// welcomed notes that the card was answered.
func (w *window) welcomed() {
	if !w.view.Settings.Welcomed {
		w.view.Settings.Welcomed = true
		w.view.Settings.Save()
		w.showEmpty()
	}
}
