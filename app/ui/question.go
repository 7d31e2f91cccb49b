//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/view"
	"sirocco/model/chat"
)

// thumbHeight is the height of a question's pictures.
const thumbHeight = 120

// question builds the parts of a question: its pictures, its files, its words.
func (r *row) question() {
	if len(r.m.Pictures) > 0 {
		r.add(part{object: r.w.pictureRow(r.m.Pictures), narrow: true})
	}
	for _, f := range r.m.Files {
		r.add(part{object: r.w.fileChip(f), narrow: true, above: 8})
	}
	r.actions = container.NewHBox()
	r.strip = container.NewBorder(nil, nil, nil, minHeight(r.actions, stripHeight))
	if r.m.Text == "" {
		r.add(part{object: r.strip, above: 2})
		return
	}
	bubble := newBubble(r.m.Text, r.strip)
	r.add(part{object: bubble.object, above: 8, fit: func(width float32) float32 { return bubble.fit(width, r.m.Versions > 1) }})
}

// bubble is a question's words on a soft ground, as wide as they need, with its
// buttons to the left: below they would part the question from its answer.
type bubble struct {
	object         *fyne.Container
	ground         *canvas.Rectangle
	label          *widget.Label
	strip          *fyne.Container // the buttons
	preferredWidth float32         // width without wrapping
}

func newBubble(text string, strip *fyne.Container) *bubble {
	b := &bubble{ground: box(colorBubble, 12), label: widget.NewLabel(text), strip: strip}
	b.preferredWidth = b.label.MinSize().Width
	b.label.Wrapping = fyne.TextWrapWord
	b.label.Selectable = true
	if view.RightToLeft(text) {
		b.label.Alignment = fyne.TextAlignTrailing
	}
	b.object = container.NewWithoutLayout(b.strip, b.ground, b.label)
	return b
}

// fit places the bubble at the end of the line, at most four fifths of it, and leaves
// room for the buttons, more where there are branches to switch.
func (b *bubble) fit(width float32, branched bool) float32 {
	const margin = 6
	buttons := 2 * (size(theme.SizeNameInlineIcon) + 3*theme.Padding())
	if branched {
		buttons *= 2.6
	}
	wide := min(b.preferredWidth+2*margin+1, width*0.8, width-buttons)
	b.label.Resize(fyne.NewSize(wide-2*margin, b.label.Size().Height))
	height := b.label.MinSize().Height
	b.label.Resize(fyne.NewSize(wide-2*margin, height))
	b.label.Move(fyne.NewPos(width-wide+margin, 0))
	b.ground.Resize(fyne.NewSize(wide, height))
	b.ground.Move(fyne.NewPos(width-wide, 0))
	b.strip.Resize(fyne.NewSize(width-wide-margin, stripHeight))
	b.strip.Move(fyne.NewPos(0, max(0, min(height, size(theme.SizeNameText)+5*theme.Padding())-stripHeight)/2))
	return height
}

// pictureRow shows the pictures of a question; a tap opens one full size.
func (w *window) pictureRow(pictures []*chat.Image) fyne.CanvasObject {
	line := container.NewHBox()
	for _, p := range pictures {
		line.Add(w.thumb(p))
	}
	if len(pictures) > 4 {
		scroll := w.newSideScroll(line)
		scroll.SetMinSize(fyne.NewSize(4*thumbHeight*1.4, thumbHeight+8))
		return scroll
	}
	return line
}

// thumb is a picture's thumbnail, decoded in the background.
func (w *window) thumb(p *chat.Image) fyne.CanvasObject {
	img := canvas.NewImageFromImage(nil)
	img.FillMode, img.ScaleMode, img.CornerRadius = canvas.ImageFillContain, canvas.ImageScaleSmooth, 8
	img.SetMinSize(fyne.NewSize(thumbHeight, thumbHeight))
	border := canvas.NewRectangle(nil)
	border.StrokeColor, border.StrokeWidth, border.CornerRadius = shade(theme.ColorNameSeparator), 1, 8
	tap := newHot(container.NewStack(img, border), func() { w.openPicture(p) })
	w.view.Thumb(p, func(small view.Thumb) {
		img.Image = small.Image
		img.SetMinSize(fyne.NewSize(thumbHeight*min(2.2, small.Aspect()), thumbHeight))
		img.Refresh()
		w.transcript.refit()
	})
	return tap
}

// fileChip names a text file that went along.
func (w *window) fileChip(f view.File) fyne.CanvasObject {
	icon := widget.NewIcon(theme.FileTextIcon())
	label := canvas.NewText(f.Name, shade(theme.ColorNameForeground))
	label.TextSize = size(sizeSmall)
	content := pad(container.NewHBox(icon, container.NewCenter(label)), 4, 4, 8, 12)
	return newHot(container.NewStack(box(colorBubble, 8), content), func() { w.openText(f) })
}
