package gpu

import (
	"fmt"

	"sirocco/gpu/internal/native"
)

// large is where a write is better streamed through the staging ring than copied
// into a temporary buffer of the library.
const large = 1 << 20

// Write copies data to the buffer at offset, a multiple of 4, as is the length of
// data. Programs run later see it; programs already submitted do not.
func (b *Buffer) Write(offset int64, data []byte) error {
	if len(data) >= large || b.host {
		return b.device.Upload(b, offset, int64(len(data)), func(dst []byte) error {
			data = data[copy(dst, data):]
			return nil
		})
	}
	b.device.mu.Lock()
	defer b.device.mu.Unlock()
	return b.write(offset, data)
}

func (b *Buffer) write(offset int64, data []byte) error {
	if err := b.check("writing to", offset, int64(len(data))); err != nil {
		return err
	}
	if len(data)%4 != 0 {
		return fmt.Errorf("writing to buffer %s: %d bytes are not a multiple of 4", b.label, len(data))
	}
	if len(data) == 0 {
		return nil
	}
	if err := b.device.native.Write(b.native, offset, data); err != nil {
		return fail("writing to buffer "+b.label, err)
	}
	return nil
}

// readerSize is the size of the staging buffer that Read goes through.
const readerSize = 4 << 20

// Read fills dst from offset, a multiple of 4, after waiting for everything
// submitted before.
func (b *Buffer) Read(dst []byte, offset int64) error {
	d := b.device
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := b.check("reading", offset, int64(len(dst))); err != nil {
		return err
	}
	if err := d.openReader(); err != nil {
		return err
	}
	for len(dst) > 0 {
		n := min(len(dst), readerSize)
		if err := d.readPiece(b, dst[:n], offset); err != nil {
			return fail("reading buffer "+b.label, err)
		}
		dst, offset = dst[n:], offset+int64(n)
	}
	return nil
}

func (d *Device) openReader() (err error) {
	if d.reader == nil {
		d.reader, err = newStage(d, "reader", native.MapRead|native.CopyDst, readerSize)
	}
	return err
}

func (d *Device) readPiece(b *Buffer, dst []byte, offset int64) error {
	r := d.reader
	size := roundUp(int64(len(dst)), 4)
	r.copy.SetCopy(0, r.buffer.native, 0, b.native, offset, size)
	if err := d.native.Submit(r.copy, 0, 1, nil); err != nil {
		return err
	}
	return d.fetch(r.buffer, dst)
}

// fetch copies the first bytes of a mappable buffer to dst, once the submission
// that fills it is done.
func (d *Device) fetch(from *Buffer, dst []byte) error {
	if err := d.native.MapForReading(from.native, roundUp(int64(len(dst)), 4)); err != nil {
		return err
	}
	return d.collect(from, dst)
}

// collect waits for a mapping that was asked for, and copies it.
func (d *Device) collect(from *Buffer, dst []byte) error {
	if err := d.awaitMapping(from); err != nil {
		return err
	}
	copy(dst, from.native.Bytes())
	return d.native.Unmap(from.native)
}

func (d *Device) awaitMapping(b *Buffer) error {
	for w := newWaiting(); b.native.Pending() && !d.native.Lost(); w.pause() {
		d.native.Poll()
	}
	if !b.native.Mapped() {
		return fmt.Errorf("its staging buffer %s could not be mapped", b.label)
	}
	return nil
}
