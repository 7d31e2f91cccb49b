package gpu

import "fmt"

// TuningParams are the shapes of kernels of which no single one suits every adapter: on
// others it is worth 60 to 80 % of their own best. Package gpu/tune finds them by
// measuring. Sums are taken in another order under other knobs, so results differ
// in their last bits; under the same knobs they never do.
type TuningParams struct {
	Quantised Products `json:"quantised"` // products with quantised weights
	Plain     Products `json:"plain"`     // and with those in BF16, F16 and F32
	Attend    Attend   `json:"attend"`
	Split     int      `json:"split"` // invocations of a workgroup when up to eight queries attend
}

// Products are the shapes of matrix products.
type Products struct {
	Vector Vector `json:"vector"` // for up to eight rows of activations
	Tile   Tile   `json:"tile"`   // for more
}

// Vector is a workgroup of the matvec kernel: Lanes invocations along the rows of
// the matrix, each with so many Rows, times Slices that share a row.
type Vector struct {
	Rows   int `json:"rows"`
	Lanes  int `json:"lanes"`
	Slices int `json:"slices"`
}

// Tile is what each of the 16 × 16 invocations of the matmul kernel computes, so
// many Rows of the matrix times so many Tokens, and how much of k is unpacked at
// once. It is used From so many tokens on; 0 never, the vector kernel takes eight
// at a time then.
type Tile struct {
	Rows   int `json:"rows"`
	Tokens int `json:"tokens"`
	Depth  int `json:"depth"`
	From   int `json:"from"`
}

// Attend is how the attention of prompts and pictures is divided: queries of a
// workgroup, keys of an invocation, invocations, and quads of dims of each.
type Attend struct {
	Rows  int `json:"rows"`
	Keys  int `json:"keys"`
	Group int `json:"group"`
	Quads int `json:"quads"`
}

// DefaultTuning suit an adapter of a kind as well as can be known without measuring.
func DefaultTuning(a Adapter) TuningParams {
	if a.Kind == Software { // loads are dear there, registers spill cheaply, and workgroup memory is no nearer than other
		p := Products{Vector: Vector{Rows: 4, Lanes: 8, Slices: 1}, Tile: Tile{Rows: 4, Tokens: 4, Depth: 32}}
		return TuningParams{Quantised: p, Plain: p, Attend: Attend{Rows: 16, Keys: 8, Group: 16, Quads: 2}, Split: 16}
	}
	p := Products{Vector: Vector{Rows: 1, Lanes: 32, Slices: 8}, Tile: Tile{Rows: 4, Tokens: 4, Depth: 32, From: 9}}
	if !p.Vector.Fits(a.Limits) {
		p.Vector.Slices = 4
	}
	return TuningParams{Quantised: p, Plain: p, Attend: Attend{Rows: 16, Keys: 2, Group: 64, Quads: 1}, Split: 128}
}

// Check says what is wrong with knobs that somebody wrote.
func (k TuningParams) Check(l Limits) error {
	for name, p := range map[string]Products{"quantised": k.Quantised, "plain": k.Plain} {
		v, t := p.Vector, p.Tile
		switch {
		case !isOneOf(v.Rows, 1, 2, 4, 8) || !isOneOf(v.Lanes, 8, 16, 32, 64) || !isOneOf(v.Slices, 1, 2, 4, 8):
			return fmt.Errorf("%s.vector: rows are 1 to 8, lanes 8 to 64, slices 1 to 8, all powers of two; not %+v", name, v)
		case !isOneOf(t.Rows, 4, 8) || !isOneOf(t.Tokens, 4, 8) || !isOneOf(t.Depth, 16, 32) || t.From < 0:
			return fmt.Errorf("%s.tile: rows and tokens are 4 or 8, depth 16 or 32; not %+v", name, t)
		case !v.Fits(l) || t.From > 0 && !t.Fits(l):
			return fmt.Errorf("%s: %+v takes more than the adapter has: %d invocations and %s in a workgroup", name, p, l.WorkgroupInvocations, Bytes(int64(l.WorkgroupMemory)))
		}
	}
	a := k.Attend
	if a.Rows != 16 || !isOneOf(a.Keys, 2, 4, 8) || !isOneOf(a.Group, 16, 32, 64) || !isOneOf(a.Quads, 1, 2) {
		return fmt.Errorf("attend: rows are 16, keys 2 to 8, group 16 to 64, quads 1 or 2; not %+v", a)
	}
	if !isOneOf(k.Split, 16, 32, 64, 128) {
		return fmt.Errorf("split: 16, 32, 64 or 128, not %d", k.Split)
	}
	return nil
}

func isOneOf(n int, list ...int) bool {
	for _, one := range list {
		if n == one {
			return true
		}
	}
	return false
}

// Fits tells whether an adapter has the invocations and the workgroup memory for
// eight columns with a norm and a gate: a partial sum of every output, and squares.
func (v Vector) Fits(l Limits) bool {
	threads := v.Lanes * v.Slices
	memory := 4 * 8 * threads // squares
	if v.Slices > 1 {
		memory += 4 * 8 * threads * max(v.Rows, 2)
	}
	return threads <= l.WorkgroupInvocations && memory <= l.WorkgroupMemory
}

// Fits tells whether an adapter has the invocations and the workgroup memory.
func (t Tile) Fits(l Limits) bool {
	return l.WorkgroupInvocations >= 256 && 64*(t.Rows+t.Tokens)*t.Depth <= l.WorkgroupMemory
}

// For are the shapes for a type of weights.
func (k TuningParams) For(w Weight) Products {
	if w.layout().Words() > 0 {
		return k.Quantised
	}
	return k.Plain
}

// Tuning are those that recordings on this device use.
func (d *Device) Tuning() TuningParams {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tuning
}

// SetTuning changes them for recordings to come.
func (d *Device) SetTuning(k TuningParams) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tuning = k
}
