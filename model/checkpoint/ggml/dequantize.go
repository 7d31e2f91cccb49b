package ggml

import (
	"encoding/binary"
	"math"
)

func f32(b []byte, dst []float32) { dst[0] = math.Float32frombits(binary.LittleEndian.Uint32(b)) }

func f16(b []byte, dst []float32) { dst[0] = half(b) }

func bf16(b []byte, dst []float32) {
	dst[0] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16)
}

func widenBF16(b []byte, dst []float32) {
	b = b[:2*len(dst)]
	for i := range dst {
		dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(b[2*i:])) << 16)
	}
}

// half widens the IEEE half at the start of b.
func half(b []byte) float32 {
	h := uint32(binary.LittleEndian.Uint16(b))
	sign, exponent, mantissa := h>>15<<31, h>>10&31, h&1023
	switch exponent {
	case 0: // zero and subnormals: mantissa · 2⁻²⁴
		return math.Float32frombits(math.Float32bits(float32(mantissa)/(1<<24)) | sign)
	case 31:
		return math.Float32frombits(sign | 0xff<<23 | mantissa<<13)
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | mantissa<<13)
}

// nibble is value i of 32 that are kept in 16 bytes: the first 16 in the low halves, the others in the high ones.
func nibble(qs []byte, i int) byte { return qs[i%16] >> (i / 16 * 4) & 15 }

// q4_0: scale f16, 32 nibbles; (q-8)·d.
func q4_0(b []byte, dst []float32) {
	d := half(b)
	for i := range dst {
		dst[i] = d * float32(int(nibble(b[2:], i))-8)
	}
}

// q4_1: scale f16, least value f16, 32 nibbles; q·d + m. The conversion keeps the product from being fused into the sum.
func q4_1(b []byte, dst []float32) {
	d, m := half(b), half(b[2:])
	for i := range dst {
		dst[i] = float32(d*float32(nibble(b[4:], i))) + m
	}
}

// fifth is the fifth bit of value i, in the place where it counts 16.
func fifth(qh []byte, i int) byte { return qh[i/8] >> (i % 8) & 1 << 4 }

// q5_0: scale f16, 32 fifth bits, 32 nibbles; (q-16)·d.
func q5_0(b []byte, dst []float32) {
	d := half(b)
	for i := range dst {
		dst[i] = d * float32(int(nibble(b[6:], i)|fifth(b[2:], i))-16)
	}
}

// q5_1: scale f16, least value f16, 32 fifth bits, 32 nibbles; q·d + m.
func q5_1(b []byte, dst []float32) {
	d, m := half(b), half(b[2:])
	for i := range dst {
		dst[i] = float32(d*float32(nibble(b[8:], i)|fifth(b[4:], i))) + m
	}
}

// q8_0: scale f16, 32 int8; q·d.
func q8_0(b []byte, dst []float32) {
	d := half(b)
	for i := range dst {
		dst[i] = d * float32(int8(b[2+i]))
	}
}

// levels are the 16 unevenly spaced values of IQ4_NL and IQ4_XS.
var levels = [16]float32{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}

// iq4_nl: scale f16, 32 nibbles; level[q]·d.
func iq4_nl(b []byte, dst []float32) {
	d := half(b)
	for i := range dst {
		dst[i] = d * levels[nibble(b[2:], i)]
	}
}
