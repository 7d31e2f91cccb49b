package gpu

import "encoding/binary"

// long is a type with blocks of 256 weights, four steps of 64. Its values are copied as they lie, or taken apart by vector.
type long struct {
	bytes   int // of a block
	vectors int // of a block on the device
	values  int // where they begin in a block
	vector  func(dst, block []byte, i int)
	words   int // of a block on the device
	word    func(block []byte, i int) uint32
}

func (l long) form() form {
	f := form{block: 256, bytes: l.bytes, vector: l.copied}
	if l.vector != nil {
		f.vector = l.taken
	}
	f.word = func(row []byte, i int) uint32 { return l.word(l.of(row, i/l.words), i%l.words) }
	return f
}

func (l long) of(row []byte, block int) []byte { return row[block*l.bytes : (block+1)*l.bytes] }

func (l long) copied(dst []byte, rows [][]byte, i int) {
	copyVectors(dst, rows, i/l.vectors*l.bytes+l.values+i%l.vectors*16)
}

func (l long) taken(dst []byte, rows [][]byte, i int) {
	for r, row := range rows {
		l.vector(dst[16*r:][:16], l.of(row, i/l.vectors), i%l.vectors)
	}
}

// pairs takes step i of 2-bit values: a half of the block has 32 bytes of which the step has 4 bits each, two for its first 32 weights.
func pairs(dst, values []byte, i int) {
	const low = 0x03030303
	half := values[i/2*32:][:32]
	for j := 0; j < 16; j += 4 {
		a, b := u32(half[j:])>>(i%2*4), u32(half[16+j:])>>(i%2*4)
		binary.LittleEndian.PutUint32(dst[j:], a&low|b&low<<2|a>>2&low<<4|b>>2&low<<6)
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

func q2_kVector(dst, block []byte, i int) { pairs(dst, block[16:80], i) }

func q2_kWord(block []byte, i int) uint32 {
	if i == 0 {
		return u32(block[80:])
	}
	return u32(block[4*(i-1):])
}

func q3_kVector(dst, block []byte, i int) { pairs(dst, block[32:96], i) }

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
func q6_kVector(dst, block []byte, i int) {
	step, part := i/3, i%3
	if part == 2 {
		pairs(dst, block[128:192], step)
		return
	}
	half := block[step/2*64+part*16:]
	for j := 0; j < 16; j += 4 {
		a, b := u32(half[j:])>>(step%2*4), u32(half[32+j:])>>(step%2*4)
		binary.LittleEndian.PutUint32(dst[j:], a&0x0f0f0f0f|b&0x0f0f0f0f<<4)
	}
}

func q6_kWord(block []byte, i int) uint32 {
	if i == 0 {
		return uint32(u16(block[208:]))
	}
	return u32(block[192+4*(i-1):])
}

func iq4_xsWord(block []byte, i int) uint32 { return u32(block[4*i:]) }
