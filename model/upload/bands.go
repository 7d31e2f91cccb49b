package upload

import (
	"iter"
	"slices"
	"sync"

	"sirocco/gpu"
)

// bandBytes is about how much of a matrix is packed at a time.
const bandBytes = 4 << 20

// packedBand is one on its way from the processors to the device.
type packedBand struct {
	gpu.Band
	buffer []byte
	err    error
}

// bands packs a matrix run by run: while one is brought to the device, the next
// is being packed. A cancel is heard between them.
func (l *Loader) bands(m *gpu.Matrix, pieces []piece) iter.Seq2[gpu.Band, error] {
	return func(yield func(gpu.Band, error) bool) {
		free, full := make(chan []byte, 2), make(chan packedBand)
		free <- nil
		free <- nil
		stopped := make(chan struct{})
		var packing sync.WaitGroup
		defer packing.Wait() // the files may be closed behind this
		defer close(stopped)
		packing.Go(func() {
			defer close(full)
			for _, run := range m.Bands(bandRows(pieces)) {
				select {
				case full <- l.pack(pieces, run[0], run[1], <-free):
				case <-stopped:
					return
				}
			}
		})
		for band := range full {
			if !yield(band.Band, band.err) || band.err != nil {
				return
			}
			free <- band.buffer
		}
	}
}

func bandRows(pieces []piece) int {
	widest := 1
	for _, p := range pieces {
		widest = max(widest, p.stored)
	}
	return bandBytes / widest
}

// pack makes the rows of a stack of pieces from first on, in a buffer that is
// used again.
func (l *Loader) pack(pieces []piece, first, count int, buffer []byte) packedBand {
	band := packedBand{Band: gpu.Band{First: first}, buffer: buffer[:0]}
	if band.err = l.ctx.Err(); band.err != nil {
		return band
	}
	for _, p := range pieces {
		n := p.tensor.Shape[0]
		from, to := max(first, 0), min(first+count, n)
		if from < to && band.err == nil {
			band.err = l.packPiece(&band, p, from, to-from)
		}
		first -= n
	}
	return band
}

func (l *Loader) packPiece(band *packedBand, p piece, first, count int) error {
	if p.packer == nil {
		for row := range count {
			band.Rows = append(band.Rows, p.tensor.Row(first+row))
		}
		return nil
	}
	at, size := len(band.buffer), p.packer.RowBytes()
	band.buffer = slices.Grow(band.buffer, count*size)[:at+count*size]
	if err := p.packer.Pack(l.source.Guard, first, count, band.buffer[at:]); err != nil {
		return err
	}
	for row := range count {
		band.Rows = append(band.Rows, band.buffer[at+row*size:][:size])
	}
	return nil
}
