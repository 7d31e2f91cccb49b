package imageproc

import "encoding/binary"

// ifd is the first directory of a TIFF structure, which is both a TIFF file's
// header and what EXIF data looks like. Every read is checked: the bytes come
// from strangers.
type ifd struct {
	data  []byte
	order binary.ByteOrder
	first int // offset of the first entry
	count int
}

// Tags that are read here (TIFF 6.0; orientation also EXIF 2.3).
const (
	tagCompression     = 0x103
	tagPhotometric     = 0x106
	tagOrientation     = 0x112
	tagRowsPerStrip    = 0x116
	tagStripByteCounts = 0x117
	tagTileWidth       = 0x142
	tagTileHeight      = 0x143
	tagTileByteCounts  = 0x145
)

const ifdEntry = 12 // tag, type, count, value or offset: 2 + 2 + 4 + 4 bytes

func openIFD(data []byte) (ifd, bool) {
	if len(data) < 8 {
		return ifd{}, false
	}
	d := ifd{data: data, order: binary.LittleEndian}
	switch string(data[:4]) {
	case "II*\x00":
	case "MM\x00*":
		d.order = binary.BigEndian
	default:
		return ifd{}, false
	}
	at := int64(d.order.Uint32(data[4:]))
	if at+2 > int64(len(data)) {
		return ifd{}, false
	}
	d.count = int(d.order.Uint16(data[at:]))
	d.first = int(at) + 2
	d.count = min(d.count, (len(data)-d.first)/ifdEntry)
	return d, true
}

// entry is the offset of the entry with this tag, or -1.
func (d ifd) entry(tag uint16) int {
	for i := range d.count {
		if at := d.first + i*ifdEntry; d.order.Uint16(d.data[at:]) == tag {
			return at
		}
	}
	return -1
}

// values are the bytes of a tag's whole, unsigned values and the size of one;
// nil when the tag is missing, of another type, or points outside the file.
func (d ifd) values(tag uint16) (raw []byte, size int) {
	at := d.entry(tag)
	if at < 0 {
		return nil, 0
	}
	size = map[uint16]int{1: 1, 3: 2, 4: 4}[d.order.Uint16(d.data[at+2:])] // BYTE, SHORT, LONG
	length := int64(size) * int64(d.order.Uint32(d.data[at+4:]))
	from := int64(at) + 8
	if length > 4 {
		from = int64(d.order.Uint32(d.data[at+8:]))
	}
	if length == 0 || from+length > int64(len(d.data)) {
		return nil, 0
	}
	return d.data[from : from+length], size
}

// get reads the first value in raw.
func (d ifd) get(raw []byte, size int) int {
	switch size {
	case 1:
		return int(raw[0])
	case 2:
		return int(d.order.Uint16(raw))
	}
	return int(d.order.Uint32(raw))
}

// put overwrites the first value in raw.
func (d ifd) put(raw []byte, size, value int) {
	switch size {
	case 1:
		raw[0] = byte(value)
	case 2:
		d.order.PutUint16(raw, uint16(value))
	default:
		d.order.PutUint32(raw, uint32(value))
	}
}

// number is the first value of a tag, 0 when there is none.
func (d ifd) number(tag uint16) int {
	raw, size := d.values(tag)
	if raw == nil {
		return 0
	}
	return d.get(raw, size)
}

// orientation reads the tag that says how the camera was held, 1..8; 1, upright,
// when there is none or it makes no sense.
func orientation(exif []byte) int {
	if d, ok := openIFD(exif); ok {
		if o := d.number(tagOrientation); o >= 1 && o <= 8 {
			return o
		}
	}
	return 1
}
