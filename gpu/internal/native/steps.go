package native

/*
#include <stdlib.h>
#include "shim.h"
*/
import "C"

import (
	"unsafe"
)

// Entry is one binding of a bind group: size bytes of a buffer from offset.
type Entry struct {
	Buffer       *Buffer
	Offset, Size int64
}

// Group is a bind group.
type Group struct{ c C.WGPUBindGroup }

// NewGroup binds the entries in the order of their binding numbers.
func (d *Device) NewGroup(label string, layout Ref, entries []Entry) (Group, error) {
	name := C.CString(label)
	defer C.free(unsafe.Pointer(name))
	list := make([]C.WGPUBindGroupEntry, len(entries)) // holds no Go pointers
	for i, e := range entries {
		list[i] = C.WGPUBindGroupEntry{binding: C.uint32_t(i), buffer: e.Buffer.c.handle, offset: C.uint64_t(e.Offset), size: C.uint64_t(e.Size)}
	}
	g := C.shim_group_new(d.c, name, C.WGPUBindGroupLayout(layout), unsafe.SliceData(list), C.size_t(len(list)))
	if g == nil {
		return Group{}, d.Failure()
	}
	return Group{g}, nil
}

// Release frees the bind group.
func (g Group) Release() { C.wgpuBindGroupRelease(g.c) }

// Steps is a list of dispatches and copies in C memory.
type Steps struct {
	list  *C.shim_step
	label *C.char
	n     int
}

// NewSteps makes room for n steps.
func NewSteps(label string, n int) *Steps {
	list := (*C.shim_step)(C.calloc(C.size_t(max(n, 1)), C.sizeof_shim_step))
	return &Steps{list: list, label: C.CString(label), n: n}
}

// Release frees the list, not what it refers to.
func (s *Steps) Release() {
	C.free(unsafe.Pointer(s.list))
	C.free(unsafe.Pointer(s.label))
	s.list, s.label = nil, nil
}

func (s *Steps) at(i int) *C.shim_step { return &unsafe.Slice(s.list, s.n)[i] }

// SetDispatch makes step i run a pipeline on a grid of workgroups.
func (s *Steps) SetDispatch(i int, pipeline Ref, group Group, grid [3]uint32) {
	*s.at(i) = C.shim_step{
		pipeline: C.WGPUComputePipeline(pipeline), group: group.c,
		x: C.uint32_t(grid[0]), y: C.uint32_t(grid[1]), z: C.uint32_t(grid[2]),
	}
}

// SetCopy makes step i copy size bytes.
func (s *Steps) SetCopy(i int, dst *Buffer, dstOffset int64, src *Buffer, srcOffset, size int64) {
	*s.at(i) = C.shim_step{
		src: src.c.handle, dst: dst.c.handle,
		src_offset: C.uint64_t(srcOffset), dst_offset: C.uint64_t(dstOffset), size: C.uint64_t(size),
	}
}

// Check encodes steps [from, to) without submitting them, to find their errors.
func (d *Device) Check(s *Steps, from, to int) error {
	if from == to {
		return nil
	}
	C.shim_check(d.c, s.label, s.at(from), C.size_t(to-from))
	return d.Failure()
}

// Submit hands steps [from, to) to the device as one submission; with queries, a
// timestamp is taken before every step and after the last.
func (d *Device) Submit(s *Steps, from, to int, q *Queries) error {
	if from == to {
		return nil
	}
	var queries *C.shim_queries
	if q != nil {
		queries = q.c
	}
	C.shim_submit(d.c, s.label, s.at(from), C.size_t(to-from), queries)
	return d.Failure()
}

// Queries is a set of timestamps with the buffers that bring them to the host.
type Queries struct{ c *C.shim_queries }

// NewQueries makes room for n timestamps, at most 8192.
func (d *Device) NewQueries(n int) (*Queries, error) {
	c := (*C.shim_queries)(C.calloc(1, C.sizeof_shim_queries))
	if C.shim_queries_new(d.c, c, C.uint32_t(n)) {
		return &Queries{c}, nil
	}
	(&Queries{c}).Release()
	return nil, d.Failure()
}

// Readback is the buffer that holds the timestamps, 8 bytes each, once a
// submission is done.
func (q *Queries) Readback() *Buffer { return &Buffer{q.c.readback} }

// Release frees the set and its buffers.
func (q *Queries) Release() {
	C.shim_queries_free(q.c)
	C.free(unsafe.Pointer(q.c))
}
