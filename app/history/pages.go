package history

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
)

// pages is a database file read by hand, as far as it can be: SQLite refuses a
// whole file for one damaged byte of its header or its schema.
// https://sqlite.org/fileformat.html names the numbers.
type pages struct {
	data  []byte
	size  int
	newer map[uint32][]byte // pages of the write-ahead log
	lost  int               // cells and pages that could not be read
}

// found is one row of some table: nil, int64, float64, string or []byte each.
type found struct {
	id     int64
	values []any
}

func readPages(path string) (*pages, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p := &pages{data: data, size: 4096, newer: map[uint32][]byte{}}
	if log, err := os.ReadFile(path + "-wal"); err == nil {
		p.readLog(log)
	}
	return p, nil
}

// readLog takes the pages of the transactions that were completed.
func (p *pages) readLog(log []byte) {
	const head, frameHead = 32, 24
	if len(log) < head {
		return
	}
	salt := string(log[16:24])
	waiting := map[uint32][]byte{}
	for at := head; at+frameHead+p.size <= len(log); at += frameHead + p.size {
		frame := log[at : at+frameHead+p.size]
		if string(frame[8:16]) != salt {
			continue
		}
		waiting[binary.BigEndian.Uint32(frame)] = frame[frameHead:]
		if binary.BigEndian.Uint32(frame[4:]) == 0 {
			continue
		}
		for number, page := range waiting {
			p.newer[number] = page
		}
		clear(waiting)
	}
}

// page is page number n, counted from 1; nil where there is none.
func (p *pages) page(n uint32) []byte {
	if page := p.newer[n]; page != nil {
		return page
	}
	start := (int(n) - 1) * p.size
	if n == 0 || start < 0 || start >= len(p.data) {
		return nil
	}
	page := make([]byte, p.size)
	copy(page, p.data[start:])
	return page
}

func (p *pages) count() uint32 {
	last := uint32((len(p.data) + p.size - 1) / p.size)
	for n := range p.newer {
		if n < 1<<20 { // 4 GB; what is beyond is damage
			last = max(last, n)
		}
	}
	return last
}

// free are the pages that hold nothing any more, as far as their list can be read.
func (p *pages) free() map[uint32]bool {
	free := map[uint32]bool{}
	first := p.page(1)
	if first == nil {
		return free
	}
	for trunk := binary.BigEndian.Uint32(first[32:]); trunk > 1 && !free[trunk]; {
		page := p.page(trunk)
		if page == nil {
			break
		}
		count := binary.BigEndian.Uint32(page[4:])
		if int64(count) > int64(p.size/4-2) {
			break
		}
		free[trunk] = true
		for i := range count {
			free[binary.BigEndian.Uint32(page[8+4*i:])] = true
		}
		trunk = binary.BigEndian.Uint32(page)
	}
	return free
}

// The kinds of pages that hold rows.
const (
	indexInner = 2
	indexLeaf  = 10
	tableLeaf  = 13
)

// each calls take for every row of every leaf page that can be read.
func (p *pages) each(take func(kind byte, r found)) {
	free := p.free()
	last := p.count()
	for n := uint32(1); n <= last; n++ {
		if !free[n] && p.page(n) != nil {
			p.leaf(n, take)
		}
	}
}

func (p *pages) leaf(n uint32, take func(kind byte, r found)) {
	page, start := p.page(n), 0
	if n == 1 {
		start = 100
	}
	kind := page[start]
	switch kind {
	case indexLeaf, tableLeaf, indexInner:
	case 5: // it only leads to others
		return
	case 0: // an overflow page, part of a row elsewhere
		if bytes.Count(page, []byte{0}) == len(page) {
			p.lost++
		}
		return
	default:
		p.lost++
		return
	}
	cells := int(binary.BigEndian.Uint16(page[start+3:]))
	for i := range cells {
		pointer := start + 8 + 2*i
		if kind == indexInner {
			pointer += 4
		}
		if pointer+2 > len(page) {
			p.lost++
			return
		}
		r, err := p.cell(page, int(binary.BigEndian.Uint16(page[pointer:])), kind)
		if err != nil {
			p.lost++
			continue
		}
		take(kind, r)
	}
}

