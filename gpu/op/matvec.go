package op

import (
	"maps"
	"math/bits"
	"runtime"

	"sirocco/gpu"
	"sirocco/shaders"
)

// MaxBatch is how many rows of activations one reading of the weights serves at most. A row comes out the same, to the bit, whatever
// goes with it.
const MaxBatch = 8

type matvecParams struct {
	N, K, Steps, Stride, First, Token, Skip uint32
	Eps                                     float32
}

// shapeFor is the shape of a workgroup: the device's knob for the matrix. The order of summation follows from its slices and never from
// the number of rows; a processor gets more rows of the matrix where it reads uniforms, because loads of activations are dear there, as
// long as that leaves work for each of its cores.
func shapeFor(r *gpu.Recorder, part gpu.Part, columns, k int) gpu.Vector {
	v := r.Device().Tuning().For(part.Type).Vector
	if software(r) && columns > 1 && k >= minUniformRows {
		v.Rows = 16
		if part.Rows < 2*runtime.NumCPU()*v.Lanes*v.Rows {
			v.Rows = max(8, 32/columns)
		}
	}
	return v
}

// vectors is one use of the matvec kernel: up to eight rows x [T, K] times a part of a matrix.
type vectors struct {
	x      gpu.Tensor
	from   *DeferredNorm // x comes of it; nil where x is plain
	w      *gpu.Matrix
	end    string        // what becomes of the product
	ends   []gpu.Binding // what that needs besides dst
	isGate bool          // rows of the matrix come in pairs, half a matrix apart
	rope   *ropeParams
	form   shaders.Defines // of the end
	// whole is how many rows of the matrix belong together for the end: a workgroup
	// has all of them. 0: each stands alone.
	whole int
}

type ropeParams struct{ Half, Query, KV, Context uint32 }

// all records the product of all rows of x with all parts of the matrix.
func (v vectors) all(r *gpu.Recorder, dst gpu.Tensor) {
	for _, part := range v.w.Parts {
		v.part(r, dst, part)
	}
}

// part records the product with one part of the matrix, as many rows of x at once as the device likes.
func (v vectors) part(r *gpu.Recorder, dst gpu.Tensor, part gpu.Part) {
	rows, _ := rowsOf(v.x)
	most := MaxBatch
	if software(r) {
		most = v.atOnce(r)
	}
	for done := 0; done < rows; {
		count, skip := min(most, rows-done), 0
		if software(r) && rows > MaxBatch { // one number for all, because each is compiled for seconds
			count, skip = most, max(0, done+most-rows)
		} else if software(r) {
			count = 1 << (bits.Len(uint(count)) - 1)
		}
		v.record(r, shapeFor(r, part, count, v.w.K), dst, part, done-skip, count, skip)
		done += count - skip
	}
}

// atOnce is how many rows a processor takes together: up to eight, a power of two, that fit a uniform, or have one each.
func (v vectors) atOnce(r *gpu.Recorder) int {
	most := MaxBatch
	if _, ok := v.apart(r, v.x.Binding(), 0, most); ok {
		return most
	}
	for most > 1 && v.w.K >= minUniformRows && 4*int64(most*v.w.K) > r.Device().Limits().MaxUniform {
		most /= 2
	}
	return most
}

// record multiplies count rows of x, from token on, by a part, and stores all but the first skip.
func (v vectors) record(r *gpu.Recorder, s gpu.Vector, dst gpu.Tensor, part gpu.Part, token, count, skip int) {
	rows := part.Rows
	if v.isGate {
		rows, s.Rows = rows/2, max(s.Rows, 2)
	}
	for v.whole > 0 && s.Rows*s.Lanes%v.whole != 0 {
		s.Rows *= 2
	}
	_, stride := rowsOf(dst)
	params := matvecParams{
		N: uint32(rows), K: uint32(v.w.K), Steps: uint32(part.Type.Steps(v.w.K)), Stride: uint32(stride),
		First: uint32(part.First), Token: uint32(token), Skip: uint32(skip),
	}
	defines := shaders.Defines{
		"TYPE": string(part.Type), "X": rowForm(part.Type, v.w.K), "COLS": define(count), "END": v.end,
		"ROWS": define(s.Rows), "LANES": define(s.Lanes), "SLICES": define(s.Slices),
	}
	maps.Copy(defines, v.form)
	x := v.x.Binding()
	uniform, small := v.uniform(r, x, token, count)
	if small {
		x, defines["X"], defines["COUNT"] = uniform, "uniform", define(count*v.w.K/4)
	}
	apart, ok := v.apart(r, x, token, count)
	if ok = ok && !small; ok {
		x, defines["X"], defines["COUNT"] = apart[0], "rows", define(v.w.K/4)
	}
	bindings := append([]gpu.Binding{dst.Binding(), x}, partBindings(part)...)
	if ok {
		bindings = append(bindings, apart[1:]...)
	}
	if v.from != nil {
		defines["NORM"], params.Eps = "1", v.from.Eps
		raw := v.from.Raw.Binding()
		if small {
			raw, _ = v.uniform(r, raw, token, count)
		}
		bindings = append(bindings, raw)
	}
	var words any = &params
	if v.rope != nil {
		words = &struct {
			matvecParams
			ropeParams
		}{params, *v.rope}
	}
	groups := ceil(rows, s.Lanes*s.Rows)
	if v.isGate {
		groups = ceil(rows, s.Lanes*s.Rows/2)
	}
	r.Cost(2 * int64(part.Rows) * int64(v.w.K) * int64(count))
	dispatch(r, "matvec", defines, words, [3]int{groups, 1, 1}, append(bindings, v.ends...)...)
}

