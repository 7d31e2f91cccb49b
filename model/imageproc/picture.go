package imageproc

import (
	"crypto/sha256"
	"image"

	"github.com/disintegration/imaging"
)

// Picture is decoded, upright and opaque: what was transparent shows white.
type Picture struct {
	Width, Height int
	RGB           []byte // [Height, Width, 3]
}

// Key identifies the bytes of a picture file, for caches of encoded pictures.
type Key [sha256.Size]byte

// KeyOf hashes a picture file. It reads the file's bytes and not its pixels, so
// that a cache can be asked before anything is decoded.
func KeyOf(data []byte) Key { return sha256.Sum256(data) }

// Preview is the picture for a window or a thumbnail, shrunk to fit a square of
// side pixels; smaller pictures keep their size. It has nothing to do with what
// the model sees.
func (p *Picture) Preview(side int) *image.NRGBA {
	full := image.NewNRGBA(image.Rect(0, 0, p.Width, p.Height))
	for i, j := 0, 0; i < len(full.Pix); i, j = i+4, j+3 {
		full.Pix[i], full.Pix[i+1], full.Pix[i+2], full.Pix[i+3] = p.RGB[j], p.RGB[j+1], p.RGB[j+2], 255
	}
	return imaging.Fit(full, side, side, imaging.Lanczos)
}
