package gguf

import (
	"encoding/binary"
	"fmt"
	"math"

	"sirocco/model/checkpoint/ggml"
)

// Pair is one key of a file to be written and its value: a uint32, float32, bool or string, or a list of strings or int32.
type Pair struct {
	Key   string
	Value any
}

// Entry is one tensor of a file to be written. Shape is row-major, as in Tensor.
type Entry struct {
	Name  string
	Type  ggml.Type
	Shape []int
}

// Bytes is the length of the tensor's data.
func (e Entry) Bytes() int64 {
	values, bytes := e.Type.Block()
	n := int64(1)
	for _, d := range e.Shape {
		n *= int64(d)
	}
	return n / int64(values) * int64(bytes)
}

// Header lays out the header of a file of version 3, up to where the first tensor's data begins. The data of the tensors follows
// in order, each filled up with zeros to a multiple of Alignment.
func Header(pairs []Pair, tensors []Entry) ([]byte, error) {
	le := binary.LittleEndian
	file := le.AppendUint32([]byte(magic), 3)
	file = le.AppendUint64(le.AppendUint64(file, uint64(len(tensors))), uint64(len(pairs)))
	for _, p := range pairs {
		var err error
		if file, err = appendValue(appendText(file, p.Key), p.Value); err != nil {
			return nil, fmt.Errorf("writing the key %s: %w", p.Key, err)
		}
	}
	at := int64(0)
	for _, t := range tensors {
		file = le.AppendUint32(appendText(file, t.Name), uint32(len(t.Shape)))
		for i := range t.Shape {
			file = le.AppendUint64(file, uint64(t.Shape[len(t.Shape)-1-i]))
		}
		file = le.AppendUint64(le.AppendUint32(file, uint32(t.Type)), uint64(at))
		at += t.Bytes() + Padding(t.Bytes())
	}
	return append(file, make([]byte, Padding(int64(len(file))))...), nil
}

// Padding is how many zeros follow so many bytes.
func Padding(bytes int64) int64 {
	return (defaultAlignment - bytes%defaultAlignment) % defaultAlignment
}

func appendText(file []byte, text string) []byte {
	return append(binary.LittleEndian.AppendUint64(file, uint64(len(text))), text...)
}

// The numbers by which a file names the types of values.
const (
	kindUint32 = 4
	kindInt32  = 5
	kindFloat  = 6
	kindBool   = 7
	kindText   = 8
	kindList   = 9
)

func appendValue(file []byte, value any) ([]byte, error) {
	le := binary.LittleEndian
	switch v := value.(type) {
	case uint32:
		return le.AppendUint32(le.AppendUint32(file, kindUint32), v), nil
	case float32:
		return le.AppendUint32(le.AppendUint32(file, kindFloat), math.Float32bits(v)), nil
	case bool:
		bit := byte(0)
		if v {
			bit = 1
		}
		return append(le.AppendUint32(file, kindBool), bit), nil
	case string:
		return appendText(le.AppendUint32(file, kindText), v), nil
	case []string:
		file = le.AppendUint64(le.AppendUint32(le.AppendUint32(file, kindList), kindText), uint64(len(v)))
		for _, text := range v {
			file = appendText(file, text)
		}
		return file, nil
	case []int32:
		file = le.AppendUint64(le.AppendUint32(le.AppendUint32(file, kindList), kindInt32), uint64(len(v)))
		for _, n := range v {
			file = le.AppendUint32(file, uint32(n))
		}
		return file, nil
	case []float32:
		file = le.AppendUint64(le.AppendUint32(le.AppendUint32(file, kindList), kindFloat), uint64(len(v)))
		for _, x := range v {
			file = le.AppendUint32(file, math.Float32bits(x))
		}
		return file, nil
	}
	return nil, fmt.Errorf("a value of type %T has no place in a GGUF file", value)
}
