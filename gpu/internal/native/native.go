// Package native is the part of wgpu-native that Sirocco calls past its Go
// binding: buffers, mapping, writing, bind groups, submissions and waiting.
//
// It links against the static library inside github.com/rajveermalviya/go-webgpu
// (hence no LDFLAGS here) and exists for four reasons:
//
//   - the binding's MapAsync and OnSubmittedWorkDone lend C a pointer into Go
//     memory, which the first garbage collection before the callback frees;
//   - its Poll(true) gives up after five seconds and reports success;
//   - an out-of-memory error in its calls may go to a handler that aborts;
//   - recording a whole program is one call from Go to C here, not thousands.
//
// Callbacks are C functions writing into C memory; Go only looks at the result.
// Nothing here is safe for concurrent use: package gpu holds its device's mutex.
// Read shim.h first. Objects without a trap (adapters, shader modules, layouts,
// pipelines) are made with the binding, whose handles Ref takes over.
package native

/*
#include <stdlib.h>
#include "shim.h"

#cgo noescape shim_write
#cgo noescape shim_submit
#cgo noescape shim_poll
#cgo noescape shim_map
#cgo noescape shim_unmap
#cgo noescape shim_bytes
*/
import "C"

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"unsafe"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// The ways a call can fail; errors wrap them together with the library's text.
var (
	ErrValidation  = errors.New("refused by WebGPU")
	ErrOutOfMemory = errors.New("out of device memory")
	ErrLost        = errors.New("the device was lost")
)

// Ref is a handle of wgpu-native.
type Ref unsafe.Pointer

// Of returns the handle inside an object of the binding, which is a struct of
// that one handle (TestHandlesOfTheBinding holds it to that).
func Of[T wgpu.Adapter | wgpu.BindGroupLayout | wgpu.ComputePipeline | wgpu.Device](object *T) Ref {
	return *(*Ref)(unsafe.Pointer(object))
}

// Device is an open device with its queue.
type Device struct{ c *C.shim_device }

var silence sync.Once

// Open asks the adapter for a device with all the limits it offers. The library's
// log is turned off: it writes to standard error, and its errors come back as errors.
func Open(adapter *wgpu.Adapter, label string, timestamps bool) (*Device, error) {
	silence.Do(func() { C.shim_silence() })
	name := C.CString(label)
	defer C.free(unsafe.Pointer(name))
	var message [2048]C.char
	c := C.shim_open(C.WGPUAdapter(Of(adapter)), name, C.bool(timestamps), &message[0], C.size_t(len(message)))
	if c == nil {
		return nil, errors.New(oneLine(C.GoString(&message[0])))
	}
	return &Device{c}, nil
}

// Binding returns the device as an object of the binding, for the calls that are
// made through it. It must not be released.
func (d *Device) Binding() *wgpu.Device {
	device := new(wgpu.Device)
	*(*Ref)(unsafe.Pointer(device)) = Ref(d.c.device)
	return device
}

// Close releases the device, waiting for work that is still running.
func (d *Device) Close() { C.shim_close(d.c) }

// Failure returns what went wrong since the last call of Failure, nil if nothing did.
func (d *Device) Failure() error {
	if d.c.failure == C.SHIM_OK {
		return nil
	}
	kind := [...]error{C.SHIM_VALIDATION: ErrValidation, C.SHIM_OUT_OF_MEMORY: ErrOutOfMemory, C.SHIM_LOST: ErrLost}[d.c.failure]
	text := oneLine(C.GoString(&d.c.message[0]))
	C.shim_clear(d.c)
	return fmt.Errorf("%w: %s", kind, text)
}

// Lost reports whether the device is gone: nothing it was given will ever finish.
func (d *Device) Lost() bool { return d.c.failure == C.SHIM_LOST }

// Submitted counts the submissions made so far.
func (d *Device) Submitted() uint64 { return uint64(d.c.submitted) }

// Poll lets finished work report itself and counts the submissions that are done.
// It never waits.
func (d *Device) Poll() (completed uint64) { return uint64(C.shim_poll(d.c)) }

// oneLine joins the lines of the library's messages, which are indented causes.
func oneLine(text string) string {
	var parts []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line != "Caused by:" && line != "Validation Error" {
			parts = append(parts, strings.TrimSuffix(line, ":"))
		}
	}
	return strings.Join(parts, ": ")
}
