package gpu

// Tensor is a piece of a buffer seen as an array, row-major, float32 unless said
// otherwise.
type Tensor struct {
	Buffer *Buffer
	Offset int64 // bytes
	Shape  []int
}

// Len is the number of elements.
func (t Tensor) Len() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// Binding is the tensor as a kernel sees it, 4 bytes an element.
func (t Tensor) Binding() Binding {
	return Binding{Buffer: t.Buffer, Offset: t.Offset, Size: 4 * int64(t.Len())}
}

// Binding is the part of a buffer that a kernel sees through one binding.
type Binding struct {
	Buffer *Buffer
	Offset int64 // a multiple of Limits.StorageAlign
	Size   int64 // bytes; 0: to the end
}

func (b Binding) size() int64 {
	if b.Size == 0 && b.Buffer != nil {
		return b.Buffer.size - b.Offset
	}
	return b.Size
}