var errCell = errors.New("a row is damaged")

// cell reads one row, also where it goes on in other pages.
func (p *pages) cell(page []byte, at int, kind byte) (r found, err error) {
	if at < 8 || at >= len(page) {
		return r, errCell
	}
	if kind == indexInner {
		at = min(at+4, len(page)) // behind the number of another page
	}
	length, n := varint(page[at:])
	at += n
	most := p.size - 35
	if kind == tableLeaf {
		id, n := varint(page[min(at, len(page)):])
		r.id, at = int64(id), at+n
	} else {
		most = (p.size-12)*64/255 - 23
	}
	if n == 0 || length > uint64(len(p.data)+len(p.newer)*p.size) || at > len(page) {
		return r, errCell
	}
	here := int(length)
	if here > most {
		least := (p.size-12)*32/255 - 23
		if here = least + (int(length)-least)%(p.size-4); here > most {
			here = least
		}
	}
	if at+here > len(page) {
		return r, errCell
	}
	payload := append([]byte(nil), page[at:at+here]...)
	if here < int(length) {
		if at+here+4 > len(page) {
			return r, errCell
		}
		if payload, err = p.overflow(payload, binary.BigEndian.Uint32(page[at+here:]), int(length)); err != nil {
			return r, err
		}
	}
	r.values, err = values(payload)
	return r, err
}

func (p *pages) overflow(payload []byte, next uint32, length int) ([]byte, error) {
	for len(payload) < length {
		page := p.page(next)
		if page == nil {
			return nil, errCell
		}
		next = binary.BigEndian.Uint32(page)
		payload = append(payload, page[4:4+min(p.size-4, length-len(payload))]...)
	}
	return payload, nil
}

// values takes a record apart.
func values(payload []byte) (list []any, err error) {
	head, n := varint(payload)
	if n == 0 || head > uint64(len(payload)) || head < uint64(n) {
		return nil, errCell
	}
	types, body := payload[n:head], payload[head:]
	for len(types) > 0 {
		kind, n := varint(types)
		if n == 0 || len(list) > 20 {
			return nil, errCell
		}
		types = types[n:]
		value, size, ok := value(kind, body)
		if !ok {
			return nil, errCell
		}
		list, body = append(list, value), body[size:]
	}
	if len(body) > 0 {
		return nil, errCell
	}
	return list, nil
}

func value(kind uint64, body []byte) (v any, size int, ok bool) {
	switch {
	case kind == 0:
		return nil, 0, true
	case kind == 8, kind == 9:
		return int64(kind - 8), 0, true
	case kind >= 1 && kind <= 7:
		size = []int{0, 1, 2, 3, 4, 6, 8, 8}[kind]
		if len(body) < size {
			return nil, 0, false
		}
		number := int64(int8(body[0]))
		for _, b := range body[1:size] {
			number = number<<8 | int64(b)
		}
		if kind == 7 {
			return math.Float64frombits(uint64(number)), size, true
		}
		return number, size, true
	case kind < 12 || (kind-12)/2 > uint64(len(body)):
		return nil, 0, false
	}
	size = int((kind - 12) / 2)
	if kind%2 == 0 {
		return append([]byte{}, body[:size]...), size, true
	}
	return string(body[:size]), size, true
}

// varint is SQLite's: seven bits a byte, eight in the ninth; n is 0 where it is cut off.
func varint(data []byte) (v uint64, n int) {
	for i := 0; i < len(data) && i < 9; i++ {
		if i == 8 {
			return v<<8 | uint64(data[i]), 9
		}
		v = v<<7 | uint64(data[i]&0x7f)
		if data[i] < 0x80 {
			return v, i + 1
		}
	}
	return 0, 0
}
