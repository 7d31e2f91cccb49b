package gguf

import (
	"cmp"
	"fmt"
	"slices"

	"sirocco/model/checkpoint/ggml"
)

const maxRank = 4

// info is a tensor before its place in the file is known.
type info struct {
	Tensor
	offset, bytes uint64
}

func readTensors(c *cursor, count uint64) ([]info, error) {
	var list []info
	seen := map[string]bool{}
	for n := range count {
		name, err := c.text(maxName)
		if err != nil {
			return nil, fmt.Errorf("tensor %d of %d: %w", n, count, err)
		}
		if seen[name] {
			return nil, fmt.Errorf("tensor %q is listed twice", clip(name))
		}
		seen[name] = true
		t, err := readTensor(c)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", clip(name), err)
		}
		t.Name = name
		list = append(list, t)
	}
	return list, nil
}

// readTensor reads what follows a tensor's name: its dimensions, the fastest first, its type and its place.
func readTensor(c *cursor) (t info, err error) {
	rank, err := c.u32()
	if err != nil {
		return t, err
	}
	if rank < 1 || rank > maxRank {
		return t, fmt.Errorf("n_dimensions is %d; it must be between 1 and %d", rank, maxRank)
	}
	dims := make([]uint64, rank)
	for i := range dims {
		if dims[i], err = c.u64(); err != nil {
			return t, err
		}
	}
	number, err := c.u32()
	if err != nil {
		return t, err
	}
	t.Type = ggml.Type(number)
	if t.offset, err = c.u64(); err != nil {
		return t, err
	}
	return t, t.measure(dims, uint64(c.size))
}

// measure works out shape and bytes, none of which may exceed the file.
func (t *info) measure(dims []uint64, size uint64) error {
	values, bytes := t.Type.Block()
	if values == 0 {
		return fmt.Errorf("it is stored as %s, which is not read here; the types that are: %v", t.Type, ggml.Types())
	}
	if dims[0]%uint64(values) != 0 {
		return fmt.Errorf("its rows of %d values are no whole blocks of %s, which have %d", dims[0], t.Type, values)
	}
	t.bytes = uint64(bytes)
	for i, d := range dims {
		if i == 0 {
			d /= uint64(values)
		}
		if d == 0 || d > size/t.bytes {
			return fmt.Errorf("its dimensions %v need more bytes than the file has, or none", dims)
		}
		t.bytes *= d
		t.Shape = append(t.Shape, int(dims[len(dims)-1-i]))
	}
	return nil
}

// place finds where the data begins and holds every tensor against it and the others.
func (f *File) place(list []info, c *cursor) error {
	step, err := f.alignment()
	if err != nil {
		return err
	}
	data := (uint64(c.at) + step - 1) / step * step
	room := uint64(max(c.size-int64(data), 0))
	for _, t := range list {
		switch {
		case t.offset%step != 0:
			return fmt.Errorf("tensor %q: offset %d is no multiple of the alignment, %d", clip(t.Name), t.offset, step)
		case t.offset > room || t.bytes > room-t.offset:
			return fmt.Errorf("tensor %q: its %d bytes at offset %d reach beyond the %d bytes of data in the file; the download is incomplete: fetch it again",
				clip(t.Name), t.bytes, t.offset, room)
		}
		t.Begin = int64(data + t.offset)
		t.End = t.Begin + int64(t.bytes)
		f.Tensors = append(f.Tensors, t.Tensor)
	}
	slices.SortFunc(f.Tensors, func(a, b Tensor) int { return cmp.Compare(a.Begin, b.Begin) })
	for i, t := range f.Tensors {
		if i > 0 && t.Begin < f.Tensors[i-1].End {
			return fmt.Errorf("tensor %q: its data overlaps that of %q; the file is damaged: fetch it again", clip(t.Name), clip(f.Tensors[i-1].Name))
		}
	}
	return nil
}

// alignment is what every tensor's offset is a multiple of.
func (f *File) alignment() (uint64, error) {
	value, ok := f.Get("general.alignment")
	if !ok {
		return defaultAlignment, nil
	}
	n, ok := value.Int()
	if !ok || n < 1 || n > maxAlignment || n&(n-1) != 0 {
		return 0, fmt.Errorf("general.alignment is %s; it must be a power of two of at most %d", value, maxAlignment)
	}
	return uint64(n), nil
}
