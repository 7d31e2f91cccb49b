package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"unsafe"

	"github.com/edsrzf/mmap-go"
)

// mapped is one weight file in memory and the tensors its header lists.
type mapped struct {
	path    string
	file    *os.File
	size    int64
	stat    os.FileInfo // when it was opened
	data    mmap.MMap
	entries []entry
}

// headerReader reads and checks the header of a file of the given size.
type headerReader func(r io.ReaderAt, size int64) ([]entry, error)

func mapFile(path string, read headerReader) (*mapped, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	m := &mapped{path: path, file: file}
	if err := m.load(read); err != nil {
		return nil, fmt.Errorf("%s: %w", path, errors.Join(err, m.close()))
	}
	return m, nil
}

func (m *mapped) load(read headerReader) error {
	stat, err := m.file.Stat()
	if err != nil {
		return err
	}
	if !stat.Mode().IsRegular() {
		return errors.New("this is not a regular file")
	}
	m.stat, m.size = stat, stat.Size()
	// The header comes through ReadAt: reading a map can fault, this cannot.
	if m.entries, err = read(m.file, m.size); err != nil {
		return err
	}
	m.data, err = mmap.MapRegion(m.file, int(m.size), mmap.RDONLY, 0, 0)
	if err != nil {
		return fmt.Errorf("mapping its %d bytes into memory: %v; a model must lie on a disk that allows this", m.size, err)
	}
	return nil
}

func (m *mapped) bytes(e entry) []byte { return m.data[e.begin:e.end:e.end] }

func (m *mapped) name() string { return filepath.Base(m.path) }

func (m *mapped) close() error {
	var unmapped error
	if m.data != nil {
		unmapped = m.data.Unmap()
	}
	return errors.Join(unmapped, m.file.Close())
}

// holds reports whether an address lies in the map, and at which offset.
func (m *mapped) holds(address uintptr) (int64, bool) {
	if len(m.data) == 0 {
		return 0, false
	}
	first := uintptr(unsafe.Pointer(&m.data[0]))
	return int64(address - first), address >= first && address-first < uintptr(len(m.data))
}

func (m *mapped) tensorAt(offset int64) string {
	for _, e := range m.entries {
		if offset >= e.begin && offset < e.end {
			return e.name
		}
	}
	return "no tensor"
}

// Guard runs read, which may touch the Data of this checkpoint's tensors on the
// calling goroutine, in Go code. A file that is cut short or whose disk goes
// away while it is mapped makes such a touch fault; Guard turns the fault, which
// would end the process, into an error that names file and tensor. What changes
// without a fault is noticed by comparing the files with what they were.
func (c *Checkpoint) Guard(read func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = c.explain(cause)
		}
	}()
	if err := read(); err != nil {
		return err
	}
	return c.unchanged()
}

// explain turns a fault inside one of the maps into a sentence and lets every
// other panic pass.
func (c *Checkpoint) explain(cause any) error {
	fault, ok := cause.(interface{ Addr() uintptr })
	if !ok {
		panic(cause)
	}
	for _, m := range c.files {
		if offset, inside := m.holds(fault.Addr()); inside {
			return fmt.Errorf("%s could not be read at byte %d (%s): the file was cut short or its disk went away while it was in use; restore it and open the model again",
				m.path, offset, m.tensorAt(offset))
		}
	}
	panic(cause)
}

// unchanged compares the files with what they were when they were opened. Zeros
// of a file that shrank and the new bytes of one that was written to make no
// fault.
func (c *Checkpoint) unchanged() error {
	for _, m := range c.files {
		stat, err := os.Stat(m.path)
		switch {
		case err != nil:
			return fmt.Errorf("%s was taken away while it was in use (%v); restore it and open the model again", m.path, err)
		case !os.SameFile(stat, m.stat):
			return fmt.Errorf("%s was replaced by another file while it was in use; open the model again", m.path)
		case stat.Size() < m.size:
			return fmt.Errorf("%s shrank from %d to %d bytes while it was in use; restore it and open the model again", m.path, m.size, stat.Size())
		case stat.Size() != m.size || !stat.ModTime().Equal(m.stat.ModTime()):
			return fmt.Errorf("%s was written to while it was in use; open the model again when it is complete", m.path)
		}
	}
	return nil
}
