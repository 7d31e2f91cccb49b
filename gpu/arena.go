package gpu

import "fmt"

// Arena makes the activations of a model: tensors that are allocated once, before
// the first token, and released together. Each has a buffer of its own, because
// WebGPU orders dispatches by whole buffers and would serialise two that write
// different parts of one. The first failure is kept and returned by Err.
type Arena struct {
	device  *Device
	buffers []*Buffer
	err     error
}

// Arena begins an empty one.
func (d *Device) Arena() *Arena { return &Arena{device: d} }

// Tensor allocates a float32 tensor, zero at first.
func (a *Arena) Tensor(label string, shape ...int) Tensor {
	t := Tensor{Shape: shape}
	t.Buffer = a.Buffer(label, 4*int64(t.Len()))
	return t
}

// Buffer allocates size bytes; nil after a failure.
func (a *Arena) Buffer(label string, size int64) *Buffer {
	if a.err != nil {
		return nil
	}
	b, err := a.device.NewBuffer(label, size)
	if err != nil {
		a.err = fmt.Errorf("allocating activations: %w", err)
		return nil
	}
	a.buffers = append(a.buffers, b)
	return b
}

// Err is the first failure.
func (a *Arena) Err() error { return a.err }

// Bytes counts what the arena holds.
func (a *Arena) Bytes() (n int64) {
	for _, b := range a.buffers {
		n += b.size
	}
	return n
}

// Release frees everything. Programs that use it keep it until they are released.
func (a *Arena) Release() {
	for _, b := range a.buffers {
		b.Release()
	}
	a.buffers = nil
}
