package ggml

import "encoding/binary"

// The blocks of 256 have a scale for the block and small whole scales for each 16 or 32 values in it.

// q2_k: 16 bytes of 4-bit scales and 4-bit minimums, 64 bytes of 2-bit values, d f16, dmin f16; q·d·scale - dmin·min.
func q2_k(b []byte, dst []float32) {
	scales, qs, d, dmin := b[:16], b[16:80], half(b[80:]), half(b[82:])
	for i := range dst {
		group := scales[i/16]
		scale, least := d*float32(group&15), dmin*float32(group>>4)
		dst[i] = float32(scale*float32(pair(qs, i))) - least
	}
}

// pair is 2-bit value i: 128 values lie in 32 bytes, the first 32 in the lowest bits of each byte, and so on.
func pair(qs []byte, i int) byte { return qs[i/128*32+i%32] >> (i % 128 / 32 * 2) & 3 }

// q3_k: 32 bytes of third bits, 64 bytes of 2-bit values, 12 bytes of sixteen 6-bit scales, d f16; (q-4 or q)·d·(scale-32).
// Four is taken off where the third bit is not set.
func q3_k(b []byte, dst []float32) {
	high, qs, scales, d := b[:32], b[32:96], b[96:108], half(b[108:])
	for i := range dst {
		q := int(pair(qs, i)) | int(high[i%32]>>(i/32)&1)<<2
		dst[i] = float32(d*float32(scale3(scales, i/16)-32)) * float32(q-4)
	}
}

// scale3 is 6-bit scale j of q3_k: four bits in the first 8 bytes, two in the last 4.
func scale3(s []byte, j int) int {
	return int(s[j%8]>>(j/8*4)&15) | int(s[8+j%4]>>(j/4*2)&3)<<4
}

// scale4 is scale and minimum j of the eight that q4_k and q5_k keep in 12 bytes, 6 bits each.
func scale4(s []byte, j int) (scale, least float32) {
	if j < 4 {
		return float32(s[j] & 63), float32(s[j+4] & 63)
	}
	return float32(s[j+4]&15 | s[j-4]>>6<<4), float32(s[j+4]>>4 | s[j]>>6<<4)
}

// quad is 4-bit value i: 64 values lie in 32 bytes, the first 32 in the low halves.
func quad(qs []byte, i int) byte { return qs[i/64*32+i%32] >> (i % 64 / 32 * 4) & 15 }

// q4_k: d f16, dmin f16, 12 bytes of scales and minimums, 128 bytes of nibbles; q·d·scale - dmin·min.
func q4_k(b []byte, dst []float32) {
	d, dmin, scales, qs := half(b), half(b[2:]), b[4:16], b[16:144]
	for i := range dst {
		scale, least := scale4(scales, i/32)
		dst[i] = float32(float32(d*scale)*float32(quad(qs, i))) - float32(dmin*least)
	}
}

// q5_k: as q4_k with 32 bytes of fifth bits before the nibbles; bit j of byte i is that of value 32·j + i.
func q5_k(b []byte, dst []float32) {
	d, dmin, scales, high, qs := half(b), half(b[2:]), b[4:16], b[16:48], b[48:176]
	for i := range dst {
		scale, least := scale4(scales, i/32)
		q := quad(qs, i) | high[i%32]>>(i/32)&1<<4
		dst[i] = float32(float32(d*scale)*float32(q)) - float32(dmin*least)
	}
}

// q6_k: 128 bytes of low nibbles, 64 bytes of the upper two bits, 16 int8 scales, d f16; (q-32)·d·scale.
func q6_k(b []byte, dst []float32) {
	low, high, scales, d := b[:128], b[128:192], b[192:208], half(b[208:])
	for i := range dst {
		q := low[i/128*64+i%64]>>(i%128/64*4)&15 | pair(high, i)<<4
		dst[i] = float32(d*float32(int8(scales[i/16]))) * float32(int(q)-32)
	}
}

// iq4_xs: d f16, 2 bytes and 4 bytes of eight 6-bit scales, 128 bytes of nibbles; level[q]·d·(scale-32). Unlike in the
// K types each 32 values have 16 bytes of their own.
func iq4_xs(b []byte, dst []float32) {
	d, high, low, qs := half(b), binary.LittleEndian.Uint16(b[2:]), b[4:8], b[8:136]
	for i := range dst {
		j := i / 32
		scale := int(low[j/2]>>(j%2*4)&15) | int(high>>(2*j)&3)<<4
		dst[i] = float32(d*float32(scale-32)) * levels[nibble(qs[16*j:], i%32)]
	}
}
