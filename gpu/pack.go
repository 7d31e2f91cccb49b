package gpu

import (
	"runtime"
	"sync"
)

// packer turns rows as a file has them into the layout of a part (see [Matrix]), straight into staging memory.
type packer struct {
	form
	vectors int      // of a row on the device
	rows    [][]byte // [Rows] as in the file, all of one length
}

func (p packer) upload(d *Device, part Part) error {
	if err := p.each(d, part.Weights, p.vectors, 16, p.weights); err != nil || part.Scales == nil {
		return err
	}
	return p.each(d, part.Scales, p.vectors*p.vector/p.step, p.scaleBytes, p.scales)
}

// weights writes vector i of up to 8 rows, with zeros for what lies behind a row's end.
func (p packer) weights(dst []byte, rows [][]byte, i int) {
	from := 16 * i
	if p.block > 1 {
		perBlock := p.block / p.vector
		scale := p.blockBytes - p.block
		from = i/perBlock*p.blockBytes + scale + i%perBlock*16
	}
	if from+16 <= len(rows[0]) {
		for r, row := range rows {
			*(*[16]byte)(dst[16*r:]) = *(*[16]byte)(row[from:])
		}
		return
	}
	for r, row := range rows {
		n := copy(dst[16*r:][:16], row[min(from, len(row)):])
		clear(dst[16*r+n : 16*r+16])
	}
}

// scales writes the two scales of step i of up to 8 rows; the second is zero where a row ends in the middle of a step.
func (p packer) scales(dst []byte, rows [][]byte, i int) {
	first := 2 * i * p.blockBytes
	second := first + p.blockBytes
	for r, row := range rows {
		var pair [4]byte
		copy(pair[:2], row[first:])
		if second < len(row) {
			copy(pair[2:], row[second:])
		}
		*(*[4]byte)(dst[4*r:]) = pair
	}
}

// each fills a buffer whose rows have count items of size bytes: line writes item i of the rows of a tile, one after the other.
func (p packer) each(d *Device, b *Buffer, count, size int, line func(dst []byte, rows [][]byte, i int)) error {
	width := tileRows * size
	lines := (len(p.rows) + tileRows - 1) / tileRows * count
	done := 0
	return d.Upload(b, 0, int64(lines)*int64(width), func(dst []byte) error {
		parallel(len(dst)/width, func(from, to int) {
			for at := from; at < to; at++ {
				tile, i := (done+at)/count*tileRows, (done+at)%count
				rows := p.rows[tile:min(tile+tileRows, len(p.rows))]
				line(dst[at*width:][:width], rows, i)
				clear(dst[at*width+len(rows)*size : (at+1)*width]) // rows that fill up the last tile
			}
		})
		done += len(dst) / width
		return nil
	})
}

// parallel divides 0 to n among the processors.
func parallel(n int, do func(from, to int)) {
	share := n/runtime.GOMAXPROCS(0) + 1
	var wait sync.WaitGroup
	for from := 0; from < n; from += share {
		wait.Go(func() { do(from, min(from+share, n)) })
	}
	wait.Wait()
}
