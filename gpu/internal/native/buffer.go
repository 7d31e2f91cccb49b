package native

/*
#include <stdlib.h>
#include "shim.h"
*/
import "C"

import (
	"unsafe"
)

// Usage says what a buffer is for.
type Usage uint32

const (
	MapRead  Usage = C.WGPUBufferUsage_MapRead
	MapWrite Usage = C.WGPUBufferUsage_MapWrite
	CopySrc  Usage = C.WGPUBufferUsage_CopySrc
	CopyDst  Usage = C.WGPUBufferUsage_CopyDst
	Uniform  Usage = C.WGPUBufferUsage_Uniform
	Storage  Usage = C.WGPUBufferUsage_Storage
)

// Buffer is device memory. Its state is C memory, where callbacks can write it.
type Buffer struct{ c *C.shim_buffer }

// NewBuffer allocates size bytes; the error wraps ErrOutOfMemory where the
// device has no room.
func (d *Device) NewBuffer(label string, usage Usage, size int64) (*Buffer, error) {
	name := C.CString(label)
	defer C.free(unsafe.Pointer(name))
	c := C.shim_buffer_new(d.c, name, C.uint32_t(usage), C.uint64_t(size))
	if c == nil {
		return nil, d.Failure()
	}
	return &Buffer{c}, nil
}

// Release gives the memory back once the device no longer uses it.
func (b *Buffer) Release() {
	C.shim_buffer_free(b.c)
	b.c = nil
}

// Write copies data to the buffer, before everything that is submitted later.
// Offset and length are multiples of 4.
func (d *Device) Write(b *Buffer, offset int64, data []byte) error {
	if len(data) == 0 {
		return nil
	}
	// The form &data[0] lets cgo look at the bytes alone: data may lie inside a
	// struct of the caller's that holds pointers.
	C.shim_write(d.c, b.c, C.uint64_t(offset), unsafe.Pointer(&data[0]), C.size_t(len(data)))
	return d.Failure()
}

// MapForReading asks for the first size bytes; Mapped tells when they are there.
func (d *Device) MapForReading(b *Buffer, size int64) error {
	C.shim_map(d.c, b.c, C.WGPUMapMode_Read, C.uint64_t(size))
	return d.Failure()
}

// MapForWriting is MapForReading for a staging buffer of uploads.
func (d *Device) MapForWriting(b *Buffer, size int64) error {
	C.shim_map(d.c, b.c, C.WGPUMapMode_Write, C.uint64_t(size))
	return d.Failure()
}

// Pending reports whether a mapping is still to come.
func (b *Buffer) Pending() bool { return b.c.state == C.SHIM_PENDING }

// Mapped reports whether Bytes may be used.
func (b *Buffer) Mapped() bool { return b.c.state == C.SHIM_MAPPED }

// Bytes is the mapped memory, valid until Unmap; nil when nothing is mapped.
func (b *Buffer) Bytes() []byte {
	bytes := C.shim_bytes(b.c)
	if bytes == nil {
		return nil
	}
	return unsafe.Slice((*byte)(bytes), int(b.c.mapped))
}

// Unmap hands the memory back to the device.
func (d *Device) Unmap(b *Buffer) error {
	C.shim_unmap(d.c, b.c)
	return d.Failure()
}
