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

// Pieces is the number of portions in which a kernel unpacks a step.
func (w Weight) Pieces() int { return w.layout().Pieces }

func (w Weight) layout() shaders.Layout {
	l, _ := shaders.LayoutOf(string(w))
	return l
}

// Matrix is W in y[T,N] = x[T,K]·W[N,K]ᵀ on the device. Rows are split over Parts where one binding cannot hold them all.
//
// Inside a part rows come in tiles of 8, and inside a tile the 16-byte vectors of one k after the other, 8 rows each: vector v of
// row n is element (n/8·V + v)·8 + n%8 of an array of vec4<u32>, V the vectors of a row. Neighbouring invocations own neighbouring
// rows, so a warp reads whole cache lines, and a processor reads a tile from one end to the other (three times as fast on
// software Vulkan as one run of N rows per k). What quantised weights have besides, scales and spare bits, lies likewise in a second
// buffer, in words of 4 bytes. [shaders.Layout] has the numbers.
type Matrix struct {
	Label string
	Type  Weight
	N, K  int // rows (outputs) and columns (inputs)
	Parts []Part
}

// Part holds rows First to First+Rows-1 of a matrix.
type Part struct {
	First, Rows int
	Weights     *Buffer
	Words       *Buffer // the second plane, nil unless quantised
}

const tileRows = 8

// Steps is the number of steps of a row on the device.
func (m *Matrix) Steps() int { return stepsOf(m.Type, m.K) }

func stepsOf(w Weight, k int) int {
	step := w.layout().Step
	return (k + step - 1) / step
}

// MatrixBytes is what a matrix will take on the device.
func MatrixBytes(w Weight, n, k int) int64 {
	return partBytes(w, n, k) + wordBytes(w, n, k)
}

func partBytes(w Weight, n, k int) int64 {
	return roundUp(int64(n), tileRows) * int64(stepsOf(w, k)*w.layout().Vectors) * 16
}

func wordBytes(w Weight, n, k int) int64 {
	l := w.layout()
	return roundUp(int64(n), tileRows) * int64(stepsOf(w, k)/l.Group*l.Words()) * 4
}

// NewMatrix allocates a matrix of zeros, in as few parts as the limits of the device allow.
func NewMatrix(d *Device, label string, w Weight, n, k int) (*Matrix, error) {
	if err := checkMatrix(label, w, n, k); err != nil {
		return nil, err
	}
	l := d.Limits()
	tile := partBytes(w, tileRows, k)
	tiles := int(min(l.MaxBinding, l.MaxBuffer) / tile)
	if tiles == 0 {
		return nil, fmt.Errorf("matrix %s: rows of %d weights are too long for %s, which binds %s at once", label, k, d.info.Name, Bytes(l.MaxBinding))
	}
	m := &Matrix{Label: label, Type: w, N: n, K: k}
	for first := 0; first < n; first += tiles * tileRows {
		part, err := newPart(d, m, first, min(tiles*tileRows, n-first))
		if err != nil {
			m.Release()
			return nil, err
		}
		m.Parts = append(m.Parts, part)
	}
	return m, nil
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

func newPart(d *Device, m *Matrix, first, rows int) (p Part, err error) {
	p = Part{First: first, Rows: rows}
	if p.Weights, err = d.NewBuffer(m.Label, partBytes(m.Type, rows, m.K)); err != nil {
		return p, err
	}
	if size := wordBytes(m.Type, rows, m.K); size > 0 {
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

// Rows is a piece of a file: the rows of one tensor, one after the other.
type Rows struct {
	Data  []byte
	Order func(row int) int // which row of Data becomes this row; nil: the same
}

// count is the number of rows in the piece, or an error where the bytes make no whole rows.
func (s Rows) count(w Weight, k int) (int, error) {
	size := w.RowBytes(k)
	if int64(len(s.Data))%size != 0 {
		return 0, fmt.Errorf("%d bytes are no whole rows of %d bytes", len(s.Data), size)
	}
	return int(int64(len(s.Data)) / size), nil
}

// Upload fills the matrix with the rows of its sources, stacked in order: Upload(d, q, k, v) makes the fused projection. Together
// they have N rows. The bytes are repacked into staging memory by several goroutines; no copy of the matrix stays on the host.
func (m *Matrix) Upload(d *Device, sources ...Rows) error {
	rows, err := m.rows(sources)
	if err != nil {
		return fmt.Errorf("matrix %s (%s, %d×%d): %w", m.Label, m.Type, m.N, m.K, err)
	}
	for _, p := range m.Parts {
		pack := packer{form: forms[m.Type], layout: m.Type.layout(), steps: m.Steps(), rows: rows[p.First : p.First+p.Rows]}
		if err := pack.upload(d, p); err != nil {
			return err
		}
	}
	return nil
}

// rows finds the source bytes of every row.
func (m *Matrix) rows(sources []Rows) ([][]byte, error) {
	size := int(m.Type.RowBytes(m.K))
	rows := make([][]byte, 0, m.N)
	for i, s := range sources {
		count, err := s.count(m.Type, m.K)
		if err != nil {
			return nil, fmt.Errorf("source %d: %w", i, err)
		}
		for row := range count {
			from := row
			if s.Order != nil {
				from = s.Order(row)
			}
			if from < 0 || from >= count {
				return nil, fmt.Errorf("source %d: row %d is to come from row %d of %d", i, row, from, count)
			}
			rows = append(rows, s.Data[from*size:(from+1)*size])
		}
	}
	if len(rows) != m.N {
		return nil, fmt.Errorf("the sources have %d rows together", len(rows))
	}
	return rows, nil
}
