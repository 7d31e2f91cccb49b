package imageproc

import (
	"bytes"
	"image"
	"image/png"

	"github.com/disintegration/imaging"
)

// Viewable is a picture as a viewer shows it, where the reference would show something
// else: grey values of 16 bits, of which the reference turns all above 255 white, become
// 8 bits. note says so; other files are returned as they are. It is for people's own
// files: requests over the API are read as the reference reads them.
func Viewable(data []byte) (out []byte, note string, err error) {
	f, err := inspect(data)
	if err != nil || !f.grey16 {
		return data, "", err
	}
	defer rescue(f.format, &err)
	img, err := imaging.Decode(f.reader())
	if err != nil {
		return nil, "", broken(f.format, err)
	}
	deep, ok := img.(*image.Gray16)
	if !ok || !bright(deep) {
		return data, "", nil
	}
	grey := image.NewGray(deep.Bounds())
	b := deep.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			grey.Pix[grey.PixOffset(x, y)] = deep.Pix[deep.PixOffset(x, y)] // the high byte
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, grey); err != nil {
		return nil, "", err
	}
	return file.Bytes(), "the picture's 16-bit grey values were reduced to 8 bits", nil
}

// bright reports whether a value is above 255, so that the reference would clip it.
func bright(m *image.Gray16) bool {
	for i := 0; i < len(m.Pix); i += 2 {
		if m.Pix[i] > 0 {
			return true
		}
	}
	return false
}
