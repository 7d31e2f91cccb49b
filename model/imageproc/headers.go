package imageproc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The formats' own headers, read only as far as needed: EXIF, transparency,
// animation, and sizes that contradict the length of the file.

// openPNG keeps Pillow's view of transparency: a transparent colour of an RGB
// picture is ignored, one of a grey picture is compared, cut to a byte, with the
// 8-bit value. For both, the tRNS chunk is kept from Go's decoder.
func (f *file) openPNG(data []byte) error {
	depth, kind := int(data[24]), data[25]
	samples := map[byte]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
	const deflateBest = 1100 // deflate shrinks 1,032 times at most
	if row := (f.width*depth*samples + 7) / 8; (row+1)*f.height/deflateBest > len(data) {
		return f.tooShort()
	}
	for at := 8; at+12 <= len(data); {
		size := int(binary.BigEndian.Uint32(data[at:]))
		if size > len(data)-at-12 {
			break
		}
		switch body := data[at+8 : at+8+size]; string(data[at+4 : at+8]) {
		case "eXIf":
			f.orientation = orientation(body)
		case "acTL":
			f.animated()
		case "tRNS":
			if kind == 0 || kind == 2 {
				f.parts = [][]byte{data[:at], data[at+12+size:]}
			}
			if kind == 0 && size == 2 {
				f.clear = clearGrey(depth, int(binary.BigEndian.Uint16(body)))
			}
		}
		at += 12 + size
	}
	return nil
}

func clearGrey(depth, value int) int {
	if depth == 1 {
		return 255 * min(value, 1)
	}
	return value & 255
}

// openJPEG finds the EXIF segment and refuses files that are too short (every
// 8 × 8 block takes a bit at least) or made of so many scans that they are meant
// to keep a decoder busy.
func (f *file) openJPEG(data []byte) error {
	if blocks := ((f.width + 7) / 8) * ((f.height + 7) / 8); blocks/8 > len(data) {
		return f.tooShort()
	}
	const maxScans = 500
	if bytes.Count(data, []byte{0xff, 0xda}) > maxScans {
		return fmt.Errorf("the JPEG picture is made of more than %d scans; save it again with a picture viewer and try that", maxScans)
	}
	for at := 2; at+4 <= len(data) && data[at] == 0xff; {
		marker := data[at+1]
		if marker == 0xff { // padding
			at++
			continue
		}
		size := int(binary.BigEndian.Uint16(data[at+2:]))
		if marker == 0xda || size < 2 || at+2+size > len(data) {
			break
		}
		if exif, ok := bytes.CutPrefix(data[at+4:at+2+size], []byte("Exif\x00\x00")); ok && marker == 0xe1 {
			f.orientation = orientation(exif)
			break
		}
		at += 2 + size
	}
	return nil
}

// openBMP checks the length: rows are stored plainly, in multiples of four bytes.
func (f *file) openBMP(data []byte) error {
	bits := int(binary.LittleEndian.Uint16(data[28:]))
	if (f.width*bits+31)/32*4*f.height > len(data) {
		return f.tooShort()
	}
	return nil
}

// openGIF counts frames as far as two.
func (f *file) openGIF(data []byte) {
	palette := func(flags byte) int {
		if flags&0x80 == 0 {
			return 0
		}
		return 3 << (flags&7 + 1)
	}
	at, frames := 13+palette(data[10]), 0
	for at+10 <= len(data) {
		switch data[at] {
		case '!': // an extension: label, then blocks
			at += 2
		case ',': // a frame: place and size, flags, palette, code size, then blocks
			frames++
			at += 11 + palette(data[at+9])
		default:
			return
		}
		if frames == 2 {
			f.animated()
			return
		}
		for at < len(data) && data[at] != 0 {
			at += 1 + int(data[at])
		}
		at++
	}
}

// openTIFF refuses layouts that make the decoder unpack far more than the
// picture, and brings a strip's height, often given as "everything", down to the
// picture's, because the decoder sizes its limit by it.
func (f *file) openTIFF(data []byte) error {
	data = bytes.Clone(data)
	f.parts = [][]byte{data}
	d, ok := openIFD(data)
	if !ok {
		return broken(TIFF, errors.New("no directory"))
	}
	f.orientation = orientation(data)
	if raw, size := d.values(tagRowsPerStrip); raw != nil && d.get(raw, size) > f.height {
		d.put(raw, size, f.height)
	}
	// Fax codes say "white" and "black"; TIFF maps them to 0 and 1, whichever of
	// the two is shown dark. Go's decoder takes the codes at their word.
	fax := d.number(tagCompression) == 3 || d.number(tagCompression) == 4
	f.negative = fax && d.number(tagPhotometric) == 1
	w, h := float64(f.width), float64(f.height)
	tw, th := float64(d.number(tagTileWidth)), float64(d.number(tagTileHeight))
	const slack = 4 << 20 // pixels; a small picture may lie in one big tile
	if tw > 0 && th > 0 && math.Ceil(w/tw)*tw*math.Ceil(h/th)*th > 4*w*h+slack {
		return broken(TIFF, errors.New("its tiles are far larger than the picture"))
	}
	for _, tag := range []uint16{tagStripByteCounts, tagTileByteCounts} {
		total := 0
		for raw, size := d.values(tag); len(raw) >= max(size, 1); raw = raw[size:] {
			total += d.get(raw, size)
		}
		if total > 4*len(data) {
			return broken(TIFF, errors.New("its parts add up to more than the file"))
		}
	}
	return nil
}
