package gpu_test

import (
	"bytes"
	"testing"

	"sirocco/gpu"
)

// A matrix filled band by band is the one that is uploaded at once, also when it has several parts and the bands are short.
func TestFillEqualsUpload(t *testing.T) {
	const n, k = 100, 128
	d := open(t, gpu.Options{MaxBinding: 48 * gpu.MatrixBytes(gpu.Q8_0, 8, k) / 8})
	data := fileRows(gpu.Q8_0, n, k)
	m, err := gpu.NewMatrix(d, "banded", gpu.Q8_0, n, k)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Parts) < 2 {
		t.Fatalf("there are %d parts", len(m.Parts))
	}
	size := int(gpu.Q8_0.RowBytes(k))
	err = m.Fill(d, func(yield func(gpu.Band, error) bool) {
		for _, band := range m.Bands(19) {
			var rows [][]byte
			for row := band[0]; row < band[0]+band[1]; row++ {
				rows = append(rows, data[row*size:(row+1)*size])
			}
			if !yield(gpu.Band{First: band[0], Rows: rows}, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(unpack(t, m), data) {
		t.Error("the rows on the device are not those of the bands")
	}
}
