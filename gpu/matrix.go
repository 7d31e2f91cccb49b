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
	if len(runs) == 0 {
		return nil, fmt.Errorf("matrix %s: it has no rows", label)
	}
	m := &Matrix{Label: label, K: k}
	for _, run := range join(runs) {
		if err := m.allocate(d, run); err != nil {
			m.Release()
			return nil, err
		}
	}
	return m, nil
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

// allocate adds the parts of a run.
func (m *Matrix) allocate(d *Device, run Run) error {
	if err := checkMatrix(m.Label, run.Type, run.Rows, m.K); err != nil {
		return err
	}
	l := d.Limits()
	most := int(min(l.MaxBinding, l.MaxBuffer)/partBytes(run.Type, tileRows, m.K)) * tileRows
	if most == 0 {
		return fmt.Errorf("matrix %s: rows of %d weights are too long for %s, which binds %s at once", m.Label, m.K, d.info.Name, Bytes(l.MaxBinding))
	}
	for first := 0; first < run.Rows; first += most {
		part, err := newPart(d, m, run.Type, min(most, run.Rows-first))
		if err != nil {
			return err
		}
		m.Parts = append(m.Parts, part)
		m.N += part.Rows
	}
	return nil
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

func newPart(d *Device, m *Matrix, w Weight, rows int) (p Part, err error) {
	p = Part{First: m.N, Rows: rows, Type: w}
	if p.Weights, err = d.NewBuffer(m.Label, partBytes(w, rows, m.K)); err != nil {
		return p, err
	}
	if size := wordBytes(w, rows, m.K); size > 0 {
		if p.Words, err = d.NewBuffer(m.Label+" (scales)", size); err != nil {
			p.Weights.Release()
		}
	}
	return p, err
}

// Release gives the memory back. A nil matrix is allowed.
func (m *Matrix) Release() {
	if m == nil {
		return
	}
	for _, p := range m.Parts {
		p.Weights.Release()
		if p.Words != nil {
			p.Words.Release()
		}
	}
	m.Parts = nil
}
