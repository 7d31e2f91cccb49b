// Package upload carries tensors from a checkpoint's mapped files to the
// device: matrices in the type they are stored in, vectors widened to float32.
// It is the only place where file types and device types meet.
package upload

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"sirocco/gpu"
	"sirocco/model/chat"
	"sirocco/model/weights"
	"sirocco/model/weights/ggml"
)

// Source holds tensors by their canonical names: a *weights.Checkpoint, or
// weights made up for a measurement. Guard runs what reads a tensor's Data. A
// tensor whose Data has fewer rows than its Shape repeats them.
type Source interface {
	Tensor(name string) (weights.Tensor, bool)
	Guard(read func() error) error
	Info() weights.Info
}

// Loader moves tensors one by one and reports how far it is.
type Loader struct {
	ctx      context.Context
	device   *gpu.Device
	source   Source
	progress func(chat.Load)
	done     *int64 // bytes, over all devices
}

// New returns a loader from a source to a device. progress may be nil.
func New(ctx context.Context, device *gpu.Device, source Source, progress func(chat.Load)) *Loader {
	if progress == nil {
		progress = func(chat.Load) {}
	}
	return &Loader{ctx: ctx, device: device, source: source, progress: progress, done: new(int64)}
}

// On is the same loader for another device; they count their bytes together.
func (l *Loader) On(device *gpu.Device) *Loader {
	other := *l
	other.device = device
	return &other
}

// Has reports whether the source holds a tensor.
func (l *Loader) Has(name string) bool {
	_, ok := l.source.Tensor(name)
	return ok
}

// Matrix puts the rows of the named tensors, stacked in this order, into one
// matrix of the device: y = x·Wᵀ. They may differ in type. Half-split rows are put in interleaved order
// on the way. The matrix is labelled with the first name.
func (l *Loader) Matrix(names ...string) (*gpu.Matrix, error) {
	label := names[0]
	if err := l.ctx.Err(); err != nil {
		return nil, err
	}
	var rows []gpu.Rows
	var runs []gpu.Run
	k, bytes := 0, 0
	for i, name := range names {
		tensor, err := l.tensor(name)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			k = columns(tensor)
		}
		if columns(tensor) != k {
			return nil, fmt.Errorf("joining %s with %s: one has rows of %d, the other of %d", names[0], name, k, columns(tensor))
		}
		kind, err := gpu.ParseWeight(strings.ToLower(string(tensor.Type)))
		if err != nil {
			return nil, fmt.Errorf("loading %s: %w", name, err)
		}
		runs = append(runs, gpu.Run{Type: kind, Rows: tensor.Shape[0]})
		rows = append(rows, rowsOf(tensor, int(kind.RowBytes(k))))
		bytes += tensor.Shape[0] * int(kind.RowBytes(k))
	}
	matrix, err := gpu.NewStack(l.device, label, k, runs...)
	if err != nil {
		return nil, err
	}
	err = l.source.Guard(func() error { return matrix.Upload(l.device, rows...) })
	if err != nil {
		matrix.Release()
		return nil, fmt.Errorf("loading %s: %w", label, err)
	}
	l.report(bytes)
	return matrix, nil
}

// Vector puts a one-dimensional tensor on the device as float32, shape [n].
func (l *Loader) Vector(name string) (gpu.Tensor, error) {
	tensor, err := l.tensor(name)
	if err != nil {
		return gpu.Tensor{}, err
	}
	var values []float32
	err = l.source.Guard(func() (err error) {
		values, err = Float32(tensor)
		return err
	})
	if err != nil {
		return gpu.Tensor{}, fmt.Errorf("loading %s: %w", name, err)
	}
	l.report(len(tensor.Data))
	return Floats(l.device, name, values, len(values))
}

// Floats puts float32 values on the device as a tensor of the given shape.
func Floats(device *gpu.Device, label string, values []float32, shape ...int) (gpu.Tensor, error) {
	buffer, err := device.NewBuffer(label, int64(4*len(values)))
	if err != nil {
		return gpu.Tensor{}, err
	}
	data := make([]byte, 4*len(values))
	for i, v := range values {
		binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(v))
	}
	if err := buffer.Write(0, data); err != nil {
		buffer.Release()
		return gpu.Tensor{}, err
	}
	return gpu.Tensor{Buffer: buffer, Shape: shape}, nil
}

func (l *Loader) tensor(name string) (weights.Tensor, error) {
	tensor, ok := l.source.Tensor(name)
	if !ok {
		return tensor, fmt.Errorf("loading %s: the checkpoint %s does not hold it", name, l.source.Info().Folder)
	}
	return tensor, nil
}

func (l *Loader) report(bytes int) {
	*l.done += int64(bytes)
	l.progress(chat.Load{Done: *l.done, Total: l.source.Info().Bytes})
}

// columns is the length of one row; a convolution's kernel counts as one row
// per output channel.
func columns(t weights.Tensor) int {
	n := 1
	for _, d := range t.Shape[1:] {
		n *= d
	}
	return n
}

// rowsOf says where each row of a tensor lies, which is in rows of size bytes.
func rowsOf(t weights.Tensor, size int) gpu.Rows {
	rows := gpu.Rows{Data: t.Data}
	if t.Rows != weights.Canonical {
		rows.Order = t.StoredRow
	}
	if have := len(t.Data) / size; have > 0 && have < t.Shape[0] {
		rows.Count, rows.Order = t.Shape[0], func(row int) int { return row % have }
	}
	return rows
}

// Float32 widens a tensor of a plain type.
func Float32(t weights.Tensor) ([]float32, error) {
	kind, ok := ggml.Named(string(t.Type))
	if !ok || !kind.Plain() {
		return nil, fmt.Errorf("the tensor %s is stored as %s, where plain numbers are expected", t.Name, t.Type)
	}
	_, size := kind.Block()
	out := make([]float32, len(t.Data)/size)
	return out, ggml.Dequantize(kind, t.Data, out)
}
