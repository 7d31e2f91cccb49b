// Package ggml turns blocks of quantised weights, as GGUF files hold them, into float32. It is the plain account of every
// type the engine computes with: the GPU kernels are tested against it, and the loader takes block sizes from it.
//
// Open this file first: it lists the types. dequantize.go holds the types with blocks of 32, kquants.go those of 256.
// Source of the layouts: ggml-org/ggml, src/ggml-common.h and src/ggml-quants.c.
package ggml

import "fmt"

// Type is the number by which a GGUF file names a storage type.
type Type uint32

// The types the engine computes with.
const (
	F32    Type = 0
	F16    Type = 1
	Q4_0   Type = 2
	Q4_1   Type = 3
	Q5_0   Type = 6
	Q5_1   Type = 7
	Q8_0   Type = 8
	Q2_K   Type = 10
	Q3_K   Type = 11
	Q4_K   Type = 12
	Q5_K   Type = 13
	Q6_K   Type = 14
	IQ4_NL Type = 20
	IQ4_XS Type = 23
	BF16   Type = 30
)

// form is what is known of a type: its name, and how many values lie in how many bytes.
type form struct {
	name          string
	values, bytes int
	decode        func(block []byte, dst []float32)
}

var forms = map[Type]form{
	F32:    {"F32", 1, 4, f32},
	F16:    {"F16", 1, 2, f16},
	BF16:   {"BF16", 1, 2, bf16},
	Q4_0:   {"Q4_0", 32, 18, q4_0},
	Q4_1:   {"Q4_1", 32, 20, q4_1},
	Q5_0:   {"Q5_0", 32, 22, q5_0},
	Q5_1:   {"Q5_1", 32, 24, q5_1},
	Q8_0:   {"Q8_0", 32, 34, q8_0},
	IQ4_NL: {"IQ4_NL", 32, 18, iq4_nl},
	Q2_K:   {"Q2_K", 256, 84, q2_k},
	Q3_K:   {"Q3_K", 256, 110, q3_k},
	Q4_K:   {"Q4_K", 256, 144, q4_k},
	Q5_K:   {"Q5_K", 256, 176, q5_k},
	Q6_K:   {"Q6_K", 256, 210, q6_k},
	IQ4_XS: {"IQ4_XS", 256, 136, iq4_xs},
}

// others are the types a file may name and the engine does not compute with.
var others = map[Type]string{
	4: "Q4_2", 5: "Q4_3", 9: "Q8_1", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 21: "IQ3_S", 22: "IQ2_S",
	24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 31: "Q4_0_4_4", 32: "Q4_0_4_8", 33: "Q4_0_8_8",
	34: "TQ1_0", 35: "TQ2_0", 36: "IQ4_NL_4_4", 37: "IQ4_NL_4_8", 38: "IQ4_NL_8_8", 39: "MXFP4", 40: "NVFP4", 41: "Q1_0",
}

// Types lists the types the engine computes with, the plain ones first.
func Types() []Type {
	return []Type{F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, IQ4_NL, IQ4_XS, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K}
}

// String is the type's name, as Q4_K; "type 77" for a number nobody has given a name.
func (t Type) String() string {
	if f, ok := forms[t]; ok {
		return f.name
	}
	if name, ok := others[t]; ok {
		return name
	}
	return fmt.Sprintf("type %d", uint32(t))
}

// Named finds a type the engine computes with by its name.
func Named(name string) (Type, bool) {
	for t, f := range forms {
		if f.name == name {
			return t, true
		}
	}
	return 0, false
}

// Block is the number of values that are stored together and the bytes they take; 0 and 0 for a type that is not read.
func (t Type) Block() (values, bytes int) { return forms[t].values, forms[t].bytes }

// Plain says whether every value stands by itself.
func (t Type) Plain() bool { return forms[t].values == 1 }

// Dequantize fills dst with the values of whole blocks. Every value is computed as the reference does, in float32 and in its
// order of operations, so that equal means bit for bit.
func Dequantize(t Type, blocks []byte, dst []float32) error {
	f, ok := forms[t]
	switch {
	case !ok:
		return fmt.Errorf("weights of %s cannot be read", t)
	case len(blocks)%f.bytes != 0 || len(blocks)/f.bytes*f.values != len(dst):
		return fmt.Errorf("%d bytes of %s do not make %d values: %d of them lie in %d bytes", len(blocks), t, len(dst), f.values, f.bytes)
	}
	if t == BF16 { // by far the most common of the plain types, and worth a loop of its own
		widenBF16(blocks, dst)
		return nil
	}
	for len(dst) > 0 {
		f.decode(blocks[:f.bytes], dst[:f.values])
		blocks, dst = blocks[f.bytes:], dst[f.values:]
	}
	return nil
}
