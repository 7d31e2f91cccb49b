// Package upload carries tensors from a checkpoint's mapped files to the
// device: matrices in the type they are stored in, vectors widened to float32.
// It is the only place where file types and device types meet.
package upload

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"sirocco/gpu"
	"sirocco/model/chat"
	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/ggml"
)

// Source holds tensors by their canonical names: a *weights.Checkpoint, or
// weights made up for a measurement. Guard runs what reads a tensor's Data. A
// tensor whose Data has fewer rows than its Shape repeats them.
type Source interface {
	Tensor(name string) (checkpoint.Tensor, bool)
	Guard(read func() error) error
	Info() checkpoint.Info
}

// Loader moves tensors one by one and reports how far it is.
type Loader struct {
	ctx       context.Context
	device    *gpu.Device
	source    Source
	progress  func(chat.Load)
	quantise  Quantise
	done      *int64 // bytes, over all devices
	offloaded bool   // matrices go to memory of the host
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

// Offloaded is the same loader for matrices that stay in memory of the host (see [gpu.NewHostStack]).
func (l *Loader) Offloaded() *Loader {
	other := *l
	other.offloaded = true
	return &other
}

// Device is where the loader brings tensors.
func (l *Loader) Device() *gpu.Device { return l.device }

// Quantise makes the loader pack what is stored as plain numbers.
func (l *Loader) Quantise(q Quantise) { l.quantise = q }

// Has reports whether the source holds a tensor.
func (l *Loader) Has(name string) bool {
	_, ok := l.source.Tensor(name)
	return ok
}

// Matrix puts the rows of the named tensors, stacked in this order, into one
// matrix of the device: y = x·Wᵀ. They may differ in type. Half-split rows are
// put in interleaved order on the way, and plain ones are quantised where that
// was asked for. The matrix is labelled with the first name.
func (l *Loader) Matrix(names ...string) (*gpu.Matrix, error) {
	if err := l.ctx.Err(); err != nil {
		return nil, err
	}
	pieces, err := l.pieces(names)
	if err != nil {
		return nil, err
	}
	var runs []gpu.Run
	for _, p := range pieces {
		runs = append(runs, p.run)
	}
	stack := gpu.NewStack
	if l.offloaded {
		stack = gpu.NewHostStack
	}
	matrix, err := stack(l.device, names[0], columns(pieces[0].tensor), runs...)
	if err != nil {
		return nil, err
	}
	if err := l.transfer(matrix, pieces); err != nil {
		matrix.Release()
		if errors.Is(err, context.Canceled) {
			return nil, err
		}
		return nil, fmt.Errorf("loading %s: %w", names[0], err)
	}
	for _, p := range pieces {
		l.report(p.tensor.Shape[0] * p.stored)
	}
	return matrix, nil
}

// piece is one tensor of a stack.
type piece struct {
	tensor checkpoint.Tensor
	stored int     // bytes of a row in the file
	run    gpu.Run // on the device
	packer *Packer // nil: the rows stay as they are
}

func (l *Loader) pieces(names []string) (pieces []piece, err error) {
	for _, name := range names {
		t, err := l.tensor(name)
		if err != nil {
			return nil, err
		}
		if k := columns(t); len(pieces) > 0 && k != columns(pieces[0].tensor) {
			return nil, fmt.Errorf("joining %s with %s: one has rows of %d, the other of %d", names[0], name, columns(pieces[0].tensor), k)
		}
		from, known := ggml.Named(string(t.Type))
		stored, err := weightOf(from)
		if err != nil || !known {
			return nil, fmt.Errorf("loading %s: there are no kernels for weights of type %s", name, t.Type)
		}
		p := piece{tensor: t, stored: int(stored.RowBytes(columns(t))), run: gpu.Run{Type: stored, Rows: t.Shape[0]}}
		if to := l.quantise.Type(t); to != from {
			p.packer = NewPacker(t, to)
			if p.run.Type, err = weightOf(to); err != nil {
				return nil, err
			}
		}
		pieces = append(pieces, p)
	}
	return pieces, nil
}

// transfer brings the rows to the device, as they lie in the file or packed on
// the way.
func (l *Loader) transfer(matrix *gpu.Matrix, pieces []piece) error {
	packed := false
	var rows []gpu.Rows
	for _, p := range pieces {
		packed = packed || p.packer != nil
		rows = append(rows, rowsOf(p.tensor, p.stored))
	}
	if packed {
		return l.source.Guard(func() error { return matrix.Fill(l.device, l.bands(matrix, pieces)) })
	}
	return l.source.Guard(func() error { return matrix.Upload(l.device, rows...) })
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

func (l *Loader) tensor(name string) (checkpoint.Tensor, error) {
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
func columns(t checkpoint.Tensor) int {
	n := 1
	for _, d := range t.Shape[1:] {
		n *= d
	}
	return n
}

// rowsOf says where each row of a tensor lies, which is in rows of size bytes.
func rowsOf(t checkpoint.Tensor, size int) gpu.Rows {
	rows := gpu.Rows{Data: t.Data}
	if t.Rows != checkpoint.Canonical {
		rows.Order = t.StoredRow
	}
	if have := len(t.Data) / size; have > 0 && have < t.Shape[0] {
		rows.Count, rows.Order = t.Shape[0], func(row int) int { return row % have }
	}
	return rows
}

// Float32 widens a tensor of a plain type.
func Float32(t checkpoint.Tensor) ([]float32, error) {
	kind, ok := ggml.Named(string(t.Type))
	if !ok || !kind.Plain() {
		return nil, fmt.Errorf("the tensor %s is stored as %s, where plain numbers are expected", t.Name, t.Type)
	}
	_, size := kind.Block()
	out := make([]float32, len(t.Data)/size)
	return out, ggml.Dequantize(kind, t.Data, out)
}
