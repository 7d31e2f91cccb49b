// Package gguf turns the header of a GGUF file (version 2 or 3, little-endian) into metadata and a checked list of tensors.
// It trusts no number in the file: each is held against the file's size before anything is read or allocated for it. It reads
// no weights and knows no model.
//
// Open this file first: Read is the whole way in. cursor.go moves over the bytes, value.go reads metadata, tensor.go the list
// of tensors. Source of the format: ggml-org/ggml, docs/gguf.md.
package gguf

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"sirocco/model/checkpoint/ggml"
)

const (
	magic            = "GGUF"
	defaultAlignment = 32
	maxAlignment     = 1 << 20
	maxHeader        = 128 << 20 // the header of a real file is below 20 MB: vocabulary, merges and a template
	maxKeys          = 1 << 16
	maxTensors       = 1 << 17
	maxFile          = 1 << 50
)

// File is the header of one file.
type File struct {
	Version uint32
	Tensors []Tensor // in the order of their data
	header  []byte
	keys    map[string]span
}

// Tensor is one tensor as the header describes it.
type Tensor struct {
	Name       string
	Type       ggml.Type
	Shape      []int // row-major, [out, in] for matrices: the reverse of the file's order
	Begin, End int64 // of its bytes, from the start of the file
}

// span is where a value lies in the header.
type span struct {
	kind       Kind
	begin, end int
}

// Is says whether a file that starts so is a GGUF file.
func Is(start []byte) bool { return strings.HasPrefix(string(start), magic) }

// Read reads and checks the header of a file of the given size.
func Read(r io.ReaderAt, size int64) (*File, error) {
	if size > maxFile {
		return nil, fmt.Errorf("the file is %d bytes long, more than any model; it is damaged", size)
	}
	c := &cursor{from: r, size: size}
	f := &File{keys: map[string]span{}}
	tensors, keys, err := f.readCounts(c)
	if err != nil {
		return nil, err
	}
	for n := range keys {
		if err := f.readKey(c, n); err != nil {
			return nil, err
		}
	}
	list, err := readTensors(c, tensors)
	if err != nil {
		return nil, err
	}
	f.header = c.read[:c.at:c.at]
	return f, f.place(list, c)
}

// Architecture is the word under general.architecture of a file, found without reading further than need be; "" where there
// is none, as in the later parts of a split file.
func Architecture(r io.ReaderAt, size int64) (string, error) {
	c := &cursor{from: r, size: size}
	f := &File{keys: map[string]span{}}
	_, keys, err := f.readCounts(c)
	for n := uint64(0); n < keys && err == nil; n++ {
		err = f.readKey(c, n)
		f.header = c.read
		if word := f.Architecture(); word != "" {
			return word, nil
		}
	}
	return "", err
}

// readCounts reads the fixed start of a file.
func (f *File) readCounts(c *cursor) (tensors, keys uint64, err error) {
	start, err := c.bytes(8)
	switch {
	case err != nil && !Is(c.read):
		return 0, 0, fmt.Errorf("the file is %d bytes long, too short for a GGUF header; fetch it again", c.size)
	case err != nil:
		return 0, 0, err
	case !Is(start):
		return 0, 0, fmt.Errorf("magic is %q, not %q; this is no GGUF file", start[:4], magic)
	}
	f.Version = binary.LittleEndian.Uint32(start[4:])
	switch {
	case f.Version == 1:
		return 0, 0, fmt.Errorf("version is 1, a format of 2023 that is no longer in use; fetch a newer conversion")
	case f.Version&0xffff == 0 && f.Version != 0:
		return 0, 0, fmt.Errorf("version says that the file is big-endian; only little-endian files are read")
	case f.Version != 2 && f.Version != 3:
		return 0, 0, fmt.Errorf("version is %d; versions 2 and 3 are read here", f.Version)
	}
	if tensors, err = c.count("tensor_count", maxTensors, minTensor); err != nil {
		return 0, 0, err
	}
	keys, err = c.count("metadata_kv_count", maxKeys, minKey)
	return tensors, keys, err
}

// readKey reads one key and passes over its value.
func (f *File) readKey(c *cursor, n uint64) error {
	key, err := c.text(maxKey)
	if err != nil {
		return fmt.Errorf("metadata key %d: %w", n, err)
	}
	kind, err := c.kind()
	if err != nil {
		return fmt.Errorf("metadata key %q: %w", clip(key), err)
	}
	if _, twice := f.keys[key]; twice {
		return fmt.Errorf("metadata key %q is there twice", clip(key))
	}
	begin := c.at
	if err := c.skip(kind, 0); err != nil {
		return fmt.Errorf("metadata key %q: %w", clip(key), err)
	}
	f.keys[key] = span{kind, begin, c.at}
	return nil
}

// Get finds a value by its key.
func (f *File) Get(key string) (Value, bool) {
	at, ok := f.keys[key]
	return Value{at.kind, f.header[at.begin:at.end]}, ok
}

// Has says whether the file holds a tensor.
func (f *File) Has(tensor string) bool {
	for _, t := range f.Tensors {
		if t.Name == tensor {
			return true
		}
	}
	return false
}

// Text is the text under a key, "" where there is none.
func (f *File) Text(key string) string {
	value, _ := f.Get(key)
	text, _ := value.Text()
	return text
}

// Architecture is the word under general.architecture.
func (f *File) Architecture() string { return f.Text("general.architecture") }

// clip keeps a hostile name from filling the screen.
func clip(text string) string {
	const limit = 120
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
