package imageproc

import (
	"bytes"
	"image"
	"io"

	"github.com/disintegration/imaging"
)

// Files that lost their very end have all, or nearly all, of their picture. Browsers
// show them; so do we, by giving the decoder the end that is missing.

// pngEnd is a PNG's last chunk, which holds nothing.
var pngEnd = []byte("\x00\x00\x00\x00IEND\xaeB`\x82")

// jpegEnd is a JPEG's last marker.
var jpegEnd = []byte{0xff, 0xd9}

// maxLost is how many bytes a JPEG's last block may lack.
const maxLost = 64

// ends are what a file may lack at its end.
func (f *file) ends() [][]byte {
	switch f.format {
	case PNG:
		last := f.parts[len(f.parts)-1]
		for there := len(pngEnd) - 1; there > 0; there-- {
			if bytes.HasSuffix(last, pngEnd[:there]) {
				return [][]byte{pngEnd[there:], pngEnd}
			}
		}
		return [][]byte{pngEnd}
	case JPEG:
		return [][]byte{jpegEnd, append(make([]byte, maxLost), jpegEnd...)}
	}
	return nil
}

// decode decodes the file, or the file with an end.
func (f *file) decode() (image.Image, error) {
	img, err := imaging.Decode(f.reader())
	for _, end := range f.ends() {
		if err == nil || !f.endless() {
			break
		}
		if mended, again := imaging.Decode(io.MultiReader(f.reader(), bytes.NewReader(end))); again == nil {
			return mended, nil
		}
	}
	return img, err
}

// endless reports whether a file has not the end that all of its kind have.
func (f *file) endless() bool {
	last := f.parts[len(f.parts)-1]
	switch f.format {
	case PNG:
		return !bytes.Contains(last[max(0, len(last)-1<<16):], pngEnd)
	case JPEG:
		return !bytes.Contains(last[max(0, len(last)-1<<16):], jpegEnd)
	}
	return false
}

const endlessNote = "the file breaks off at its very end; the last lines of the picture may be missing"
