package ggml

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Quantize packs values into whole blocks of Q4_0 or Q8_0, with the rounding of ggml's own reference quantisers (quantize_row_q4_0_ref and
// quantize_row_q8_0_ref), so that a checkpoint quantised while it is loaded has the bytes of one converted beforehand.
func Quantize(t Type, values []float32, dst []byte) error {
	pack, size, err := packing(t, len(values), len(dst))
	for ; err == nil && len(values) > 0; values, dst = values[32:], dst[size:] {
		x := (*[32]float32)(values)
		pack(x, furthest(x), dst[:size])
	}
	return err
}

// packing finds what packs blocks of 32 values, the furthest of which is known, and their size.
func packing(t Type, values, bytes int) (pack func(x *[32]float32, furthest float32, block []byte), size int, err error) {
	switch t {
	case Q4_0:
		pack = packQ4_0
	case Q8_0:
		pack = packQ8_0
	default:
		return nil, 0, fmt.Errorf("weights cannot be packed into %s; Q4_0 and Q8_0 are possible", t)
	}
	count, size := t.Block()
	if values%count != 0 || bytes != values/count*size {
		return nil, 0, fmt.Errorf("%d values do not make %d bytes of %s: %d of them lie in %d bytes", values, bytes, t, count, size)
	}
	return pack, size, nil
}

// packQ4_0: the value furthest from zero becomes -8 times the scale, and value i+16 lies above value i in a byte.
func packQ4_0(x *[32]float32, furthest float32, block []byte) {
	scale := furthest / -8
	binary.LittleEndian.PutUint16(block, ToHalf(scale))
	inverse := reciprocal(scale)
	codes := (*[16]byte)(block[2:])
	for i := range codes {
		low := min(15, int32(x[i]*inverse+8.5))
		high := min(15, int32(x[i+16]*inverse+8.5))
		codes[i] = byte(low) | byte(high)<<4
	}
}

// packQ8_0: the value furthest from zero becomes ±127 times the scale.
func packQ8_0(x *[32]float32, furthest float32, block []byte) {
	scale := max(furthest, -furthest) / 127
	binary.LittleEndian.PutUint16(block, ToHalf(scale))
	inverse := reciprocal(scale)
	codes := (*[32]byte)(block[2:])
	for i := range codes {
		codes[i] = byte(int8(awayFromZero(x[i] * inverse)))
	}
}

// awayFromZero rounds to the nearest whole number, halves away from zero: half of 1 with the sign of v is added, because a branch on
// signs, which are random, costs several times as much.
func awayFromZero(v float32) int32 {
	const sign = 1 << 31
	return int32(v + math.Float32frombits(math.Float32bits(v)&sign|math.Float32bits(0.5)))
}

// furthest is the first value with the largest distance from zero. The bits of a float without its sign order as it does; with its
// place behind them, a plain maximum finds it without a branch.
func furthest(x *[32]float32) float32 {
	var a, b uint64
	for i := 0; i < 32; i += 2 {
		a = max(a, uint64(math.Float32bits(x[i])&^(1<<31))<<5|uint64(31-i))
		b = max(b, uint64(math.Float32bits(x[i+1])&^(1<<31))<<5|uint64(30-i))
	}
	return x[31-max(a, b)&31]
}

func reciprocal(scale float32) float32 {
	if scale == 0 {
		return 0
	}
	return 1 / scale
}

// ToHalf rounds to float16, ties to even; what is too large becomes infinite.
func ToHalf(v float32) uint16 {
	bits := math.Float32bits(v)
	sign, size := uint16(bits>>16&0x8000), bits&^(1<<31)
	switch {
	case size > 0x7f800000: // not a number
		return sign | 0x7e00
	case size >= 0x477ff000: // rounds to 65536 or is larger
		return sign | 0x7c00
	case size < 0x38800000: // below 2^-14: whole multiples of 2^-24
		return sign | uint16(math.RoundToEven(float64(math.Float32frombits(size))*(1<<24)))
	}
	return sign | uint16((size+0xfff+size>>13&1-112<<23)>>13)
}
