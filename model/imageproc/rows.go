package imageproc

import (
	"image"
	"image/color"
)

// Every kind of decoded image becomes rows of opaque RGB, in Pillow's arithmetic
// and without a second copy of the picture.

// rgbRows returns a function that writes row y, counted from the image's own top,
// into dst as RGB.
func (f *file) rgbRows(img image.Image) func(y int, dst []byte) {
	switch m := img.(type) {
	case *image.Gray:
		return tableRows(m.Pix, m.Stride, f.greyTable())
	case *image.Gray16:
		return grey16Rows(m, f.greyTable())
	case *image.Paletted:
		return tableRows(m.Pix, m.Stride, paletteTable(m.Palette))
	case *image.NRGBA:
		return alphaRows(m.Pix, m.Stride, 1, over)
	case *image.NRGBA64:
		return alphaRows(m.Pix, m.Stride, 2, over)
	case *image.RGBA:
		return alphaRows(m.Pix, m.Stride, 1, overPremultiplied)
	case *image.RGBA64:
		return alphaRows(m.Pix, m.Stride, 2, overPremultiplied)
	case *image.CMYK:
		return cmykRows(m)
	case *image.YCbCr:
		return yccRows(m, f.format)
	case *image.NYCbCrA:
		return yccAlphaRows(m, f.format)
	}
	return anyRows(img)
}

// over lays a colour value with alpha over white, rounded as Pillow's paste does.
func over(v, alpha byte) byte {
	t := 255*(255-int(alpha)) + int(v)*int(alpha) + 128
	return byte((t>>8 + t) >> 8)
}

// overPremultiplied is over for a value that is multiplied by alpha already.
func overPremultiplied(v, alpha byte) byte {
	return byte(min(255, int(v)+255-int(alpha)))
}

// table maps a byte to a colour.
type table [256][3]byte

func (f *file) greyTable() *table {
	var t table
	for i := range t {
		v := byte(i)
		if f.negative {
			v = 255 - v
		}
		t[i] = [3]byte{v, v, v}
	}
	if f.clear >= 0 {
		t[f.clear] = [3]byte{255, 255, 255}
	}
	return &t
}

// paletteTable holds a palette over white; entries it lacks are black.
func paletteTable(palette color.Palette) *table {
	var t table
	for i, c := range palette[:min(len(palette), len(t))] {
		n := color.NRGBAModel.Convert(c).(color.NRGBA)
		t[i] = [3]byte{over(n.R, n.A), over(n.G, n.A), over(n.B, n.A)}
	}
	return &t
}

func tableRows(pix []byte, stride int, t *table) func(y int, dst []byte) {
	return func(y int, dst []byte) {
		for x, v := range pix[y*stride:][:len(dst)/3] {
			copy(dst[3*x:], t[v][:])
		}
	}
}

// grey16Rows cuts 16-bit values off at 255. Scaling them would look better, but
// the reference's Pillow cuts them off, and the model's numbers follow it.
func grey16Rows(m *image.Gray16, t *table) func(y int, dst []byte) {
	return func(y int, dst []byte) {
		for x := range len(dst) / 3 {
			v := m.Pix[y*m.Stride+2*x+1]
			if m.Pix[y*m.Stride+2*x] > 0 {
				v = 255
			}
			copy(dst[3*x:], t[v][:])
		}
	}
}

// alphaRows reads four values per pixel, the high byte of each.
func alphaRows(pix []byte, stride, bytes int, over func(v, alpha byte) byte) func(y int, dst []byte) {
	return func(y int, dst []byte) {
		src := pix[y*stride:][:len(dst)/3*4*bytes]
		for x := 0; x < len(dst); x += 3 {
			r, g, b, a := src[0], src[bytes], src[2*bytes], src[3*bytes]
			if a != 255 {
				r, g, b = over(r, a), over(g, a), over(b, a)
			}
			dst[x], dst[x+1], dst[x+2] = r, g, b
			src = src[4*bytes:]
		}
	}
}

// cmykRows takes ink off white, then black off that, as Pillow does.
func cmykRows(m *image.CMYK) func(y int, dst []byte) {
	return func(y int, dst []byte) {
		src := m.Pix[y*m.Stride:][:len(dst)/3*4]
		for x := 0; x < len(dst); x += 3 {
			light := 255 - int(src[3])
			for c := range 3 {
				t := int(src[c])*light + 128
				dst[x+c] = byte(max(0, light-(t>>8+t)>>8))
			}
			src = src[4:]
		}
	}
}

func anyRows(img image.Image) func(y int, dst []byte) {
	at := img.Bounds().Min
	return func(y int, dst []byte) {
		for x := range len(dst) / 3 {
			n := color.NRGBAModel.Convert(img.At(at.X+x, at.Y+y)).(color.NRGBA)
			dst[3*x], dst[3*x+1], dst[3*x+2] = over(n.R, n.A), over(n.G, n.A), over(n.B, n.A)
		}
	}
}
