package shaders

import (
	"maps"
	"slices"
)

// Layout says how rows of one type of weights lie on the device (see gpu.Matrix) and in what portions kernels unpack them.
//
// A row is cut into steps along k. A step has its vectors of 16 bytes in a first plane. The second plane, of words of 4 bytes, has
// scales and spare bits: for every Group steps first the Shared words, which all of them need, then Own words for each of them.
type Layout struct {
	Step    int // weights
	Vectors int // of 16 bytes, a step
	Pieces  int // a step is unpacked in so many
	Quads   int // of weights, a piece
	Group   int // steps
	Shared  int // words, a group
	Own     int // words, a step

	Span   int  // pieces under one scale
	Offset bool // values lie above what is taken off again: the scale is a pair
}

// Words is what a group takes of the second plane.
func (l Layout) Words() int { return l.Shared + l.Group*l.Own }

// quantised layouts have steps of 64 weights in pieces of 16, the most that one scale covers in every type.
func quantised(vectors, group, shared, own int) Layout {
	return Layout{Step: 64, Vectors: vectors, Pieces: 4, Quads: 4, Group: group, Shared: shared, Own: own, Span: 2, Offset: true}
}

// signed layouts have values on both sides of zero.
func (l Layout) signed() Layout {
	l.Offset = false
	return l
}

// fine layouts have a scale for every piece.
func (l Layout) fine() Layout {
	l.Span = 1
	return l
}

// layouts of all types there are kernels for; lib/quantised.wgsl says what each vector and word holds.
var layouts = map[string]Layout{
	"bf16": {Step: 8, Vectors: 1, Pieces: 1, Quads: 2, Group: 1, Span: 1},
	"f16":  {Step: 8, Vectors: 1, Pieces: 1, Quads: 2, Group: 1, Span: 1},
	"f32":  {Step: 4, Vectors: 1, Pieces: 1, Quads: 1, Group: 1, Span: 1},

	"q8_0":   quantised(4, 1, 0, 1).signed(),
	"q4_0":   quantised(2, 1, 0, 1),
	"q4_1":   quantised(2, 1, 0, 2),
	"q5_0":   quantised(2, 1, 0, 3),
	"q5_1":   quantised(2, 1, 0, 4),
	"iq4_nl": quantised(2, 1, 0, 1).signed(),

	"q2_k":   quantised(1, 4, 1, 1).fine(),
	"q3_k":   quantised(1, 4, 4, 2).fine(),
	"q4_k":   quantised(2, 4, 4, 0),
	"q5_k":   quantised(2, 4, 4, 2),
	"q6_k":   quantised(3, 4, 1, 1).fine(),
	"iq4_xs": quantised(2, 4, 2, 0).signed(),
}

// weightTypes are the names of the layouts, the default first.
func weightTypes() []string {
	names := slices.Sorted(maps.Keys(layouts))
	return append([]string{"bf16"}, slices.DeleteFunc(names, func(name string) bool { return name == "bf16" })...)
}

// LayoutOf finds the layout of a type by its name; ok is false where there are no kernels for it.
func LayoutOf(weightType string) (l Layout, ok bool) {
	l, ok = layouts[weightType]
	return l, ok
}