// minUniformRows is the length of rows from which on a processor gets them as a uniform: that is read several times faster, but has to be
// compiled for each length.
const minUniformRows = 1024

func (v vectors) uniform(r *gpu.Recorder, x gpu.Binding, token, count int) (gpu.Binding, bool) {
	l, row := r.Device().Limits(), 4*int64(v.w.K)
	x.Offset, x.Size = x.Offset+int64(token)*row, int64(count)*row
	ok := software(r) && v.w.K >= minUniformRows && v.w.K%256 == 0 && x.Size <= l.MaxUniform && x.Offset%l.UniformAlign == 0
	return x, ok
}

// apart is a uniform for each row, where rows are too long for one together. A norm would need as many again, which there are not.
func (v vectors) apart(r *gpu.Recorder, x gpu.Binding, token, count int) (rows []gpu.Binding, ok bool) {
	if v.from != nil || count+1 > r.Device().Limits().MaxUniforms {
		return nil, false
	}
	for row := range count {
		one, ok := v.uniform(r, x, token+row, 1)
		if !ok {
			return nil, false
		}
		rows = append(rows, one)
	}
	return rows, true
}

// DeferredNorm is rows on their way into a product behind an RMSNorm: Raw [T, K], and Scaled, the same times the norm's weight. The product
// divides by the root of the mean square of Raw. T is at most [MaxBatch].
type DeferredNorm struct {
	Raw, Scaled gpu.Tensor
	Eps         float32
}

// rows is T, 0 where the shapes do not belong together.
func (n DeferredNorm) rows(k int) int {
	rows, cols := rowsOf(n.Raw)
	if cols != k || n.Scaled.Len() != n.Raw.Len() || rows > MaxBatch {
		return 0
	}
	return rows
}

// MatmulNormed records dst = norm(x)·Wᵀ. dst [T, N].
func MatmulNormed(r *gpu.Recorder, dst gpu.Tensor, x DeferredNorm, w *gpu.Matrix) {
	rows, cols := rowsOf(dst)
	if !fits(r, "matmul of normed rows with "+w.Label, cols == w.N && rows == x.rows(w.K), dst, x.Raw, x.Scaled) {
		return
	}
	vectors{x: x.Scaled, from: &x, w: w, end: "store"}.all(r, dst)
}

// MatmulResidual records x += in·Wᵀ, and scaled = x · g for the norm that follows. x, scaled [T, N]; in [T, K]; g [N]; T at most
// [MaxBatch].
func MatmulResidual(r *gpu.Recorder, x, scaled, in gpu.Tensor, w *gpu.Matrix, g gpu.Tensor) {
	rows, cols := rowsOf(x)
	inRows, k := rowsOf(in)
	ok := cols == w.N && scaled.Len() == x.Len() && k == w.K && inRows == rows && g.Len() == w.N && rows <= MaxBatch
	if !fits(r, "matmul onto the residual stream with "+w.Label, ok, x, scaled, in, g) {
		return
	}
	ends := []gpu.Binding{scaled.Binding(), g.Binding()}
	vectors{x: in, w: w, end: "residual", ends: ends}.all(r, x)
}

// GateUp records dst = silu(gate) · up with gate and up the halves of norm(x)·Wᵀ. dst [T, N/2]. A matrix in several parts goes through
// wide [T, N].
func GateUp(r *gpu.Recorder, dst, wide gpu.Tensor, x DeferredNorm, w *gpu.Matrix) {
	rows, cols := rowsOf(dst)
	if len(w.Parts) > 1 {
		MatmulNormed(r, wide, x, w)
		SwiGLUFused(r, dst, wide)
		return
	}
	if fits(r, "feed-forward gate with "+w.Label, 2*cols == w.N && rows == x.rows(w.K), dst, x.Raw, x.Scaled) {
		vectors{x: x.Scaled, from: &x, w: w, end: "swiglu", isGate: true}.all(r, dst)
	}
}
