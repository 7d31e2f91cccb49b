package imageproc

import "image"

// Seen is the picture at the size the model sees it, upright, for sending it to
// a server: what the tower would be given, rounded to 8 bits.
func (r Rule) Seen(p *Picture) *image.NRGBA {
	grid := r.Grid(p.Width, p.Height)
	out := image.NewNRGBA(image.Rect(0, 0, grid.Width, grid.Height))
	resize(p, grid.Width, grid.Height, func(y int, row []float32) {
		line := out.Pix[y*out.Stride:]
		for x := range grid.Width {
			for c := range 3 {
				line[4*x+c] = byte(min(max(row[3*x+c]+0.5, 0), 255))
			}
			line[4*x+3] = 255
		}
	})
	return out
}
