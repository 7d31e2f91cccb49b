package gpu

import (
	"encoding/binary"
	"runtime"
	"runtime/debug"
	"sync"

	"sirocco/shaders"
)

// form is how a type lies in a file, and how a row of it is taken apart for the device (see [shaders.Layout]).
type form struct {
	block  int                                    // weights of a block, the unit of a row
	bytes  int                                    // of a block
	vector func(dst []byte, rows [][]byte, i int) // writes vector i, 16 bytes, of each of up to 8 rows
	word   func(row []byte, i int) uint32         // word i of a row in the second plane; nil where there is none
}

var forms = map[Weight]form{
	BF16: {block: 1, bytes: 2, vector: plain},
	F16:  {block: 1, bytes: 2, vector: plain},
	F32:  {block: 1, bytes: 4, vector: plain},

	Q4_0:   short{bytes: 18, values: 2, words: []wordOf{scales}}.form(),
	Q4_1:   short{bytes: 20, values: 4, words: []wordOf{first, second}}.form(),
	Q5_0:   short{bytes: 22, values: 6, words: []wordOf{scales, spare(2, 0), spare(2, 1)}}.form(),
	Q5_1:   short{bytes: 24, values: 8, words: []wordOf{first, second, spare(4, 0), spare(4, 1)}}.form(),
	Q8_0:   short{bytes: 34, values: 2, words: []wordOf{scales}}.form(),
	IQ4_NL: short{bytes: 18, values: 2, words: []wordOf{scales}}.form(),

	Q2_K:   long{bytes: 84, vectors: 4, vector: q2_kVector, words: 5, word: q2_kWord}.form(),
	Q3_K:   long{bytes: 110, vectors: 4, vector: q3_kVector, words: 12, word: q3_kWord}.form(),
	Q4_K:   long{bytes: 144, vectors: 8, values: 16, words: 4, word: q4_kWord}.form(),
	Q5_K:   long{bytes: 176, vectors: 8, values: 48, words: 12, word: q5_kWord}.form(),
	Q6_K:   long{bytes: 210, vectors: 12, vector: q6_kVector, words: 5, word: q6_kWord}.form(),
	IQ4_XS: long{bytes: 136, vectors: 8, values: 8, words: 2, word: iq4_xsWord}.form(),
}

func plain(dst []byte, rows [][]byte, i int) { copyVectors(dst, rows, 16*i) }

// copyVectors takes 16 bytes of each row as they lie, with zeros for what lies behind the row's end.
func copyVectors(dst []byte, rows [][]byte, from int) {
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

// packer turns rows as a file has them into the layout of a part (see [Matrix]), straight into staging memory.
type packer struct {
	form
	layout shaders.Layout
	steps  int      // of a row on the device
	tile   int      // of the part, where the rows begin
	rows   [][]byte // [Rows] as in the file, all of one length
}

func (p packer) upload(d *Device, part Part) error {
	if err := p.each(d, part.Weights, p.steps*p.layout.Vectors, 16, p.vector); err != nil || part.Words == nil {
		return err
	}
	return p.each(d, part.Words, p.steps/p.layout.Group*p.layout.Words(), 4, p.words)
}

func (p packer) words(dst []byte, rows [][]byte, i int) {
	for r, row := range rows {
		binary.LittleEndian.PutUint32(dst[4*r:], p.word(row, i))
	}
}

// each fills a buffer whose rows have count items of size bytes: line writes item i of the rows of a tile, one after the other.
func (p packer) each(d *Device, b *Buffer, count, size int, line func(dst []byte, rows [][]byte, i int)) error {
	width := tileRows * size
	lines := (len(p.rows) + tileRows - 1) / tileRows * count
	done := 0
	return d.Upload(b, int64(p.tile)*int64(count*width), int64(lines)*int64(width), func(dst []byte) error {
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
