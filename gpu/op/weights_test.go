package op

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"sirocco/gpu"
	"sirocco/model/checkpoint/ggml"
)

var weightTypes = []gpu.Weight{
	gpu.BF16, gpu.F16, gpu.F32, gpu.Q4_0, gpu.Q4_1, gpu.Q5_0, gpu.Q5_1, gpu.Q8_0, gpu.IQ4_NL,
	gpu.Q2_K, gpu.Q3_K, gpu.Q4_K, gpu.Q5_K, gpu.Q6_K, gpu.IQ4_XS,
}

// layouts are one type of each kind, for what does not depend on how a weight is unpacked.
var layouts = []gpu.Weight{gpu.BF16, gpu.Q5_0, gpu.Q5_K}

// numbers are the places of the f16 numbers in a block of each quantised type: what random bytes would make huge, or no number.
var numbers = map[gpu.Weight][]int{
	gpu.Q4_0: {0}, gpu.Q4_1: {0, 2}, gpu.Q5_0: {0}, gpu.Q5_1: {0, 2}, gpu.Q8_0: {0}, gpu.IQ4_NL: {0},
	gpu.Q2_K: {80, 82}, gpu.Q3_K: {108}, gpu.Q4_K: {0, 2}, gpu.Q5_K: {0, 2}, gpu.Q6_K: {208}, gpu.IQ4_XS: {0},
}

// common numbers of a block are about as large as a model's, or zero.
func common(rng *rand.Rand) uint16 {
	if rng.IntN(16) == 0 {
		return 0
	}
	return halfBits(half((2*rng.Float32() - 1) / 64))
}

// strange numbers are any finite float16: half of them are zero, subnormal or as large as can be.
func strange(rng *rand.Rand) uint16 {
	sign := uint16(rng.IntN(2)) << 15
	switch rng.IntN(8) {
	case 0:
		return sign
	case 1, 2:
		return sign | uint16(rng.IntN(1<<10))
	case 3:
		return sign | 0x7bff
	}
	return sign | uint16(rng.IntN(0x7c00))
}

// blocks are n rows of k random weights as a file has them, and what they mean to package ggml.
func blocks(w gpu.Weight, n, k int, number func(*rand.Rand) uint16) (raw []byte, values []float32) {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(k)))
	values = make([]float32, n*k)
	kind, _ := ggml.Named(strings.ToUpper(string(w)))
	if kind.Plain() {
		for range values {
			raw = appendPlain(raw, w, 2*rng.Float32()-1)
		}
	} else {
		raw = make([]byte, n*int(w.RowBytes(k)))
		for i := range raw {
			raw[i] = byte(rng.Uint32())
		}
		_, size := kind.Block()
		for at := 0; at < len(raw); at += size {
			for _, place := range numbers[w] {
				binary.LittleEndian.PutUint16(raw[at+place:], number(rng))
			}
		}
	}
	if err := ggml.Dequantize(kind, raw, values); err != nil {
		panic(err)
	}
	return raw, values
}

func appendPlain(raw []byte, w gpu.Weight, v float32) []byte {
	switch w {
	case gpu.BF16:
		return binary.LittleEndian.AppendUint16(raw, uint16(math.Float32bits(v)>>16))
	case gpu.F16:
		return binary.LittleEndian.AppendUint16(raw, halfBits(half(v)))
	}
	return binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
}

// halfBits are those of a value that is a float16 already.
func halfBits(v float32) uint16 {
	bits := math.Float32bits(v)
	if math.Abs(float64(v)) < 1.0/(1<<14) {
		return uint16(bits>>31<<15) | uint16(math.Abs(float64(v))*(1<<24))
	}
	return uint16(bits>>31<<15 | (bits>>23&0xff-112)<<10 | bits>>13&0x3ff)
}

// matrix is one of common blocks, and its weights.
func matrix(t testing.TB, d *gpu.Device, w gpu.Weight, n, k int) (*gpu.Matrix, []float32) {
	t.Helper()
	raw, values := blocks(w, n, k, common)
	return place(t, d, w, n, k, raw), values
}

func place(t testing.TB, d *gpu.Device, w gpu.Weight, n, k int, raw []byte) *gpu.Matrix {
	t.Helper()
	m, err := gpu.NewMatrix(d, t.Name(), w, n, k)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Release)
	if err := m.Upload(d, gpu.Rows{Data: raw}); err != nil {
		t.Fatal(err)
	}
	return m
}
