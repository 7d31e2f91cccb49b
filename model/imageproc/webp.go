package imageproc

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"image"
)

// webp collects the chunks of a WebP file's first frame.
type webp struct {
	*file
	canvas        image.Point
	alpha, pixels []byte // whole chunks
}

// openWebP reads the container itself, because the decoder knows neither
// animations nor files whose header promises alpha without any. It hands the
// decoder a fresh still picture made of the first frame's chunks.
func (f *file) openWebP(data []byte) error {
	w := webp{file: f}
	err := chunks(data[12:], w.visit)
	if w.pixels == nil {
		return broken(WebP, cmp.Or(err, errors.New("it holds no picture data")))
	}
	size, err := frameSize(w.pixels)
	if err != nil {
		return broken(WebP, err)
	}
	if w.canvas == (image.Point{}) {
		w.canvas = size
	}
	f.width, f.height = w.canvas.X, w.canvas.Y
	f.parts = still(size, w.alpha, w.pixels)
	return checkSize(size.X, size.Y)
}

// visit takes in one chunk; an animation's frame is a chunk with chunks inside.
func (w *webp) visit(kind string, chunk []byte) {
	body := chunk[8:]
	switch kind {
	case "VP8X":
		if len(body) >= 10 {
			w.canvas = image.Pt(1+u24(body[4:]), 1+u24(body[7:]))
		}
	case "EXIF":
		w.orientation = orientation(bytes.TrimPrefix(body, []byte("Exif\x00\x00")))
	case "ANMF":
		w.animated()
		if w.pixels == nil && len(body) > 16 {
			w.frame = image.Pt(2*u24(body), 2*u24(body[3:]))
			_ = chunks(body[16:], w.visit) // a frame cut off holds no pixels
		}
	case "ALPH":
		if w.pixels == nil {
			w.alpha = chunk
		}
	case "VP8 ", "VP8L":
		if w.pixels == nil {
			w.pixels = chunk
		}
	}
}

// chunks walks RIFF chunks: four letters, length, body, padded to even length.
// visit gets the whole chunk.
func chunks(data []byte, visit func(kind string, chunk []byte)) error {
	for len(data) >= 8 {
		size := int(binary.LittleEndian.Uint32(data[4:]))
		if size > len(data)-8 {
			return errors.New("the file is cut off")
		}
		visit(string(data[:4]), data[:8+size])
		data = data[min(len(data), 8+size+size&1):]
	}
	return nil
}

// frameSize reads width and height out of a lossy or lossless frame's header.
func frameSize(chunk []byte) (image.Point, error) {
	body := chunk[8:]
	switch {
	case string(chunk[:4]) == "VP8 " && len(body) >= 10 && string(body[3:6]) == "\x9d\x01\x2a":
		w, h := binary.LittleEndian.Uint16(body[6:]), binary.LittleEndian.Uint16(body[8:])
		return image.Pt(int(w&0x3fff), int(h&0x3fff)), nil
	case string(chunk[:4]) == "VP8L" && len(body) >= 5 && body[0] == 0x2f:
		bits := binary.LittleEndian.Uint32(body[1:])
		return image.Pt(int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1), nil
	}
	return image.Point{}, errors.New("its picture data has no header")
}

// still is a WebP file of one frame. Only a lossy frame has its alpha apart.
func still(size image.Point, alpha, pixels []byte) [][]byte {
	body := [][]byte{[]byte("WEBP")}
	if alpha != nil && string(pixels[:4]) == "VP8 " {
		x := make([]byte, 18)
		copy(x, "VP8X\x0a\x00\x00\x00\x10") // ten bytes; has alpha
		put24(x[12:], size.X-1)
		put24(x[15:], size.Y-1)
		body = append(body, x, alpha, make([]byte, len(alpha)&1))
	}
	body = append(body, pixels, make([]byte, len(pixels)&1))
	length := 0
	for _, b := range body {
		length += len(b)
	}
	head := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(length))
	return append([][]byte{head}, body...)
}

func u24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

func put24(b []byte, v int) { b[0], b[1], b[2] = byte(v), byte(v>>8), byte(v>>16) }
