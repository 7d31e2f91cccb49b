package imageproc

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
)

// maxPixels is the largest picture that is decoded: 100 megapixels.
const maxPixels = 100_000_000

// Info is what a picture file says about itself.
type Info struct {
	Format        Format
	Width, Height int // upright, in pixels
	Orientation   int // EXIF's, 1..8: how the stored rows lie; 1 is upright
	// Note is a sentence for the user when the model will see less than the file
	// holds (an animation's first frame, say), else "".
	Note string
}

// Probe reads a picture's header. No pixel is decoded, so it is quick and safe
// on a file of any size. Its errors are those Decode would give for the header:
// empty or foreign files, damage, more than 100 megapixels.
func Probe(data []byte) (Info, error) {
	f, err := inspect(data)
	if err != nil {
		return Info{}, err
	}
	l := upright(f.width, f.height, f.orientation)
	return Info{Format: f.format, Width: l.width, Height: l.height, Orientation: f.orientation, Note: f.note}, nil
}

// file is an inspected picture file, ready to be decoded.
type file struct {
	format        Format
	width, height int         // of the whole picture, as stored
	orientation   int         // 1..8
	note          string      // see Info
	parts         [][]byte    // what the decoder is given, one after another
	frame         image.Point // where the decoded pixels lie in the picture
	clear         int         // PNG: the grey value that is transparent, or -1
	grey16        bool        // grey values of 16 bits
	negative      bool        // TIFF: greys come out of the decoder inverted
}

// inspect reads headers and refuses what must not reach a decoder.
func inspect(data []byte) (f *file, err error) {
	format, err := sniff(data)
	if err != nil {
		return nil, err
	}
	defer rescue(format, &err)
	f = &file{format: format, orientation: 1, parts: [][]byte{data}, clear: -1}
	if format == WebP {
		err = f.openWebP(data)
	} else {
		err = f.readConfig(data)
	}
	if err != nil {
		return nil, err
	}
	if err := checkSize(f.width, f.height); err != nil {
		return nil, err
	}
	if err := f.open(data); err != nil {
		return nil, err
	}
	if f.note == "" && f.endless() {
		f.note = endlessNote
	}
	return f, nil
}

func (f *file) readConfig(data []byte) error {
	config, _, err := image.DecodeConfig(window{bytes.NewReader(data)})
	if err != nil {
		return broken(f.format, err)
	}
	f.width, f.height = config.Width, config.Height
	if config.ColorModel == color.Gray16Model {
		f.grey16 = true
		f.note = "the picture has 16-bit grey values; as in the reference, all above 255 turn white: if the model sees nothing, save it with 8 bits"
	}
	return nil
}

// open reads what each format has beyond its size.
func (f *file) open(data []byte) error {
	switch f.format {
	case PNG:
		return f.openPNG(data)
	case JPEG:
		return f.openJPEG(data)
	case GIF:
		f.openGIF(data)
	case BMP:
		return f.openBMP(data)
	case TIFF:
		return f.openTIFF(data)
	}
	return nil
}

// animated notes that only the first frame is read.
func (f *file) animated() {
	f.note = "the picture is animated; the model sees its first frame only"
}

func checkSize(width, height int) error {
	if width < 1 || height < 1 {
		return fmt.Errorf("the picture says it is %d × %d pixels, so there is nothing to see; the file is damaged", width, height)
	}
	if width > maxPixels/height {
		mega := float64(width) * float64(height) / 1e6
		return fmt.Errorf("the picture is %d × %d pixels (%.0f megapixels); the limit is 100 megapixels, so make it smaller and try again", width, height, mega)
	}
	return nil
}

// tooShort refuses a file that cannot hold its own picture, before memory is
// spent on it.
func (f *file) tooShort() error {
	return fmt.Errorf("the file is too short for the %d × %d pixels it promises; it was cut off or is damaged", f.width, f.height)
}

func broken(format Format, err error) error {
	return fmt.Errorf("the %s picture could not be read (%w); it is damaged, cut off or of an unusual kind: open it in a picture viewer, save it as PNG and try again", format, err)
}

// rescue turns a decoder's panic into an error.
func rescue(format Format, err *error) {
	if p := recover(); p != nil {
		*err = broken(format, errors.New(fmt.Sprint(p)))
	}
}

// window is a bytes.Reader that image.Decode does not wrap, so that the TIFF
// decoder finds its ReadAt; without it a lying offset makes it allocate gigabytes.
type window struct{ *bytes.Reader }

func (w window) Peek(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := w.ReadAt(b, w.Size()-int64(w.Len()))
	return b, err
}
