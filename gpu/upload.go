package gpu

import (
	"fmt"

	"sirocco/gpu/internal/native"
)

// The staging ring of uploads: while the device copies out of one buffer, the
// next is being filled.
const (
	stages    = 3
	stageSize = 8 << 20 // bytes; the longest piece fill is asked for
	stretches = 2       // that a stage is copied to at most
)

// stage is a buffer the processor and the device both reach, with the copies
// that go from or to it.
type stage struct {
	buffer *Buffer
	copy   *native.Steps
}

func newStage(d *Device, label string, usage native.Usage, size int64) (*stage, error) {
	b, err := d.newBuffer(label, usage, size)
	if err != nil {
		return nil, err
	}
	s := &stage{buffer: b, copy: native.NewSteps(label, stretches)}
	d.owned[s] = struct{}{}
	return s, nil
}

func (s *stage) releaseNative() { s.copy.Release() }

func newUploadRing() chan *stage {
	ring := make(chan *stage, stages)
	for range stages {
		ring <- nil // made when first needed
	}
	return ring
}

// drainUploadRing waits for the uploads under way in other goroutines.
func (d *Device) drainUploadRing() (restore func()) {
	var all [stages]*stage
	for i := range all {
		all[i] = <-d.uploadRing
	}
	return func() {
		for _, s := range all {
			d.uploadRing <- s
		}
	}
}

// Upload writes size bytes to the buffer at offset, both multiples of 4, through
// memory the device copies from: fill writes the bytes straight into it. fill is
// called with consecutive pieces, in order, each of at most 8 MiB and all but the
// last a multiple of 256 bytes. It writes every byte, in rising order where it
// can, and reads none: that memory may be very slow to read. It must not use the
// device. Several goroutines may upload at once. An error of fill ends the upload
// and is returned; what was copied before stays.
func (d *Device) Upload(b *Buffer, offset, size int64, fill func(dst []byte) error) error {
	if b.device != d {
		return fmt.Errorf("writing to buffer %s: it is on another device", b.label)
	}
	if size%4 != 0 {
		return fmt.Errorf("writing to buffer %s: %d bytes are not a multiple of 4", b.label, size)
	}
	if b.host {
		return d.fillHost(b, offset, size, fill)
	}
	for size > 0 {
		n := min(size, stageSize)
		if err := d.uploadPiece([]stretch{{b, offset, n}}, fill); err != nil {
			return err
		}
		offset, size = offset+n, size-n
	}
	return nil
}

// stretch is a part of a buffer.
type stretch struct {
	buffer       *Buffer
	offset, size int64
}

// uploadPiece fills stretches that fit into one stage together; fill writes them one after the other.
func (d *Device) uploadPiece(list []stretch, fill func(dst []byte) error) error {
	s := <-d.uploadRing
	defer func() { d.uploadRing <- s }()
	dst, err := d.openStage(&s, list)
	if err != nil {
		return err
	}
	if err := fill(dst); err != nil {
		return err
	}
	return d.flush(s, list)
}

// openStage gives the mapped bytes of a stage, waiting for the device to be done
// with its last use.
func (d *Device) openStage(s **stage, list []stretch) (_ []byte, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	size := int64(0)
	for _, to := range list {
		if err := to.buffer.check("writing to", to.offset, to.size); err != nil {
			return nil, err
		}
		size += to.size
	}
	if *s == nil {
		if *s, err = newStage(d, "staging", native.MapWrite|native.CopySrc, stageSize); err != nil {
			return nil, err
		}
	}
	staging := (*s).buffer
	if !staging.native.Pending() && !staging.native.Mapped() {
		if err := d.native.MapForWriting(staging.native, stageSize); err != nil {
			return nil, fail("writing to buffer "+list[0].buffer.label, err)
		}
	}
	if err := d.awaitMapping(staging); err != nil {
		return nil, err
	}
	return staging.native.Bytes()[:size:size], nil
}

// flush lets the device copy a filled stage to where it belongs.
func (d *Device) flush(s *stage, list []stretch) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	from := int64(0)
	for i, to := range list {
		if err := to.buffer.check("writing to", to.offset, to.size); err != nil {
			return err
		}
		s.copy.SetCopy(i, to.buffer.native, to.offset, s.buffer.native, from, to.size)
		from += to.size
	}
	err := d.native.Unmap(s.buffer.native)
	if err == nil {
		err = d.native.Submit(s.copy, 0, len(list), nil)
	}
	if err == nil {
		err = d.native.MapForWriting(s.buffer.native, stageSize)
	}
	if err != nil {
		return fail("writing to buffer "+list[0].buffer.label, err)
	}
	return nil
}
