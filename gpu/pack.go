package gpu

import (
	"runtime"
	"runtime/debug"
	"sync"
)

// packer turns rows as a file has them into the layout of a part (see [Matrix]), straight into staging memory.
type packer struct {
	form
	vectors int      // of a row on the device
	rows    [][]byte // [Rows] as in the file
}

func (p packer) upload(d *Device, part Part) error {
	if err := p.each(d, part.Weights, p.vectors, 16, p.weights); err != nil || part.Scales == nil {
		return err
	}
	return p.each(d, part.Scales, p.vectors*p.vector/p.step, p.scaleBytes, p.scales)
}

// weights writes vector i of a row, with zeros for what lies behind the row's end.
func (p packer) weights(dst, row []byte, i int) {
	from := 16 * i
	if p.block > 1 {
		perBlock := p.block / p.vector
		scale := p.blockBytes - p.block
		from = i/perBlock*p.blockBytes + scale + i%perBlock*16
	}
	n := copy(dst, row[min(from, len(row)):])
	clear(dst[n:])
}

// scales writes the two scales of step i of a row; the second is missing where the row ends in the middle of a step.
func (p packer) scales(dst, row []byte, i int) {
	first := 2 * i * p.blockBytes
	second := first + p.blockBytes
	copy(dst[:2], row[first:])
	clear(dst[2:])
	if second < len(row) {
		copy(dst[2:], row[second:second+2])
	}
}

// each fills a buffer whose rows have count items of size bytes; item writes one of them.
func (p packer) each(d *Device, b *Buffer, count, size int, item func(dst, row []byte, i int)) error {
	line := tileRows * size // item i of the rows of a tile
	lines := (len(p.rows) + tileRows - 1) / tileRows * count
	done := 0
	return d.Upload(b, 0, int64(lines)*int64(line), func(dst []byte) error {
		parallel(len(dst)/line, func(from, to int) {
			for i := from; i < to; i++ {
				tile := (done + i) / count * tileRows
				rows := p.rows[tile:min(tile+tileRows, len(p.rows))]
				for r, row := range rows {
					item(dst[i*line+r*size:][:size], row, (done+i)%count)
				}
				clear(dst[i*line+len(rows)*size : (i+1)*line]) // rows that fill up the last tile
			}
		})
		done += len(dst) / line
		return nil
	})
}

// parallel divides 0 to n among the processors. Rows may lie in a mapped file,
// and one that was cut short faults where it is read: such a panic is taken from
// the goroutine it happens in to the caller, who knows the file's name.
func parallel(n int, do func(from, to int)) {
	share := n/runtime.GOMAXPROCS(0) + 1
	faults := make(chan any, n/share+1)
	var wait sync.WaitGroup
	for from := 0; from < n; from += share {
		wait.Go(func() {
			defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
			defer func() {
				if fault := recover(); fault != nil {
					faults <- fault
				}
			}()
			do(from, min(from+share, n))
		})
	}
	wait.Wait()
	select {
	case fault := <-faults:
		panic(fault)
	default:
	}
}
