//go:build !headless

package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// planPicture shows what the model takes of the device's memory: a bar with a
// piece for each use, what stays free behind it, and the numbers below.
func (w *window) planPicture() []fyne.CanvasObject {
	plan := w.view.Plan
	if plan == nil || plan.Bytes() == 0 {
		return nil
	}
	room := float32(plan.Room())
	bar := &planBar{}
	strip := container.New(bar)
	legend := container.New(&flowLayout{gap: 16})
	for i, item := range plan.Items {
		bar.shares = append(bar.shares, float32(item.Bytes)/room)
		strip.Add(planPiece(planShade(i)))
		legend.Add(w.planLabel(planShade(i), plan.Label(item)))
	}
	ground := box(theme.ColorNameSeparator, 4)
	rows := []fyne.CanvasObject{pad(container.NewStack(ground, strip), 8, 4, 0, 0), legend}
	for _, place := range plan.Places {
		rows = append(rows, snug(muted(place.Verdict())))
	}
	for _, step := range plan.Steps {
		rows = append(rows, snug(muted(step)))
	}
	return rows
}

// planShade is the colour of the nth use: from the accent towards grey.
func planShade(i int) color.Color {
	names := []fyne.ThemeColorName{theme.ColorNamePrimary, colorNumber, colorString, colorKeyword, colorName, colorMuted}
	return shade(names[min(i, len(names)-1)])
}

func planPiece(fill color.Color) fyne.CanvasObject {
	piece := canvas.NewRectangle(fill)
	piece.CornerRadius = 3
	return piece
}

func (w *window) planLabel(fill color.Color, text string) fyne.CanvasObject {
	dot := canvas.NewRectangle(fill)
	dot.CornerRadius = 3
	dot.SetMinSize(fyne.NewSize(10, 10))
	return container.NewHBox(container.NewCenter(dot), caption(text))
}

// planBar lays the pieces of a bar side by side, each as wide as its share.
type planBar struct{ shares []float32 }

func (l *planBar) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	x := float32(0)
	for i, o := range objects {
		wide := l.shares[i] * s.Width
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(max(1, wide-1), s.Height))
		x += wide
	}
}

func (l *planBar) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(120, 16) }

// flowLayout puts objects side by side and begins a new line where they do not fit.
type flowLayout struct {
	gap  float32
	wide float32
}

func (l *flowLayout) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	l.wide = s.Width
	l.flow(objects, true)
}

// MinSize is as high as the lines are at the width of the last layout.
func (l *flowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(100, l.flow(objects, false))
}

func (l *flowLayout) flow(objects []fyne.CanvasObject, place bool) (height float32) {
	var x, y, line float32
	for _, o := range objects {
		need := o.MinSize()
		if x > 0 && l.wide > 0 && x+need.Width > l.wide {
			x, y, line = 0, y+line+2, 0
		}
		if place {
			o.Move(fyne.NewPos(x, y))
			o.Resize(need)
		}
		x, line = x+need.Width+l.gap, max(line, need.Height)
	}
	return y + line
}
