package op

import (
	"fmt"

	"sirocco/gpu"
	"sirocco/shaders"
)

type matmulParams struct{ N, K, Steps, Stride, First, Add, Token, Tokens uint32 }

// Matmul records dst = x·Wᵀ. dst [T, N], x [T, K]. Up to eight rows take the matvec kernel, whose outputs have the same bits
// however many rows go together; more take tiles, from as many on as the device's knobs say.
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
	v := vectors{x: x, w: w, end: [...]string{"store", "add"}[add]}
	for _, part := range w.Parts {
		tile := r.Device().Tuning().For(part.Type).Tile
		if rows > MaxBatch && tile.From > 0 && rows >= tile.From {
			matmul(r, tile, dst, x, w, part, add)
		} else {
			v.part(r, dst, part)
		}
	}
}

// matmul cuts the tokens into dispatches that are short enough.
func matmul(r *gpu.Recorder, t gpu.Tile, dst, x gpu.Tensor, w *gpu.Matrix, part gpu.Part, add uint32) {
	rows, _ := rowsOf(x)
	defines := shaders.Defines{
		"TYPE": string(part.Type), "X": "padded", "ROWS": define(t.Rows), "TOKENS": define(t.Tokens), "DEPTH": define(t.Depth),
	}
	if w.K%4 != 0 {
		defines["X"] = "scalar"
	}
	tall, wide := side*t.Tokens, side*t.Rows
	tiles := max(1, maxRows(r)/(2*part.Rows*w.K*tall)) // of tokens, in one dispatch
	for first := 0; first < rows; first += tiles * tall {
		count := min(tiles*tall, rows-first)
		params := &matmulParams{
			N: uint32(part.Rows), K: uint32(w.K), Steps: uint32(part.Type.Steps(w.K)),
			Stride: uint32(w.N), First: uint32(part.First), Add: add, Token: uint32(first), Tokens: uint32(rows),
		}
		r.Cost(2 * int64(part.Rows) * int64(w.K) * int64(count))
		dispatch(r, "matmul", defines, params, [3]int{ceil(part.Rows, wide), ceil(count, tall), 1},
			append([]gpu.Binding{dst.Binding(), x.Binding()}, partBindings(part)...)...)
	}
}

// side is how many invocations a workgroup of the matmul kernel has along each of its two sides.
const side = 16

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
