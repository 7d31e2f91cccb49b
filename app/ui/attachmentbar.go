//go:build !headless

package ui

import (
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/view"
	"sirocco/app/view/i18n"
)

// colorOf spares files that need nothing else of the package its import.
type colorOf = color.Color

// attachmentBar shows what goes along with the next question.
type attachmentBar struct {
	w      *window
	object *fyne.Container
	cards  *fyne.Container
	total  *canvas.Text
	refuse *fyne.Container
}

func (w *window) newTrayBar() *attachmentBar {
	t := &attachmentBar{w: w, cards: container.NewHBox(), total: caption(""), refuse: container.NewVBox()}
	scroll := container.NewHScroll(t.cards)
	t.object = column(t.refuse, scroll, pad(t.total, 0, 4, 8, 8))
	t.refresh()
	return t
}

// refresh shows the attachments as it is now.
func (t *attachmentBar) refresh() {
	tray := t.w.view.Attachments
	t.cards.Objects, t.refuse.Objects = nil, nil
	for i, item := range tray.Items {
		t.cards.Add(t.card(i, item))
	}
	why := column()
	for _, r := range tray.Refusals {
		text := prose(r.Name + ": " + r.Reason)
		text.Importance = widget.WarningImportance
		why.Add(text)
	}
	if len(tray.Refusals) > 0 {
		seen := t.w.textButton(i18n.T("Understood"), nil, "", func() { tray.Dismiss(); t.changed() })
		t.refuse.Add(container.NewBorder(nil, nil, nil, container.NewVBox(seen), why))
	}
	t.total.Text = t.summary()
	show(t.object.Objects[1], len(tray.Items) > 0)
	show(t.object.Objects[2], len(tray.Items) > 1)
	t.object.Refresh()
}

// changed shows what a button of the attachments did; typing goes on in the entry.
func (t *attachmentBar) changed() {
	t.w.refresh()
	t.w.win.Canvas().Focus(t.w.composer.entry)
}

// summary adds up what several pictures cost.
func (t *attachmentBar) summary() string {
	tray := t.w.view.Attachments
	text := i18n.T("%d items · %s tokens", len(tray.Items), view.Number(tray.Tokens()))
	if total := t.w.view.Host.About.Model.Context; total > 0 {
		text += " " + i18n.T("of %s", view.Number(total))
	}
	return text
}

// card is one picture or file.
func (t *attachmentBar) card(at int, item *view.Item) fyne.CanvasObject {
	remove := t.w.iconButton(theme.CancelIcon(), i18n.T("Take %s out", item.Name), func() { t.w.view.Attachments.Remove(item); t.changed() })
	name := canvas.NewText(short(item.Name, 22), shade(theme.ColorNameForeground))
	name.TextSize = size(sizeSmall)
	lines := container.NewVBox(container.NewBorder(nil, nil, nil, remove, container.NewVBox(layout.NewSpacer(), name, layout.NewSpacer())), caption(t.w.itemCaption(item)))
	if note := itemNote(item); note != "" {
		warn := caption(note)
		warn.Color = shade(theme.ColorNameWarning)
		lines.Add(warn)
	}
	if item.Picture() {
		lines.Add(t.tools(at, item))
	}
	return container.NewStack(box(colorBubble, 8), pad(container.NewHBox(t.preview(item), lines), 4, 4, 4, 4))
}

// itemCaption is what an item costs: its grid and tokens, and its time here.
func (w *window) itemCaption(item *view.Item) string {
	text := item.Caption(w.view.Attachments.Rule)
	if took := w.view.Seconds(item); took != "" {
		text += " · " + took
	}
	return text
}

// preview is the small picture, or a sign for text.
func (t *attachmentBar) preview(item *view.Item) fyne.CanvasObject {
	if !item.Picture() {
		return container.NewCenter(container.NewGridWrap(fyne.NewSize(40, 56), widget.NewIcon(theme.FileTextIcon())))
	}
	img := canvas.NewImageFromImage(item.Thumb)
	img.FillMode, img.ScaleMode, img.CornerRadius = canvas.ImageFillContain, canvas.ImageScaleSmooth, 6
	img.SetMinSize(fyne.NewSize(88, 88))
	return newHot(img, func() { t.w.openItem(item) })
}

// tools are the small buttons of a picture.
func (t *attachmentBar) tools(at int, item *view.Item) fyne.CanvasObject {
	w, tray := t.w, t.w.view.Attachments
	left := w.iconButton(theme.NavigateBackIcon(), i18n.T("Earlier in the order"), func() { tray.Move(item, -1); t.changed() })
	right := w.iconButton(theme.NavigateNextIcon(), i18n.T("Later in the order"), func() { tray.Move(item, +1); t.changed() })
	turn := w.iconButton(theme.MediaReplayIcon(), i18n.T("Turn a quarter to the right"), func() { tray.Turn(item); t.changed() })
	fit := w.iconButton(theme.ViewRestoreIcon(), i18n.T("Size and preview"), func() { w.openItem(item) })
	enable(&left.Button, at > 0)
	enable(&right.Button, at < len(tray.Items)-1)
	if len(tray.Items) == 1 {
		return container.NewHBox(turn, fit)
	}
	return container.NewHBox(left, right, turn, fit)
}

// itemNote is what a person should know before sending.
func itemNote(item *view.Item) string {
	switch {
	case item.Busy:
		return i18n.T("working…")
	case item.SmallText:
		return i18n.T("small writing may be lost")
	case item.Note != "":
		return short(item.Note, 40)
	}
	return ""
}

// short cuts a name in its middle, so that its ending stays.
func short(name string, most int) string {
	r := []rune(name)
	if len(r) <= most {
		return name
	}
	return fmt.Sprintf("%s…%s", string(r[:most/2]), string(r[len(r)-most/2+1:]))
}
