package gpu

import (
	"fmt"
	"strings"
)

// Matrix is W in y[T,N] = x[T,K]·W[N,K]ᵀ on the device. Rows are split over Parts where one binding cannot hold them all.
//
// Inside a part rows come in tiles of 8, and inside a tile the 16-byte vectors of one k after the other, 8 rows each: vector v of
// row n is element (n/8·V + v)·8 + n%8 of an array of vec4<u32>, V the vectors of a row. Neighbouring invocations own neighbouring
// rows, so a warp reads whole cache lines, and a processor reads a tile from one end to the other (three times as fast on
// software Vulkan as one run of N rows per k). What quantised weights have besides, scales and spare bits, lies likewise in a second
// buffer, in words of 4 bytes. [shaders.Layout] has the numbers.
type Matrix struct {
	Label string
	N, K  int // rows (outputs) and columns (inputs)
	Parts []Part
}

// Part holds rows First to First+Rows-1 of a matrix, all of one type.
type Part struct {
	First, Rows int
	Type        Weight
	Weights     *Buffer
	Words       *Buffer // the second plane, nil unless quantised
}

const tileRows = 8

// planes are the buffers of a part that exist.
func (p Part) planes() (planes []*Buffer) {
	for _, b := range []*Buffer{p.Weights, p.Words} {
		if b != nil {
			planes = append(planes, b)
		}
	}
	return planes
}

// MatrixBytes is what a matrix will take on the device.
func MatrixBytes(w Weight, n, k int) int64 {
	return partBytes(w, n, k) + wordBytes(w, n, k)
}

func partBytes(w Weight, n, k int) int64 {
	return roundUp(int64(n), tileRows) * int64(w.Steps(k)*w.layout().Vectors) * 16
}

func wordBytes(w Weight, n, k int) int64 {
	l := w.layout()
	return roundUp(int64(n), tileRows) * int64(w.Steps(k)/l.Group*l.Words()) * 4
}

// Run is neighbouring rows of one type.
type Run struct {
	Type Weight
	Rows int
}

// NewMatrix allocates a matrix of zeros, in as few parts as the limits of the device allow.
func NewMatrix(d *Device, label string, w Weight, n, k int) (*Matrix, error) {
	return NewStack(d, label, k, Run{w, n})
}

// NewStack is NewMatrix for rows of several types: files mix them, and stack what a fused projection wants as one.
func NewStack(d *Device, label string, k int, runs ...Run) (*Matrix, error) {
	return newStack(d, d.NewBuffer, label, k, runs)
}

func newStack(d *Device, allocate allocator, label string, k int, runs []Run) (*Matrix, error) {
	m := &Matrix{Label: label, K: k}
	var err error
	if m.Parts, err = divide(d.Limits(), d.info.Name, label, k, runs); err != nil {
		return nil, err
	}
	for i := range m.Parts {
		part := &m.Parts[i]
		m.N += part.Rows
		if err := part.allocate(allocate, label, k); err != nil {
			m.Release()
			return nil, err
		}
	}
	return m, nil
}

// allocator is Device.NewBuffer, or another way to come by memory.
type allocator func(label string, size int64) (*Buffer, error)

// divide cuts runs of rows into the parts of a matrix, which have no memory yet.
func divide(l Limits, adapter, label string, k int, runs []Run) (parts []Part, err error) {
	if len(runs) == 0 {
		return nil, fmt.Errorf("matrix %s: it has no rows", label)
	}
	at := 0
	for _, run := range join(runs) {
		if err := checkMatrix(label, run.Type, run.Rows, k); err != nil {
			return nil, err
		}
		most := int(min(l.MaxBinding, l.MaxBuffer)/partBytes(run.Type, tileRows, k)) * tileRows
		if most == 0 {
			return nil, fmt.Errorf("matrix %s: rows of %d weights are too long for %s, which binds %s at once", label, k, adapter, Bytes(l.MaxBinding))
		}
		for first := 0; first < run.Rows; first += most {
			rows := min(most, run.Rows-first)
			parts = append(parts, Part{First: at, Rows: rows, Type: run.Type})
			at += rows
		}
	}
	return parts, nil
}

// join makes one run of neighbours of one type.
func join(runs []Run) (joined []Run) {
	for _, run := range runs {
		if last := len(joined) - 1; last >= 0 && joined[last].Type == run.Type {
			joined[last].Rows += run.Rows
		} else {
			joined = append(joined, run)
		}
	}
	return joined
}

// types names the types of the parts, each once.
func (m *Matrix) types() string {
	var names []string
	for i, p := range m.Parts {
		if i == 0 || m.Parts[i-1].Type != p.Type {
			names = append(names, string(p.Type))
		}
	}
	return strings.Join(names, "+")
}

func checkMatrix(label string, w Weight, n, k int) error {
	f, ok := forms[w]
	switch {
	case !ok:
		return fmt.Errorf("matrix %s: there are no kernels for weights of type %q", label, w)
	case n <= 0 || k <= 0:
		return fmt.Errorf("matrix %s: a shape of %d×%d makes no sense", label, n, k)
	case k%f.block != 0:
		return fmt.Errorf("matrix %s: rows of %s weights come in blocks of %d, %d is not a multiple", label, w, f.block, k)
	}
	return nil
}

func (p *Part) allocate(allocate allocator, label string, k int) (err error) {
	if p.Weights, err = allocate(label, partBytes(p.Type, p.Rows, k)); err != nil {
		return err
	}
	if size := wordBytes(p.Type, p.Rows, k); size > 0 {
		p.Words, err = allocate(label+" (scales)", size)
	}
	return err
}

// Release gives the memory back. A nil matrix is allowed.
func (m *Matrix) Release() {
	if m == nil {
		return
	}
	for _, p := range m.Parts {
		for _, plane := range p.planes() {
			plane.Release()
		}
	}
	m.Parts = nil
}
