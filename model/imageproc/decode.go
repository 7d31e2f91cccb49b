package imageproc

import (
	"bytes"
	"image"
	"image/color"
	"io"

	_ "golang.org/x/image/webp" // imaging brings the other formats
)

// Decode reads a picture file: PNG, JPEG, WebP, GIF, BMP or TIFF, of an
// animation the first frame. EXIF orientation is applied, whatever is transparent
// is laid over white, and colour profiles are ignored, as the reference does (but
// for orientation, which it applies to TIFF only). Errors are sentences that say
// what is wrong with the file and what to try; they do not name the file.
func Decode(data []byte) (p *Picture, err error) {
	f, err := inspect(data)
	if err != nil {
		return nil, err
	}
	defer rescue(f.format, &err)
	img, err := f.decode()
	if err != nil {
		return nil, broken(f.format, err)
	}
	l := upright(f.width, f.height, f.orientation)
	return l.place(f.width, f.height, f.rows(img)), nil
}

// reader gives the decoder the file's parts as one stream.
func (f *file) reader() io.Reader {
	if len(f.parts) == 1 {
		return window{bytes.NewReader(f.parts[0])}
	}
	var parts []io.Reader
	for _, part := range f.parts {
		parts = append(parts, bytes.NewReader(part))
	}
	return io.MultiReader(parts...)
}

// rows gives the whole picture's rows, when the decoded pixels may be only a
// part of it: an animation's first frame on its canvas.
func (f *file) rows(img image.Image) func(y int, dst []byte) {
	row := f.rgbRows(img)
	b := img.Bounds()
	at := f.frame
	if f.format == GIF {
		at = b.Min
	}
	if at == (image.Point{}) && b.Dx() == f.width && b.Dy() == f.height {
		return row
	}
	ground := canvasColour(img)
	return func(y int, dst []byte) {
		for x := 0; x < len(dst); x += 3 {
			copy(dst[x:], ground[:])
		}
		if y >= at.Y && y < at.Y+b.Dy() && at.X*3 < len(dst) {
			line := make([]byte, 3*b.Dx())
			row(y-at.Y, line)
			copy(dst[3*at.X:], line)
		}
	}
}

// canvasColour is what shows where a frame does not reach: white, or in a GIF
// without transparency the first colour of its palette, as in Pillow.
func canvasColour(img image.Image) [3]byte {
	if p, ok := img.(*image.Paletted); ok && p.Opaque() && len(p.Palette) > 0 {
		c := color.NRGBAModel.Convert(p.Palette[0]).(color.NRGBA)
		return [3]byte{c.R, c.G, c.B}
	}
	return [3]byte{255, 255, 255}
}
