package gpu

import (
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// packer turns rows as a file has them into the layout of a part (see [Matrix]), straight into staging memory.
type packer struct {
	tiles  []tile
	first  int // tile of the part
	groups int // of steps, a row
	planes []plane
}

// plane is what goes to one buffer.
type plane struct {
	buffer *Buffer
	items  int // vectors or words, a group
	width  int // bytes of one item of 8 rows
	put    put
}

func (p plane) unit() int { return p.items * p.width }

// newPacker prepares rows that begin at a tile of the part.
func newPacker(part Part, k, first int, rows [][]byte) packer {
	layout, form := part.Type.layout(), forms[part.Type]
	p := packer{first: first, groups: part.Type.Steps(k) / layout.Group}
	p.planes = append(p.planes, plane{part.Weights, layout.Group * layout.Vectors, 16 * tileRows, form.vectors})
	if part.Words != nil {
		p.planes = append(p.planes, plane{part.Words, layout.Words(), 4 * tileRows, form.words})
	}
	p.tiles = make([]tile, (len(rows)+tileRows-1)/tileRows)
	for i := range p.tiles {
		n := copy(p.tiles[i][:], rows[i*tileRows:])
		for ; n < tileRows; n++ { // the last tile is filled up
			p.tiles[i][n] = make([]byte, len(rows[0]))
		}
	}
	return p
}

// upload brings the rows to the device, both planes of a piece at once: what was read from the file for one is still at hand for the
// other.
func (p packer) upload(d *Device) error {
	if p.planes[0].buffer.host {
		return p.uploadToHost(d)
	}
	bytes := 0
	for _, plane := range p.planes {
		bytes += plane.unit()
	}
	most, total := stageSize/bytes, len(p.tiles)*p.groups
	for first := 0; first < total; first += most {
		count := min(most, total-first)
		err := d.uploadPiece(p.ranges(first, count), func(dst []byte) error {
			parallel(count, func(from, to int) { p.pack(dst, count, first, from, to) })
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ranges are where count groups from first on go.
func (p packer) ranges(first, count int) (list []stretch) {
	for _, plane := range p.planes {
		unit := int64(plane.unit())
		list = append(list, stretch{plane.buffer, int64(p.first*p.groups+first) * unit, int64(count) * unit})
	}
	return list
}

// inCache is how many groups are packed for all planes before the next: their rows stay in the processor's nearest memory.
const inCache = 16

// pack makes groups from up to to of count that begin with first; dst has the planes one after the other.
func (p packer) pack(dst []byte, count, first, from, to int) {
	for ; from < to; from += inCache {
		until, rest := min(from+inCache, to), dst
		for _, plane := range p.planes {
			unit := plane.unit()
			p.fill(rest[from*unit:until*unit], plane, (first+from)*plane.items)
			rest = rest[count*unit:]
		}
	}
}

// fill makes items of one plane, which lie tile behind tile.
func (p packer) fill(dst []byte, plane plane, item int) {
	row := p.groups * plane.items
	for len(dst) > 0 {
		at := item % row
		n := min(len(dst)/plane.width, row-at)
		plane.put(dst[:n*plane.width], &p.tiles[item/row], at, at+n)
		dst, item = dst[n*plane.width:], item+n
	}
}

// uploadToHost fills buffers that need no staging, one after the other.
func (p packer) uploadToHost(d *Device) error {
	for _, plane := range p.planes {
		done, tile := 0, int64(p.groups)*int64(plane.unit())
		err := d.Upload(plane.buffer, int64(p.first)*tile, int64(len(p.tiles))*tile, func(dst []byte) error {
			parallel(len(dst)/plane.width, func(from, to int) { p.fill(dst[from*plane.width:to*plane.width], plane, done+from) })
			done += len(dst) / plane.width
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// parallel divides 0 to n among the processors, in several shares each, because one of them may be kept from working. Rows may lie in a
// mapped file, and one that was cut short faults where it is read: such a panic is taken from the goroutine it happens in to the caller,
// who knows the file's name.
func parallel(n int, do func(from, to int)) {
	workers := runtime.GOMAXPROCS(0)
	share := n/(4*workers) + 1
	faults := make(chan any, workers)
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(workers, (n+share-1)/share) {
		wait.Go(func() {
			defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
			defer func() {
				if fault := recover(); fault != nil {
					faults <- fault
				}
			}()
			for to := int(next.Add(int64(share))); to-share < n; to = int(next.Add(int64(share))) {
				do(to-share, min(to, n))
			}
		})
	}
	wait.Wait()
	select {
	case fault := <-faults:
		panic(fault)
	default:
	}
}
