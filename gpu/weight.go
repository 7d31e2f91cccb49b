package gpu

import (
	"fmt"
	"slices"
	"strings"

	"sirocco/shaders"
)

// Weight says how a matrix is stored, in a file and on the device.
type Weight string

// The types there are kernels for. The quantised ones are GGUF's: blocks of 32 or 256 weights along k with their scales.
const (
	BF16 Weight = "bf16"
	F16  Weight = "f16"
	F32  Weight = "f32"

	Q4_0   Weight = "q4_0"
	Q4_1   Weight = "q4_1"
	Q5_0   Weight = "q5_0"
	Q5_1   Weight = "q5_1"
	Q8_0   Weight = "q8_0"
	IQ4_NL Weight = "iq4_nl"

	Q2_K   Weight = "q2_k"
	Q3_K   Weight = "q3_k"
	Q4_K   Weight = "q4_k"
	Q5_K   Weight = "q5_k"
	Q6_K   Weight = "q6_k"
	IQ4_XS Weight = "iq4_xs"
)

// ParseWeight knows a type by its name, as bf16 or q4_k.
func ParseWeight(name string) (Weight, error) {
	if _, ok := forms[Weight(name)]; !ok {
		return "", fmt.Errorf("there are no kernels for weights of type %q; there are for %s", name, strings.Join(weightNames(), ", "))
	}
	return Weight(name), nil
}

func weightNames() []string {
	var names []string
	for w := range forms {
		names = append(names, string(w))
	}
	slices.Sort(names)
	return names
}

// RowBytes is the length in a file of a row of k weights.
func (w Weight) RowBytes(k int) int64 {
	return int64(k/forms[w].block) * int64(forms[w].bytes)
}

// Block is the number of weights of a block in a file, 1 for the plain types; a row is whole blocks.
func (w Weight) Block() int { return forms[w].block }

// Step is the number of weights a row on the device is padded to a multiple of, with zeros.
func (w Weight) Step() int { return w.layout().Step }

// Steps is the number of steps of a row of k weights on the device.
func (w Weight) Steps(k int) int { return (k + w.Step() - 1) / w.Step() }

// Pieces is the number of portions in which a kernel unpacks a step.
func (w Weight) Pieces() int { return w.layout().Pieces }

func (w Weight) layout() shaders.Layout {
	l, _ := shaders.LayoutOf(string(w))
	return l
}
