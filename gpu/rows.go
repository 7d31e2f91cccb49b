package gpu

import (
	"fmt"
	"iter"
)

// Rows is a piece of a file: the rows of one tensor, one after the other.
type Rows struct {
	Data  []byte
	Order func(row int) int // which row of Data becomes this row; nil: the same
	Count int               // rows, where Order takes some several times; 0: as many as Data has
}

// counts are the rows of the piece and those its bytes hold, or an error where the bytes make no whole rows.
func (s Rows) counts(w Weight, k int) (rows, stored int, err error) {
	size := w.RowBytes(k)
	if int64(len(s.Data))%size != 0 {
		return 0, 0, fmt.Errorf("%d bytes are no whole rows of %d bytes", len(s.Data), size)
	}
	stored = int(int64(len(s.Data)) / size)
	if s.Count > 0 {
		return s.Count, stored, nil
	}
	return stored, stored, nil
}

// Upload fills the matrix with the rows of its sources, stacked in order: Upload(d, q, k, v) makes the fused projection. Together
// they have N rows. The bytes are repacked into staging memory by several goroutines; no copy of the matrix stays on the host.
func (m *Matrix) Upload(d *Device, sources ...Rows) error {
	rows, err := m.rows(sources)
	if err != nil {
		return fmt.Errorf("matrix %s (%s, %d×%d): %w", m.Label, m.types(), m.N, m.K, err)
	}
	for _, p := range m.Parts {
		if err := newPacker(p, m.K, 0, rows[p.First:p.First+p.Rows]).upload(d); err != nil {
			return err
		}
	}
	return nil
}

// Band is a run of rows of a matrix, made when it is wanted.
type Band struct {
	First int
	Rows  [][]byte // as a file has them
}

// Fill is Upload for rows that are made on the way: bands come in order, cover the matrix, and begin at multiples of 8 rows inside a
// part (see [Matrix.Bands]).
func (m *Matrix) Fill(d *Device, bands iter.Seq2[Band, error]) error {
	for band, err := range bands {
		if err != nil {
			return err
		}
		for _, p := range m.Parts {
			first, last := max(band.First, p.First), min(band.First+len(band.Rows), p.First+p.Rows)
			if first >= last {
				continue
			}
			rows := band.Rows[first-band.First : last-band.First]
			if err := newPacker(p, m.K, (first-p.First)/tileRows, rows).upload(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// Bands divides the rows into runs of at most so many that never reach over the end of a part.
func (m *Matrix) Bands(most int) (bands [][2]int) {
	most = max(most/tileRows, 1) * tileRows
	for _, p := range m.Parts {
		for first := 0; first < p.Rows; first += most {
			bands = append(bands, [2]int{p.First + first, min(most, p.Rows-first)})
		}
	}
	return bands
}

// rows finds the source bytes of every row.
func (m *Matrix) rows(sources []Rows) ([][]byte, error) {
	if len(m.Parts) == 0 {
		return nil, fmt.Errorf("there is nothing to fill: it was given back")
	}
	rows := make([][]byte, 0, m.N)
	for i, s := range sources {
		w := m.typeOf(len(rows))
		size := int(w.RowBytes(m.K))
		count, stored, err := s.counts(w, m.K)
		if err != nil {
			return nil, fmt.Errorf("source %d: %w", i, err)
		}
		for row := range count {
			from := row
			if s.Order != nil {
				from = s.Order(row)
			}
			if from < 0 || from >= stored {
				return nil, fmt.Errorf("source %d: row %d is to come from row %d of %d", i, row, from, stored)
			}
			rows = append(rows, s.Data[from*size:(from+1)*size])
		}
		if last := m.typeOf(len(rows) - 1); count > 0 && last != w {
			return nil, fmt.Errorf("source %d: its rows of type %s go on where those of type %s begin", i, w, last)
		}
	}
	if len(rows) != m.N {
		return nil, fmt.Errorf("the sources have %d rows together", len(rows))
	}
	return rows, nil
}

// typeOf is the type of a row, that of the last one for a row behind it.
func (m *Matrix) typeOf(row int) Weight {
	for _, p := range m.Parts {
		if row < p.First+p.Rows {
			return p.Type
		}
	}
	return m.Parts[len(m.Parts)-1].Type
}
