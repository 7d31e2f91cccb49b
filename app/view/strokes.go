package view

import "sirocco/model/patch"

// strokes counts the fine dark or light strokes of a picture by their width in
// pixels, measured along rows. Writing is made of them; a stroke that becomes
// thinner than half a pixel when the picture is made smaller can no longer be read.
type strokes struct {
	pixels int
	width  [9]int // width[n]: strokes n pixels wide, n from 1 to 8
}

// Edges steeper than this are those of writing and drawings; photographs of
// the world rarely have two opposite ones within a few pixels.
const steep = 72

// enough is the share of a picture's pixels that must lie on such strokes.
const enough = 0.004

// measure counts every fourth row.
func measure(p *patch.Picture) strokes {
	var s strokes
	for y := 0; y < p.Height; y += 4 {
		s.row(p.RGB[3*y*p.Width : 3*(y+1)*p.Width])
	}
	return s
}

func (s *strokes) row(rgb []byte) {
	s.pixels += len(rgb) / 3
	began, sign := 0, 0 // of the edge that opened a stroke
	before := 0
	for x := 0; 3*x < len(rgb); x++ {
		light := (2*int(rgb[3*x]) + 5*int(rgb[3*x+1]) + int(rgb[3*x+2])) / 8
		edge := light - before
		before = light
		if x == 0 || edge < steep && edge > -steep {
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
func (s strokes) lost(reduction float64) bool {
	fine := 0
	for n := 1; n < len(s.width); n++ {
		if float64(n)/reduction < 0.75 {
			fine += n * s.width[n]
		}
	}
	return reduction > 1 && s.pixels > 0 && float64(fine) > enough*float64(s.pixels)
}
