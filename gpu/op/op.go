// Package op turns the steps of a forward pass (norm, matrix product, attention, …) into dispatches of the kernels in package
// shaders: one Go file per kernel, of the same stem. Every function takes the recorder first, then what is written, then what is
// read; nothing runs before the recording does.
//
// Open rmsnorm.go first, then matmul.go and attend.go. This file holds what they share: how a dispatch is recorded and how a
// shape that does not fit is reported (by the recorder's Finish, naming the operation and the shapes).
//
// Activations are f32, row-major. What is written must be in another buffer than what is only read: WebGPU looks at whole
// buffers. Offsets of tensors are multiples of 256 bytes, which rows in steps of 64 always are. One binding is limited (128 MiB on
// software Vulkan), so wide activations are worked on in pieces of rows by the caller; matrices are split here.
package op

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"strconv"

	"sirocco/gpu"
	"sirocco/shaders"
)

// dispatch records one dispatch. params is a pointer to a struct of u32 and f32 fields, in the order of the kernel's Params.
func dispatch(r *gpu.Recorder, stem string, defines shaders.Defines, params any, groups [3]int, b ...gpu.Binding) {
	if r.Failed() {
		return
	}
	source, err := shaders.Get(stem, defines)
	if err != nil {
		r.Fail("%w", err)
		return
	}
	kernel, err := r.Device().Kernel(source)
	if err != nil {
		r.Fail("%w", err)
		return
	}
	r.Dispatch(kernel, words(params), groups, b...)
}

// words are the fields of a params struct as the uniform has them, 4 bytes each.
func words(params any) []uint32 {
	size := binary.Size(params)
	raw := make([]byte, 0, size)
	raw, err := binary.Append(raw, binary.LittleEndian, params)
	if err != nil {
		panic(fmt.Sprintf("params %s: %v", reflect.TypeOf(params), err))
	}
	list := make([]uint32, size/4)
	for i := range list {
		list[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
	return list
}

// elements is the grid of a kernel with one invocation per element, in workgroups of 64: along x, then y.
func elements(r *gpu.Recorder, count int) [3]int {
	return lines(r, ceil(count, 64))
}

// lines spreads workgroups over x and y where one dimension cannot hold them.
func lines(r *gpu.Recorder, groups int) [3]int {
	y := ceil(groups, r.Device().Limits().MaxGroups)
	return [3]int{ceil(groups, max(y, 1)), y, 1}
}

func ceil(n, unit int) int { return (n + unit - 1) / unit }

// rowsOf reads a tensor as rows: the last dimension is the row, those before it are counted together.
func rowsOf(t gpu.Tensor) (rows, cols int) {
	if len(t.Shape) == 0 {
		return 0, 0
	}
	cols = t.Shape[len(t.Shape)-1]
	if cols == 0 {
		return 0, 0
	}
	return t.Len() / cols, cols
}

// fits fails the recording, with the shapes, unless ok; empty tensors never fit.
func fits(r *gpu.Recorder, name string, ok bool, tensors ...gpu.Tensor) bool {
	for _, t := range tensors {
		ok = ok && t.Buffer != nil && t.Len() > 0
	}
	if !ok && !r.Failed() {
		shapes := make([]any, len(tensors))
		for i, t := range tensors {
			shapes[i] = t.Shape
			if t.Buffer == nil {
				shapes[i] = "no buffer"
			}
		}
		r.Fail("%s: shapes that do not fit: %v", name, shapes)
	}
	return ok && !r.Failed()
}

// software tells whether the processor computes: then kernels keep everything in registers and use no workgroup memory.
func software(r *gpu.Recorder) bool { return r.Device().Info().Kind == gpu.Software }

// maxRows is about how many floating-point operations one dispatch may take: a fraction of a second on a slow device of its kind.
func maxRows(r *gpu.Recorder) int {
	if software(r) {
		return 4e9
	}
	return 200e9
}

func define(n int) string { return strconv.Itoa(n) }
