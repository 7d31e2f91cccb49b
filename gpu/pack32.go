package gpu

import "encoding/binary"

// short is a type with blocks of 32 weights, two to a step: numbers, then values that are copied as they lie. A row may end in the
// middle of a step; the second block then counts as zeros.
type short struct {
	bytes  int // of a block
	values int // where they begin in it
	words  []wordOf
}

// wordOf is one of a step in the second plane, made of the step's blocks.
type wordOf func(a, b []byte) uint32

func (s short) form() form {
	return form{block: 32, bytes: s.bytes, vectors: s.copied, words: s.made}
}

// scaled types have nothing but a scale in front of their values.
func (s short) scaled() form {
	f := s.form()
	f.words = s.scales
	return f
}

func (s short) copied(dst []byte, rows *tile, from, to int) {
	perBlock := (s.bytes - s.values) / 16
	at, inBlock := from/perBlock*s.bytes+s.values, from%perBlock
	for ; from < to; from++ {
		copyVectors((*vectors)(dst), rows, at+16*inBlock)
		dst = dst[vectorsBytes:]
		if inBlock++; inBlock == perBlock {
			at, inBlock = at+s.bytes, 0
		}
	}
}

// scales is the quick way to the words of a scaled type.
func (s short) scales(dst []byte, rows *tile, from, to int) {
	for at := 2 * s.bytes * from; from < to; from, at = from+1, at+2*s.bytes {
		line := (*[4 * tileRows]byte)(dst)
		dst = dst[len(line):]
		whole := at+s.bytes < len(rows[0])
		for r, row := range rows {
			word := uint32(u16(row[at:]))
			if whole {
				word |= uint32(u16(row[at+s.bytes:])) << 16
			}
			binary.LittleEndian.PutUint32(line[4*r:], word)
		}
	}
}

func (s short) made(dst []byte, rows *tile, from, to int) {
	for i := from; i < to; i++ {
		for _, row := range rows {
			binary.LittleEndian.PutUint32(dst, s.word(row, i))
			dst = dst[4:]
		}
	}
}

func (s short) word(row []byte, i int) uint32 {
	at := i / len(s.words) * 2 * s.bytes
	a, b := row[at:at+s.bytes], row[at+s.bytes:]
	if len(b) == 0 {
		b = nothing[:s.bytes]
	}
	return s.words[i%len(s.words)](a, b)
}

// nothing is a block of zeros, as long as the longest.
var nothing [34]byte

// scales are the first numbers of both blocks.
func scales(a, b []byte) uint32 { return uint32(u16(a)) | uint32(u16(b))<<16 }

// first and second are the two numbers of a block.
func first(a, _ []byte) uint32  { return u32(a) }
func second(_, b []byte) uint32 { return u32(b) }

// spare is the fifth bits of a block, 32 from the given byte on: weight 4j+l has its bit at bit j of byte l.
func spare(from, block int) wordOf {
	return func(a, b []byte) uint32 {
		bits := u32([][]byte{a, b}[block][from:])
		word := uint32(0)
		for j := range 8 {
			word |= bits >> (4 * j) & 15 * 0x00204081 & 0x01010101 << j
		}
		return word
	}
}

func u16(b []byte) uint16 { return binary.LittleEndian.Uint16(b) }
func u32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
func u64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
