package gpu

import "encoding/binary"

// long is a type with blocks of 256 weights, four steps of 64. Its values are copied as they lie, or taken apart by vector.
type long struct {
	bytes   int // of a block
	vectors int // of a block on the device
	values  int // where they begin in a block
	vector  func(dst *[16]byte, block []byte, i int)
	words   int // of a block on the device
	word    func(block []byte, i int) uint32
}

func (l long) form() form {
	f := form{block: 256, bytes: l.bytes, vectors: l.taken, words: l.made}
	if l.vector == nil {
		f.vectors = l.copied
	}
	return f
}

func (l long) copied(dst []byte, rows *tile, from, to int) {
	for block := from / l.vectors; from < to; block++ {
		at := block*l.bytes + l.values
		for i := from % l.vectors; i < l.vectors && from < to; i, from = i+1, from+1 {
			copyVectors((*vectors)(dst), rows, at+16*i)
			dst = dst[vectorsBytes:]
		}
	}
}

func (l long) taken(dst []byte, rows *tile, from, to int) {
	for ; from < to; from++ {
		at, i := from/l.vectors*l.bytes, from%l.vectors
		for _, row := range rows {
			l.vector((*[16]byte)(dst), row[at:at+l.bytes], i)
			dst = dst[16:]
		}
	}
}

func (l long) made(dst []byte, rows *tile, from, to int) {
	for ; from < to; from++ {
		at, i := from/l.words*l.bytes, from%l.words
		for _, row := range rows {
			binary.LittleEndian.PutUint32(dst, l.word(row[at:at+l.bytes], i))
			dst = dst[4:]
		}
	}
}

// pairs takes step i of 2-bit values: a half of the block has 32 bytes of which the step has 4 bits each, two for its first 32 weights.
func pairs(dst *[16]byte, values []byte, i int) {
	const low = 0x03030303_03030303
	half, shift := (*[32]byte)(values[i/2*32:]), i%2*4
	for j := 0; j < 16; j += 8 {
		a, b := u64(half[j:])>>shift, u64(half[16+j:])>>shift
		binary.LittleEndian.PutUint64(dst[j:], a&low|b&low<<2|a>>2&low<<4|b>>2&low<<6)
	}
}

// bits takes word i of the block's spare bits: bit i of 32 bytes.
func bits(high []byte, i int) uint32 {
	word := uint32(0)
	for j := range 8 {
		word |= u32(high[4*j:]) >> i & 0x01010101 << j
	}
	return word
}

func q2_kVector(dst *[16]byte, block []byte, i int) { pairs(dst, block[16:80], i) }

func q2_kWord(block []byte, i int) uint32 {
	if i == 0 {
		return u32(block[80:])
	}
	return u32(block[4*(i-1):])
}

func q3_kVector(dst *[16]byte, block []byte, i int) { pairs(dst, block[32:96], i) }

func q3_kWord(block []byte, i int) uint32 {
	switch {
	case i == 0:
		return uint32(u16(block[108:]))
	case i >= 4:
		return bits(block[:32], i-4)
	}
	return u32(block[96+4*(i-1):])
}

func q4_kWord(block []byte, i int) uint32 { return u32(block[4*i:]) }

func q5_kWord(block []byte, i int) uint32 {
	if i >= 4 {
		return bits(block[16:48], i-4)
	}
	return q4_kWord(block, i)
}

// q6_kVector takes the nibbles of a step in two vectors, then its upper bits. A half of the block has 64 bytes of nibbles, the low
// ones for its first step, the high ones for the second.
func q6_kVector(dst *[16]byte, block []byte, i int) {
	const low = 0x0f0f0f0f_0f0f0f0f
	step, part := i/3, i%3
	if part == 2 {
		pairs(dst, block[128:192], step)
		return
	}
	half, shift := (*[48]byte)(block[step/2*64+part*16:]), step%2*4
	for j := 0; j < 16; j += 8 {
		a, b := u64(half[j:])>>shift, u64(half[32+j:])>>shift
		binary.LittleEndian.PutUint64(dst[j:], a&low|b&low<<4)
	}
}

func q6_kWord(block []byte, i int) uint32 {
	if i == 0 {
		return uint32(u16(block[208:]))
	}
	return u32(block[192+4*(i-1):])
}

func iq4_xsWord(block []byte, i int) uint32 { return u32(block[4*i:]) }
