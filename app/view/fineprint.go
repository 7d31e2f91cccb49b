package view

import "sirocco/model/imageproc"

// finePrint counts the thin dark or light lines of a picture by their width in
// pixels, measured along rows. Writing is made of them; a stroke that becomes
// thinner than half a pixel when the picture is made smaller can no longer be read.
type finePrint struct {
	pixels int
	width  [9]int // width[n]: lines n pixels wide, n from 1 to 8
}

// Edges steeper than this are those of writing and drawings; photographs of
// the world rarely have two opposite ones within a few pixels.
const minContrast = 72

// minFinePrint is the share of a picture's pixels that must lie on such lines.
const minFinePrint = 0.004

// measure counts every fourth row.
func measure(p *imageproc.Picture) finePrint {
	var s finePrint
	for y := 0; y < p.Height; y += 4 {
		s.row(p.RGB[3*y*p.Width : 3*(y+1)*p.Width])
	}
	return s
}

func (s *finePrint) row(rgb []byte) {
	s.pixels += len(rgb) / 3
	began, sign := 0, 0 // of the edge that opened a stroke
	before := 0
	for x := 0; 3*x < len(rgb); x++ {
		light := (2*int(rgb[3*x]) + 5*int(rgb[3*x+1]) + int(rgb[3*x+2])) / 8
		edge := light - before
		before = light
		if x == 0 || edge < minContrast && edge > -minContrast {
			continue
		}
		now := 1
		if edge < 0 {
			now = -1
		}
		if n := x - began; sign == -now && n < len(s.width) {
			s.width[n]++
		}
		began, sign = x, now
	}
}

// lost tells whether writing disappears when the picture is made so many times
// smaller.
func (s finePrint) lost(reduction float64) bool {
	fine := 0
	for n := 1; n < len(s.width); n++ {
		if float64(n)/reduction < 0.75 {
			fine += n * s.width[n]
		}
	}
	return reduction > 1 && s.pixels > 0 && float64(fine) > minFinePrint*float64(s.pixels)
}
