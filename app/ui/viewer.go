//go:build !headless

package ui

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/view"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// fullSide is the longest side a picture is shown with.
const fullSide = 3000

// openPicture shows a picture as large as the window, over everything.
func (w *window) openPicture(p *chat.Image) {
	img := canvas.NewImageFromImage(nil)
	img.FillMode, img.ScaleMode = canvas.ImageFillContain, canvas.ImageScaleSmooth
	label := caption(p.Name)
	w.overlay(img, label)
	w.view.Full(p, fullSide, func(t view.Thumb) {
		img.Image = t.Image
		label.Text = fmt.Sprintf("%s · %d × %d", p.Name, t.Width, t.Height)
		label.Refresh()
		img.Refresh()
	})
}

// openText shows a text file that went along with a question.
func (w *window) openText(f view.File) {
	text := widget.NewLabel(f.Text)
	text.TextStyle.Monospace, text.Selectable = true, true
	w.overlay(container.NewScroll(text), caption(f.Name))
}

// overlay shows something over the whole window until Escape, or a tap beside.
func (w *window) overlay(content fyne.CanvasObject, below fyne.CanvasObject) {
	var popup *widget.PopUp
	shut := w.iconButton(theme.CancelIcon(), i18n.T("Close (Esc)"), func() { popup.Hide() })
	body := container.NewBorder(container.NewBorder(nil, nil, nil, shut, container.NewCenter(below)), nil, nil, nil, content)
	room := w.win.Canvas().Size()
	popup = widget.NewModalPopUp(pad(body, 8, 8, 8, 8), w.win.Canvas())
	popup.Resize(fyne.NewSize(room.Width-48, room.Height-48))
	popup.Show()
	w.popup = popup
}

// openItem shows a picture of the attachments with a slider for its size, and what the
// model will see of it.
func (w *window) openItem(item *view.Item) {
	tray := w.view.Attachments
	img := canvas.NewImageFromImage(item.Thumb)
	img.FillMode, img.ScaleMode = canvas.ImageFillContain, canvas.ImageScaleSmooth
	line := widget.NewLabel(w.itemCaption(item))
	line.Alignment = fyne.TextAlignCenter
	longest := max(item.Info.Width, item.Info.Height)
	slider := w.newSlider(min(112, float64(longest)), float64(longest), 28, float64(longest))
	if item.Side > 0 {
		slider.SetValue(float64(item.Side))
	}
	preview := func() {
		w.view.Seen(item, func(t view.Thumb) {
			img.Image = t.Image
			img.Refresh()
			line.SetText(w.itemCaption(item) + warning(item))
		})
	}
	slider.OnChanged = func(v float64) { line.SetText(i18n.T("longest side %d px", int(v))) }
	slider.OnChangeEnded = func(v float64) {
		tray.Resize(item, int(v))
		w.refresh()
		preview()
	}
	preview()
	foot := container.NewVBox(line, container.NewBorder(nil, nil, widget.NewLabel(i18n.T("smaller, faster")), widget.NewLabel(i18n.T("larger, finer")), slider.shown()))
	w.overlay(container.NewBorder(nil, foot, nil, nil, img), caption(i18n.T("%s, as the model sees it", item.Name)))
}

func warning(item *view.Item) string {
	if item.SmallText {
		return " · " + i18n.T("small writing may be lost")
	}
	return ""
}

// editQuestion brings a question back into the entry.
func (w *window) editQuestion(m *view.Message) {
	if w.view.Answering == nil {
		w.composer.edit(m)
	}
}
