package ggml

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// QuantizeBF16 is Quantize for values as a BF16 checkpoint has them, two bytes each. It looks at four of them at a time, as lanes of
// one word, and never makes a row of float32.
func QuantizeBF16(t Type, data []byte, dst []byte) error {
	_, size, err := packing(t, len(data)/2, len(dst))
	if err != nil {
		return err
	}
	for ; len(data) >= 64; data, dst = data[64:], dst[size:] {
		b := (*block)(data)
		if most := b.furthest(); most < minPlain || most >= infinite {
			err = b.widened(t, dst[:size])
		} else if t == Q4_0 {
			b.q4_0(most, (*[18]byte)(dst))
		} else {
			b.q8_0(most, (*[34]byte)(dst))
		}
	}
	return err
}

// block is 32 values of BF16, read as words of four, the first in the low bits.
type block [64]byte

func (b *block) word(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }

// Bits of each of a word's four lanes.
const (
	lanes = 0x0001_0001_0001_0001
	signs = 0x8000_8000_8000_8000
)

const (
	minPlain = 4 << 7   // 2^-123 in BF16: above it a block's scale and its reciprocal are ordinary numbers
	infinite = 255 << 7 // or not a number at all
)

// furthest is the largest distance from zero, in BF16.
func (b *block) furthest() uint16 {
	m := larger(larger(b.word(0)&^signs, b.word(1)&^signs), larger(b.word(2)&^signs, b.word(3)&^signs))
	n := larger(larger(b.word(4)&^signs, b.word(5)&^signs), larger(b.word(6)&^signs, b.word(7)&^signs))
	m = larger(m, n)
	m = larger(m, m>>32)
	return uint16(larger(m, m>>16))
}

// larger takes the larger lane of each pair; the lanes' upper bits are zero. A lane of the difference keeps its upper bit where
// nothing had to be borrowed.
func larger(a, b uint64) uint64 {
	keeps := ((a | signs) - b) & signs
	mask := keeps - keeps>>15
	return a&mask | b&^mask
}

// first is the first value so far from zero, with its sign.
func (b *block) first(most uint16) uint16 {
	for i := range 8 {
		four := b.word(i)
		// A lane without difference is the one that has to borrow when one is taken off.
		differs := four&^signs ^ uint64(most)*lanes
		if same := ^((differs | signs) - lanes) & signs; same != 0 {
			return uint16(four >> (bits.TrailingZeros64(same) &^ 15))
		}
	}
	return most
}

// widened packs what is zero, next to nothing or infinite.
func (b *block) widened(t Type, dst []byte) error {
	var x [32]float32
	for i := range x {
		x[i] = widen(uint32(b[i/4]>>(i%4*16)) << 16)
	}
	return Quantize(t, x[:], dst)
}

func widen(bits uint32) float32 { return math.Float32frombits(bits) }

// q4_0 is packQ4_0 of the block.
func (b *block) q4_0(most uint16, dst *[18]byte) {
	scale := widen(uint32(b.first(most))<<16) / -8
	inverse := 1 / scale
	binary.LittleEndian.PutUint16(dst[:], ToHalf(scale))
	for i := range 8 { // two values below and the two that lie above them
		low, high := binary.LittleEndian.Uint32(b[4*i:]), binary.LittleEndian.Uint32(b[32+4*i:])
		codes := code(low<<16, inverse) | code(low&upper, inverse)<<8 | code(high<<16, inverse)<<4 | code(high&upper, inverse)<<12
		binary.LittleEndian.PutUint16(dst[2+2*i:], uint16(codes))
	}
}

// upper is the second of two values.
const upper = 0xffff0000

// code is 0 to 15.
func code(bits uint32, inverse float32) uint64 {
	c := uint64(int64(float32(widen(bits)*inverse) + 8.5))
	return c - c>>4 // 16 becomes 15
}

// q8_0 is packQ8_0 of the block.
func (b *block) q8_0(most uint16, dst *[34]byte) {
	scale := widen(uint32(most)<<16) / 127
	inverse := 1 / scale
	binary.LittleEndian.PutUint16(dst[:], ToHalf(scale))
	codes := (*[32]byte)(dst[2:])
	for i := range 16 {
		two := binary.LittleEndian.Uint32(b[4*i:])
		codes[2*i] = signed(two<<16, inverse)
		codes[2*i+1] = signed(two&upper, inverse)
	}
}

// signed rounds as awayFromZero: half of 1 has the sign of the value.
func signed(bits uint32, inverse float32) byte {
	half := widen(bits&(1<<31) | 0x3f000000)
	return byte(int8(int32(float32(widen(bits)*inverse) + half)))
}

// Furthest finds the largest distance from zero in each block of BF16 or F16 values, and returns the largest of all, as its bits:
// the least that packing them can take.
func Furthest(data []byte) (most uint16) {
	for ; len(data) >= len(block{}); data = data[len(block{}):] {
		most = max(most, (*block)(data).furthest())
	}
	return most
}
