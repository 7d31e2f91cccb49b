package imageproc

// layout says where the pixels of a stored picture go in the upright one: pixel
// (x, y) to start + x·right + y·down, counted in pixels.
type layout struct {
	width, height      int // upright
	start, right, down int
}

// upright is the layout for a stored picture of width × height under an EXIF
// orientation. 1 is as stored, 2 mirrored, 3 upside down, 4 both; 5..8 are the
// same with rows and columns exchanged.
func upright(width, height, orientation int) layout {
	w, h := width, height
	switch orientation {
	case 2:
		return layout{w, h, w - 1, -1, w}
	case 3:
		return layout{w, h, w*h - 1, -1, -w}
	case 4:
		return layout{w, h, w * (h - 1), 1, -w}
	case 5:
		return layout{h, w, 0, h, 1}
	case 6:
		return layout{h, w, h - 1, h, -1}
	case 7:
		return layout{h, w, w*h - 1, -h, -1}
	case 8:
		return layout{h, w, h * (w - 1), -h, 1}
	}
	return layout{w, h, 0, 1, w}
}

// place fills a picture from rows of a stored one, which row(y, dst) writes as
// RGB. Rows are asked for in any order and at the same time.
func (l layout) place(width, height int, row func(y int, dst []byte)) *Picture {
	p := &Picture{Width: l.width, Height: l.height, RGB: make([]byte, 3*l.width*l.height)}
	parallel(height, func(lo, hi int) {
		line := make([]byte, 3*width)
		for y := lo; y < hi; y++ {
			if l.right == 1 {
				row(y, p.RGB[3*(l.start+y*l.down):][:len(line)])
				continue
			}
			row(y, line)
			at := 3 * (l.start + y*l.down)
			for x := 0; x < len(line); x += 3 {
				out := p.RGB[at : at+3]
				out[0], out[1], out[2] = line[x], line[x+1], line[x+2]
				at += 3 * l.right
			}
		}
	})
	return p
}
