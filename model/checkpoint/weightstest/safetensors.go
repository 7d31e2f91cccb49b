// Package weightstest writes small checkpoints for tests: safetensors files,
// configurations and whole model folders in the layouts that package weights
// reads. Open folder.go first. It shares no code with the reader beyond the
// list of required tensors, so that each checks the other.
package weightstest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"

	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/ggml"
)

// Tensor is one tensor to be written.
type Tensor struct {
	Name  string
	Type  checkpoint.Type
	Shape []int
	Data  []byte
}

// Encode lays tensors out as one safetensors file, in the order given.
func Encode(tensors []Tensor) []byte {
	var header strings.Builder
	header.WriteString(`{"__metadata__":{"format":"pt"}`)
	var data []byte
	for _, t := range tensors {
		name, _ := json.Marshal(t.Name) // a string always encodes
		shape := strings.ReplaceAll(fmt.Sprint(t.Shape), " ", ",")
		fmt.Fprintf(&header, `,%s:{"dtype":%q,"shape":%s,"data_offsets":[%d,%d]}`,
			name, t.Type, shape, len(data), len(data)+len(t.Data))
		data = append(data, t.Data...)
	}
	header.WriteByte('}')
	for header.Len()%8 != 0 {
		header.WriteByte(' ')
	}
	return File(header.String(), data)
}

// File is a safetensors file with any header, true or not.
func File(header string, data []byte) []byte {
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(file, header...), data...)
}

// Write writes tensors to a safetensors file.
func Write(path string, tensors []Tensor) error {
	return os.WriteFile(path, Encode(tensors), 0o644)
}

// Pack stores values in a type of the engine: in a plain one rounded to nearest
// even; in a quantised one as blocks of bytes that depend on the values but do
// not stand for them, which is enough to see where blocks go. It returns nil for
// other types.
func Pack(kind checkpoint.Type, values []float32) []byte {
	var data []byte
	if t, ok := ggml.Named(string(kind)); ok && !t.Plain() {
		per, size := t.Block()
		for i := range len(values) / per * size {
			data = append(data, byte(math.Float32bits(values[i*per/size])>>15)+byte(i%size*37))
		}
		return data
	}
	for _, v := range values {
		switch kind {
		case checkpoint.BF16:
			bits := math.Float32bits(v)
			data = binary.LittleEndian.AppendUint16(data, uint16((bits+0x7fff+bits>>16&1)>>16))
		case checkpoint.F16:
			data = binary.LittleEndian.AppendUint16(data, half(v))
		case checkpoint.F32:
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
		}
	}
	return data
}

// half rounds a value of moderate size to float16; what is too small for a
// normal number becomes zero.
func half(v float32) uint16 {
	bits := math.Float32bits(v)
	sign := uint16(bits >> 16 & 0x8000)
	rounded := bits&0x7fffffff + 0xfff + bits>>13&1
	if rounded < 113<<23 {
		return sign
	}
	return sign | uint16((rounded-112<<23)>>13)
}
