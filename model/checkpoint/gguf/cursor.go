package gguf

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

const (
	minKey    = 8 + 4 + 1         // the shortest key and value: no name, a kind, one byte
	minTensor = 8 + 4 + 8 + 4 + 8 // the shortest tensor: no name, one dimension
	maxKey    = 1 << 16
	maxName   = 1 << 10
	maxText   = 16 << 20 // a chat template has some 10 kB
	maxArray  = 1 << 24
	deepest   = 4
	firstRead = 64 << 10
)

// cursor moves over the header. What it has read stays, and it reads ahead no more than it has read already, so that memory
// follows the bytes there are and not the numbers in them. It reads with ReadAt: reading a map can fault, this cannot.
type cursor struct {
	from io.ReaderAt
	size int64
	read []byte
	at   int
}

func (c *cursor) left() uint64 { return uint64(c.size) - uint64(c.at) }

// bytes are the next n bytes, valid until more is asked for.
func (c *cursor) bytes(n uint64) ([]byte, error) {
	switch {
	case n > c.left():
		return nil, fmt.Errorf("the file ends after %d bytes, inside its header; the download is incomplete: fetch it again", c.size)
	case uint64(c.at)+n > maxHeader:
		return nil, fmt.Errorf("the header is longer than the %d bytes that one may have; the file is damaged: fetch it again", maxHeader)
	}
	if err := c.fill(c.at + int(n)); err != nil {
		return nil, err
	}
	c.at += int(n)
	return c.read[c.at-int(n) : c.at], nil
}

// fill reads on until so many bytes are there.
func (c *cursor) fill(want int) error {
	have := len(c.read)
	if want <= have {
		return nil
	}
	more := int(min(int64(max(want, 2*have, firstRead)), c.size))
	c.read = slices.Grow(c.read, more-have)[:more]
	if _, err := c.from.ReadAt(c.read[have:], int64(have)); err != nil {
		c.read = c.read[:have]
		return fmt.Errorf("reading the header: %v", err)
	}
	return nil
}

func (c *cursor) u32() (uint32, error) {
	b, err := c.bytes(4)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint32(b), nil
}

func (c *cursor) u64() (uint64, error) {
	b, err := c.bytes(8)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(b), nil
}

// count reads how many of something follow. Each takes at least so many bytes, and the file must have them.
func (c *cursor) count(field string, most, least uint64) (uint64, error) {
	n, err := c.u64()
	switch {
	case err != nil:
		return 0, err
	case n > most:
		return 0, fmt.Errorf("%s is %d, more than the %d a model can need; the file is damaged: fetch it again", field, n, most)
	case n > c.left()/least:
		return 0, fmt.Errorf("%s is %d, but the file has only %d more bytes; the download is incomplete: fetch it again", field, n, c.left())
	}
	return n, nil
}

// text reads a text of at most so many bytes.
func (c *cursor) text(most uint64) (string, error) {
	n, err := c.count("the length of a text", most, 1)
	if err != nil {
		return "", err
	}
	b, err := c.bytes(n)
	return string(b), err
}

// kind reads what kind of value follows.
func (c *cursor) kind() (Kind, error) {
	n, err := c.u32()
	if err == nil && n >= uint32(len(kinds)) {
		err = fmt.Errorf("its type is %d; types 0 to %d are known", n, len(kinds)-1)
	}
	return Kind(n), err
}

// skip checks and passes over a value.
func (c *cursor) skip(kind Kind, depth int) error {
	switch kind {
	case text:
		n, err := c.count("the length of a text", maxText, 1)
		if err != nil {
			return err
		}
		_, err = c.bytes(n)
		return err
	case array:
		return c.skipArray(depth)
	case boolean:
		b, err := c.bytes(1)
		if err == nil && b[0] > 1 {
			err = fmt.Errorf("it is %d, neither true nor false", b[0])
		}
		return err
	}
	_, err := c.bytes(kinds[kind].size)
	return err
}

func (c *cursor) skipArray(depth int) error {
	if depth == deepest {
		return fmt.Errorf("lists are nested more than %d deep", deepest)
	}
	kind, err := c.kind()
	if err != nil {
		return err
	}
	n, err := c.count("the length of a list", maxArray, kinds[kind].size)
	if err != nil {
		return err
	}
	if kind != text && kind != array && kind != boolean {
		_, err := c.bytes(n * kinds[kind].size)
		return err
	}
	for range n {
		if err := c.skip(kind, depth+1); err != nil {
			return err
		}
	}
	return nil
}
