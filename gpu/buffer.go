package gpu

import (
	"errors"
	"fmt"

	"sirocco/gpu/internal/native"
)

// Buffer is a piece of device memory that kernels read and write. Its bytes are
// zero until something is written.
type Buffer struct {
	device   *Device
	native   *native.Buffer
	label    string
	size     int64
	users    int // its owner, and the programs that use it
	released bool
	host     bool // it lies in memory of the host, see NewHostBuffer
}

// OutOfMemory is the error of an allocation the device has no room for.
type OutOfMemory struct {
	Label     string // of the buffer
	Size      int64  // bytes wanted
	Allocated int64  // bytes already held on this device
	Adapter   string
	Cause     error
}

func (e *OutOfMemory) Error() string {
	return fmt.Sprintf("%s has no room for %s (%s; %s in use already): free some of its memory, or choose a smaller model or context",
		e.Adapter, e.Label, Bytes(e.Size), Bytes(e.Allocated))
}

func (e *OutOfMemory) Unwrap() error { return e.Cause }

// Bytes writes a number of bytes for people: "17 bytes", "1.3 GiB".
func Bytes(n int64) string {
	if n < 1<<10 {
		return fmt.Sprintf("%d bytes", n)
	}
	value, unit := float64(n), 0
	for ; value >= 1024 && unit < 4; unit++ {
		value /= 1024
	}
	return fmt.Sprintf("%.1f %ciB", value, " KMGT"[unit])
}

const bufferUsage = native.Storage | native.Uniform | native.CopySrc | native.CopyDst

// NewBuffer allocates size bytes, rounded up to a multiple of 4. The label is for
// errors. Without room the error is an *OutOfMemory; a size beyond
// Limits.MaxBuffer is refused by name.
func (d *Device) NewBuffer(label string, size int64) (*Buffer, error) {
	if err := d.checkSize(label, size); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.newBuffer(label, bufferUsage, size)
}

func (d *Device) checkSize(label string, size int64) error {
	if size <= 0 {
		return fmt.Errorf("buffer %s: a size of %d bytes makes no sense", label, size)
	}
	if size > d.info.Limits.MaxBuffer {
		return fmt.Errorf("buffer %s needs %s, and %s holds at most %s in one: it must be split",
			label, Bytes(size), d.info.Name, Bytes(d.info.Limits.MaxBuffer))
	}
	return nil
}

func (d *Device) newBuffer(label string, usage native.Usage, size int64) (*Buffer, error) {
	return d.newBufferIn(label, usage, size, false)
}

func (d *Device) newBufferIn(label string, usage native.Usage, size int64, host bool) (*Buffer, error) {
	if err := d.usable(); err != nil {
		return nil, err
	}
	size = roundUp(size, 4)
	n, err := d.allocate(label, usage, size, host)
	if errors.Is(err, native.ErrOutOfMemory) {
		return nil, &OutOfMemory{Label: label, Size: size, Allocated: d.allocated, Adapter: d.info.Name, Cause: err}
	}
	if err != nil {
		return nil, fail("allocating "+label, err)
	}
	b := &Buffer{device: d, native: n, label: label, size: size, users: 1, host: host}
	b.count(size)
	d.owned[b] = struct{}{}
	return b, nil
}

func (d *Device) allocate(label string, usage native.Usage, size int64, host bool) (*native.Buffer, error) {
	if d.ceiling > 0 && d.allocated+size > d.ceiling && !host {
		return nil, fmt.Errorf("%w: %s may be used", native.ErrOutOfMemory, Bytes(d.ceiling))
	}
	n, err := d.native.NewBuffer(label, usage, size)
	if errors.Is(err, native.ErrOutOfMemory) {
		// What was released lately comes back only once the device is done with it.
		d.idle()
		d.native.Poll()
		n, err = d.native.NewBuffer(label, usage, size)
	}
	return n, err
}

// Size is the number of bytes, a multiple of 4.
func (b *Buffer) Size() int64 { return b.size }

// Label is the name the buffer was made with.
func (b *Buffer) Label() string { return b.label }

// Release gives the memory back, once the programs that use it are released too.
// Releasing twice is allowed.
func (b *Buffer) Release() {
	b.device.mu.Lock()
	defer b.device.mu.Unlock()
	if !b.released {
		b.released = true
		b.drop()
	}
}

// drop takes one user away; the last one frees the memory.
func (b *Buffer) drop() {
	if b.users--; b.users > 0 || b.native == nil {
		return
	}
	b.releaseNative()
	delete(b.device.owned, b)
	b.device.native.Poll() // lets the driver have the memory back soon
}

func (b *Buffer) releaseNative() {
	b.native.Release()
	b.native = nil
	b.count(-b.size)
}

// count adds bytes to what the device holds, or to what it has of the host.
func (b *Buffer) count(bytes int64) {
	d := b.device
	if b.host {
		d.offloaded += bytes
		return
	}
	d.allocated += bytes
	d.peak = max(d.peak, d.allocated)
}

// check refuses a range that is not inside a live buffer, or not of whole words.
func (b *Buffer) check(what string, offset, size int64) error {
	if b.device.closed {
		return ErrClosed
	}
	if b.released {
		return fmt.Errorf("%s buffer %s: it was released", what, b.label)
	}
	if offset < 0 || size < 0 || offset > b.size || size > b.size-offset {
		return fmt.Errorf("%s buffer %s: %d bytes at offset %d are not inside its %d", what, b.label, size, offset, b.size)
	}
	if offset%4 != 0 {
		return fmt.Errorf("%s buffer %s: offset %d is not a multiple of 4", what, b.label, offset)
	}
	return nil
}

func roundUp(n, unit int64) int64 { return (n + unit - 1) / unit * unit }
