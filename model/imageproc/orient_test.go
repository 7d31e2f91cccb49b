package imageproc

import (
	"strings"
	"testing"
)

// A stored picture of three columns and two rows, and how each orientation shows
// it (EXIF 2.3, tag 0x112).
func TestOrientations(t *testing.T) {
	const stored = "abc def"
	for orientation, want := range []string{1: "abc def", 2: "cba fed", 3: "fed cba", 4: "def abc", 5: "ad be cf", 6: "da eb fc", 7: "fc eb da", 8: "cf be ad"} {
		if orientation == 0 {
			continue
		}
		p := upright(3, 2, orientation).place(3, 2, func(y int, dst []byte) {
			for x := range 3 {
				dst[3*x], dst[3*x+1], dst[3*x+2] = stored[4*y+x], 0, 0
			}
		})
		var rows []string
		for y := range p.Height {
			row := ""
			for x := range p.Width {
				row += string(p.RGB[3*(y*p.Width+x)])
			}
			rows = append(rows, row)
		}
		if got := strings.Join(rows, " "); got != want {
			t.Errorf("orientation %d shows %q, want %q", orientation, got, want)
		}
	}
}

func TestOrientationTag(t *testing.T) {
	const (
		little = "II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"
		big    = "MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x08\x00\x00"
	)
	for data, want := range map[string]int{
		little: 6, big: 8, "": 1, "II*\x00\xff\xff\xff\xff": 1, little[:20]: 1,
		strings.Replace(little, "\x06", "\x09", 1): 1, // no such orientation
		strings.Replace(little, "\x03", "\x0c", 1): 1, // not a whole number
	} {
		if got := orientation([]byte(data)); got != want {
			t.Errorf("%q: %d, want %d", data, got, want)
		}
	}
}
