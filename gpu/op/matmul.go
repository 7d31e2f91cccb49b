package op

import (
	"fmt"

	"sirocco/gpu"
	"sirocco/shaders"
)

type matmulParams struct{ N, K, Steps, Stride, First, Add, Token, Tokens uint32 }

// Matmul records dst = x·Wᵀ. dst [T, N], x [T, K]. Up to eight rows take the matvec kernel, whose outputs have the same bits
// however many rows go together; more take tiles, except on a processor, which has no workgroup memory of its own.
func Matmul(r *gpu.Recorder, dst, x gpu.Tensor, w *gpu.Matrix) { product(r, dst, x, w, 0) }

// MatmulAdd records dst += x·Wᵀ, as [Matmul].
func MatmulAdd(r *gpu.Recorder, dst, x gpu.Tensor, w *gpu.Matrix) { product(r, dst, x, w, 1) }

func product(r *gpu.Recorder, dst, x gpu.Tensor, w *gpu.Matrix, add uint32) {
	rows, cols := rowsOf(x)
	dstRows, dstCols := rowsOf(dst)
	name := fmt.Sprintf("matmul with %s [%d %d]", w.Label, w.N, w.K)
	if !fits(r, name, cols == w.K && rows == dstRows && dstCols == w.N, dst, x) {
		return
	}
	if rows <= Together || software(r) {
		vectors{x: x, w: w, end: [...]string{"store", "add"}[add]}.all(r, dst)
		return
	}
	for _, part := range w.Parts {
		matmul(r, tile{group: 64, rows: 4, tokens: 16}, dst, x, w, part, add)
	}
}

// tile is the shape of a matmul workgroup and of what one invocation owns of it.
type tile struct{ group, rows, tokens int }

func matmul(r *gpu.Recorder, t tile, dst, x gpu.Tensor, w *gpu.Matrix, part gpu.Part, add uint32) {
	rows, _ := rowsOf(x)
	defines := shaders.Defines{
		"TYPE": string(part.Type), "X": rowForm(part.Type, w.K),
		"GROUP": define(t.group), "ROWS": define(t.rows), "TOKENS": define(t.tokens),
	}
	tiles := max(1, longest(r)/(2*part.Rows*w.K*t.tokens)) // of tokens, in one dispatch
	for first := 0; first < rows; first += tiles * t.tokens {
		count := min(tiles*t.tokens, rows-first)
		params := &matmulParams{
			N: uint32(part.Rows), K: uint32(w.K), Steps: uint32(part.Type.Steps(w.K)),
			Stride: uint32(w.N), First: uint32(part.First), Add: add, Token: uint32(first), Tokens: uint32(rows),
		}
		r.Cost(2 * int64(part.Rows) * int64(w.K) * int64(count))
		dispatch(r, "matmul", defines, params, [3]int{ceil(part.Rows, t.group*t.rows), ceil(count, t.tokens), 1},
			append([]gpu.Binding{dst.Binding(), x.Binding()}, partBindings(part)...)...)
	}
}

// rowForm says how kernels may read rows of activations against weights of this type.
func rowForm(w gpu.Weight, k int) string {
	switch {
	case k%w.Step() == 0:
		return "vec4"
	case k%4 == 0:
		return "padded"
	}
	return "scalar"
}
