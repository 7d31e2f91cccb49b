package upload

import (
	"fmt"
	"runtime"
	"strings"
	"sync"

	"sirocco/gpu"
	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/ggml"
)

// Quantise says how weights that a file stores as plain numbers are packed on
// their way: "" and "none" leave them as they are, "q4" and "q8" make blocks of
// 4 and 8 bits.
type Quantise string

// Check refuses what is not known.
func (q Quantise) Check() error {
	switch q {
	case "", "none", "q4", "q8":
		return nil
	}
	return fmt.Errorf("quantising while loading: q4, q8 and none are possible, not %q", string(q))
}

// Type is how a tensor is stored on the device. Only matrices of the decoder are
// packed: the tower is a fiftieth of the model and suffers most. With q4 the
// output matrix, whose errors reach the words at once, gets 8 bits.
func (q Quantise) Type(t checkpoint.Tensor) ggml.Type {
	kind, _ := ggml.Named(string(t.Type))
	if q == "" || q == "none" || !kind.Plain() || len(t.Shape) != 2 || t.Shape[1]%32 != 0 || !ofDecoder(t.Name) {
		return kind
	}
	if q == "q8" || t.Name == "output.weight" {
		return ggml.Q8_0
	}
	return ggml.Q4_0
}

func ofDecoder(name string) bool {
	return strings.HasPrefix(name, "layers.") || name == "output.weight" || name == "tok_embeddings.weight"
}

// weightOf is a type as kernels call it.
func weightOf(kind ggml.Type) (gpu.Weight, error) {
	return gpu.ParseWeight(strings.ToLower(kind.String()))
}

// Packer turns rows of a plain tensor into blocks, many at a time.
type Packer struct {
	from, to ggml.Type
	tensor   checkpoint.Tensor
	columns  int
	size     int // bytes of a packed row
}

// NewPacker prepares a tensor for its new type.
func NewPacker(t checkpoint.Tensor, to ggml.Type) *Packer {
	from, _ := ggml.Named(string(t.Type))
	values, size := to.Block()
	k := columns(t)
	return &Packer{from: from, to: to, tensor: t, columns: k, size: k / values * size}
}

// RowBytes is the length of a packed row.
func (p *Packer) RowBytes() int { return p.size }

// Pack writes count rows from first on, in canonical order, to dst; all
// processors take part. A fault in the mapped file becomes the caller's, who
// knows the file's name.
func (p *Packer) Pack(guard func(func() error) error, first, count int, dst []byte) error {
	share := count/runtime.GOMAXPROCS(0) + 1
	errs := make(chan error, count/share+1)
	var wait sync.WaitGroup
	for from := 0; from < count; from += share {
		wait.Go(func() {
			errs <- guard(func() error { return p.rows(first+from, min(share, count-from), dst[from*p.size:]) })
		})
	}
	wait.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *Packer) rows(first, count int, dst []byte) error {
	values := make([]float32, p.columns)
	for row := range count {
		if p.from == ggml.BF16 {
			if err := ggml.QuantizeBF16(p.to, p.tensor.Row(first+row), dst[row*p.size:(row+1)*p.size]); err != nil {
				return err
			}
			continue
		}
		if err := ggml.Dequantize(p.from, p.tensor.Row(first+row), values); err != nil {
			return err
		}
		if err := ggml.Quantize(p.to, values, dst[row*p.size:(row+1)*p.size]); err != nil {
			return err
		}
	}
	return nil
}
