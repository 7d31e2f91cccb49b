//go:build !headless

package inspector

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// patches is a picture cut into its patches; the one under the pointer is framed, and
// heat may lie over them.
type patches struct {
	widget.BaseWidget
	grid  *grid
	body  *fyne.Container
	heat  *canvas.Image
	frame *canvas.Rectangle
	over  func(row, column int) // -1: over none
}

var _ desktop.Hoverable = (*patches)(nil)

func newPatches(g *grid, over func(row, column int)) *patches {
	p := &patches{grid: g, over: over, body: container.NewWithoutLayout(), heat: canvas.NewImageFromImage(nil), frame: canvas.NewRectangle(color.Transparent)}
	g.draw(p.body)
	p.heat.ScaleMode = canvas.ImageScalePixels
	p.heat.Move(fyne.NewPos(0, 4))
	p.heat.Resize(fyne.NewSize(g.size()))
	p.heat.Hide()
	p.frame.StrokeWidth, p.frame.StrokeColor = 2, theme.Color(theme.ColorNamePrimary)
	p.frame.Resize(fyne.NewSize(g.cell, g.cell))
	p.frame.Hide()
	p.body.Add(p.heat)
	p.body.Add(p.frame)
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer shows the picture.
func (p *patches) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.body) }

// MinSize is that of the picture.
func (p *patches) MinSize() fyne.Size {
	w, h := p.grid.size()
	return fyne.NewSize(w+1, h+8)
}

// warm lays heat over the patches, row by row from 0 to 1: what is cold is dark, what
// is hot stays clear under a warm tint. nil takes it away.
func (p *patches) warm(heat []float32) {
	if p.heat.Visible() && heat == nil {
		p.heat.Hide()
	}
	if len(heat) != p.grid.rows*p.grid.columns {
		return
	}
	tint := image.NewNRGBA(image.Rect(0, 0, p.grid.columns, p.grid.rows))
	for at, h := range heat {
		h = min(max(h, 0), 1)
		tint.SetNRGBA(at%p.grid.columns, at/p.grid.columns, color.NRGBA{uint8(255 * h), uint8(122 * h), uint8(26 * h), uint8(255 * (0.66 - 0.28*h))})
	}
	p.heat.Image = tint
	p.heat.Show()
	p.heat.Refresh()
}

// MouseIn begins hovering.
func (p *patches) MouseIn(e *desktop.MouseEvent) { p.MouseMoved(e) }

// MouseMoved frames the patch under the pointer.
func (p *patches) MouseMoved(e *desktop.MouseEvent) {
	row, column := int((e.Position.Y-4)/p.grid.cell), int(e.Position.X/p.grid.cell)
	if e.Position.Y < 4 || row >= p.grid.rows || column >= p.grid.columns {
		p.MouseOut()
		return
	}
	p.frame.Move(fyne.NewPos(float32(column)*p.grid.cell, 4+float32(row)*p.grid.cell))
	p.frame.Show()
	p.frame.Refresh()
	p.over(row, column)
}

// MouseOut ends hovering.
func (p *patches) MouseOut() {
	p.frame.Hide()
	p.over(-1, -1)
}
