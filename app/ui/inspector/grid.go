//go:build !headless

package inspector

import (
	"bytes"
	"image"
	"image/color"
	_ "image/gif" // the formats that pictures come in
	_ "image/jpeg"
	_ "image/png"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	_ "golang.org/x/image/bmp"
	"golang.org/x/image/draw"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"sirocco/model/chat"
)

// grid is a picture in a flow with the lines between its patches.
type grid struct {
	image         image.Image // as large as it is drawn; nil: only the patches are
	rows, columns int
	cell          float32
}

// newGrid is a picture as its patches, about as wide as asked but none larger than
// most. What is in them comes with decode.
func newGrid(g chat.Grid, width, most float32) *grid {
	return &grid{rows: g.Rows, columns: g.Columns, cell: max(3, min(most, width/float32(max(g.Columns, 1))))}
}

// decode is the picture as large as it is drawn, nil where the file is gone. It takes
// a while.
func (g *grid) decode(from *chat.Image) image.Image {
	if from == nil {
		return nil
	}
	whole, _, err := image.Decode(bytes.NewReader(from.Data))
	if err != nil {
		return nil
	}
	w, h := g.size()
	small := image.NewRGBA(image.Rect(0, 0, int(w), int(h)))
	draw.ApproxBiLinear.Scale(small, small.Bounds(), whole, whole.Bounds(), draw.Src, nil)
	return small
}

// size is how large it is drawn.
func (g *grid) size() (w, h float32) { return float32(g.columns) * g.cell, float32(g.rows) * g.cell }

// draw shows a picture cut into its patches.
func (g *grid) draw(c *fyne.Container) {
	w, h := g.size()
	if g.image != nil {
		picture := canvas.NewImageFromImage(g.image)
		picture.FillMode = canvas.ImageFillStretch
		picture.Move(fyne.NewPos(0, 4))
		picture.Resize(fyne.NewSize(w, h))
		c.Add(picture)
	}
	stroke := color.NRGBA{0x90, 0x90, 0x90, 0x60}
	for i := range g.columns + 1 {
		c.Add(rule(stroke, float32(i)*g.cell, 4, 1, h))
	}
	for i := range g.rows + 1 {
		c.Add(rule(stroke, 0, 4+float32(i)*g.cell, w, 1))
	}
}

func rule(fill color.Color, x, y, w, h float32) fyne.CanvasObject {
	r := canvas.NewRectangle(fill)
	r.Move(fyne.NewPos(x, y))
	r.Resize(fyne.NewSize(w, h))
	return r
}
