package gpu

import "sirocco/gpu/internal/native"

// NewHostBuffer is NewBuffer in memory of the host that the device can reach, for
// what a card has no room for. Kernels cannot bind it: a program copies it to
// another buffer first ([Recorder.Copy]), which costs a processor nothing. It
// counts in Hosted and not in Allocated, and is filled by Upload or Write like any
// other. On adapters that share the machine's memory it is no different memory.
func (d *Device) NewHostBuffer(label string, size int64) (*Buffer, error) {
	if err := d.checkSize(label, size); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.newBufferIn(label, native.MapWrite|native.CopySrc, size, true)
}

// Offloaded counts the bytes of the host buffers alive on this device.
func (d *Device) Offloaded() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.offloaded
}

// fillHost is Upload for a host buffer: fill writes into the buffer itself. A
// place of the staging ring is taken so that Close waits.
func (d *Device) fillHost(b *Buffer, offset, size int64, fill func(dst []byte) error) error {
	s := <-d.uploadRing
	defer func() { d.uploadRing <- s }()
	all, err := d.openHost(b, offset, size)
	if err != nil {
		return err
	}
	for end := offset + size; offset < end && err == nil; {
		n := min(end-offset, stageSize)
		err = fill(all[offset : offset+n : offset+n])
		offset += n
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if closing := d.native.Unmap(b.native); err == nil && closing != nil {
		return fail("writing to buffer "+b.label, closing)
	}
	return err
}

// openHost gives the bytes of a whole host buffer, once no submission reads them.
func (d *Device) openHost(b *Buffer, offset, size int64) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := b.check("writing to", offset, size); err != nil {
		return nil, err
	}
	if err := d.native.MapForWriting(b.native, b.size); err != nil {
		return nil, fail("writing to buffer "+b.label, err)
	}
	if err := d.awaitMapping(b); err != nil {
		return nil, err
	}
	return b.native.Bytes(), nil
}

// HostMemory is how many bytes of this machine's memory programs can have without
// any other being swapped out; 0 where nothing tells.
func HostMemory() int64 {
	_, free := memory(Software, 0, 0)
	return free
}
