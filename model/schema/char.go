package schema

// The inside of a JSON string is read byte by byte into characters. A mode is the place between two characters or inside one:
// inside an escape, or a UTF-8 sequence that a token has cut in half. It packs a kind, a count and the bits so far.
const (
	plain    uint32 = 0
	escaped  uint32 = 1 << 28 // after a backslash
	partial  uint32 = 2 << 28 // inside UTF-8: bytes to come << 24, length << 20, bits so far
	hex      uint32 = 3 << 28 // after \u: digits so far << 24, their value
	highDone uint32 = 4 << 28 // after a first surrogate, whose ten bits follow
	highNext uint32 = 5 << 28 // and its backslash
	low      uint32 = 6 << 28 // and its u: digits so far << 24, first surrogate's bits << 12, their value
	kindBits uint32 = 15 << 28
)

// span is a range of characters, empty when lo > hi.
type span struct{ lo, hi rune }

var noSpan = span{1, 0}

// readChar moves a mode by one byte. When that completes a character, done is true and next is plain; ok is false where no JSON
// string goes on that way. The closing quote is not a character and is for the caller to see.
func readChar(mode uint32, b byte) (next uint32, r rune, done, ok bool) {
	switch mode & kindBits {
	case plain:
		return firstByte(b)
	case escaped:
		return escape(b)
	case partial:
		if b&0xC0 != 0x80 {
			return 0, 0, false, false
		}
		rest, bits := mode>>24&15-1, mode&0xFFFFF<<6|uint32(b&0x3F)
		if rest == 0 {
			return plain, rune(bits), true, true
		}
		return partial | rest<<24 | mode&(15<<20) | bits, 0, false, true
	case highDone:
		return highNext | mode&0x3FF, 0, false, b == '\\'
	case highNext:
		return low | mode&0x3FF<<12, 0, false, b == 'u'
	}
	return hexDigit(mode, b)
}

func firstByte(b byte) (next uint32, r rune, done, ok bool) {
	switch {
	case b == '\\':
		return escaped, 0, false, true
	case b < 0x20:
		return 0, 0, false, false
	case b < 0x80:
		return plain, rune(b), true, true
	case b >= 0xC2 && b < 0xE0:
		return partial | 1<<24 | 2<<20 | uint32(b&0x1F), 0, false, true
	case b >= 0xE0 && b < 0xF0:
		return partial | 2<<24 | 3<<20 | uint32(b&0x0F), 0, false, true
	case b >= 0xF0 && b < 0xF5:
		return partial | 3<<24 | 4<<20 | uint32(b&0x07), 0, false, true
	}
	return 0, 0, false, false
}

func escape(b byte) (next uint32, r rune, done, ok bool) {
	switch b {
	case 'u':
		return hex, 0, false, true
	case '"', '\\', '/':
		return plain, rune(b), true, true
	case 'b':
		return plain, '\b', true, true
	case 'f':
		return plain, '\f', true, true
	case 'n':
		return plain, '\n', true, true
	case 'r':
		return plain, '\r', true, true
	case 't':
		return plain, '\t', true, true
	}
	return 0, 0, false, false
}

func hexDigit(mode uint32, b byte) (next uint32, r rune, done, ok bool) {
	var d uint32
	switch {
	case b >= '0' && b <= '9':
		d = uint32(b - '0')
	case b|0x20 >= 'a' && b|0x20 <= 'f':
		d = uint32(b|0x20-'a') + 10
	default:
		return 0, 0, false, false
	}
	kind, n := mode&kindBits, mode>>24&15+1
	if kind == hex {
		v := mode&0xFFFF<<4 | d
		switch {
		case n < 4:
			return hex | n<<24 | v, 0, false, true
		case v>>10 == 0xD800>>10:
			return highDone | v&0x3FF, 0, false, true
		}
		return plain, rune(v), true, v>>10 != 0xDC00>>10
	}
	v := mode&0xFFF<<4 | d
	if n < 4 {
		return low | n<<24 | mode&0x3FF000 | v&0xFFF, 0, false, true
	}
	return plain, rune(0x10000 + mode>>12&0x3FF<<10 + v&0x3FF), true, v>>10 == 0xDC00>>10
}

// reach is the characters that a mode inside a character can still become.
func reach(mode uint32) [3]span {
	n := mode >> 24 & 15
	switch mode & kindBits {
	case plain, escaped:
		return [3]span{{0, 0xD7FF}, {0xE000, 0x10FFFF}, noSpan}
	case partial:
		least := [5]rune{2: 0x80, 3: 0x800, 4: 0x10000}[mode>>20&15]
		bits := rune(mode & 0xFFFFF)
		return split(max(bits<<(6*n), least), min((bits+1)<<(6*n)-1, 0x10FFFF))
	case hex:
		v := rune(mode & 0xFFFF)
		lo, hi := v<<(4*(4-n)), (v+1)<<(4*(4-n))-1
		out := split(lo, hi)
		if first, last := max(lo, 0xD800), min(hi, 0xDBFF); first <= last {
			out[2] = span{0x10000 + (first-0xD800)<<10, 0x10000 + (last-0xD800)<<10 + 0x3FF}
		}
		return out
	case highDone, highNext:
		base := 0x10000 + rune(mode&0x3FF)<<10
		return [3]span{{base, base + 0x3FF}, noSpan, noSpan}
	}
	base := 0x10000 + rune(mode>>12&0x3FF)<<10
	v := rune(mode & 0xFFF)
	lo, hi := max(v<<(4*(4-n)), 0xDC00), min((v+1)<<(4*(4-n))-1, 0xDFFF)
	if lo > hi {
		return [3]span{noSpan, noSpan, noSpan}
	}
	return [3]span{{base + lo - 0xDC00, base + hi - 0xDC00}, noSpan, noSpan}
}

// split cuts the surrogates out of a range.
func split(lo, hi rune) [3]span {
	return [3]span{{lo, min(hi, 0xD7FF)}, {max(lo, 0xE000), hi}, noSpan}
}
