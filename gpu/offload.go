package gpu

// NewHostStack is NewStack in memory of the host (see [Device.NewHostBuffer]): the
// matrix is filled like any other and multiplies once it was copied into a slot.
func NewHostStack(d *Device, label string, k int, runs ...Run) (*Matrix, error) {
	return newStack(d, d.NewHostBuffer, label, k, runs)
}

// NewOffloadBuffers makes a matrix on the device for each of the given ones, which lie in memory of the host. They share their memory: what was
// copied last ([Recorder.CopyMatrix]) is in all of them, and one alone makes sense of it.
func NewOffloadBuffers(d *Device, label string, hosted []*Matrix) ([]*Matrix, error) {
	shared, err := newShared(d, label, hosted)
	if err != nil {
		return nil, err
	}
	slots := make([]*Matrix, len(hosted))
	for i, m := range hosted {
		slots[i] = &Matrix{Label: m.Label, N: m.N, K: m.K}
		for j, p := range m.Parts {
			p.Weights = shared.Parts[j].Weights
			if p.Words != nil {
				p.Words = shared.Parts[j].Words
			}
			slots[i].Parts = append(slots[i].Parts, p)
		}
	}
	return slots, nil
}

// newShared has buffers as large as the largest of each.
func newShared(d *Device, label string, hosted []*Matrix) (*Matrix, error) {
	var stacks [][]Part
	for _, m := range hosted {
		stacks = append(stacks, m.Parts)
	}
	shared := &Matrix{Label: label}
	for _, size := range largest(stacks, func(_ int, p Part) (weights, words int64) {
		if p.Words != nil {
			words = p.Words.size
		}
		return p.Weights.size, words
	}) {
		var p Part
		var err error
		if p.Weights, err = d.NewBuffer(label, size[0]); err == nil && size[1] > 0 {
			p.Words, err = d.NewBuffer(label+" (scales)", size[1])
		}
		shared.Parts = append(shared.Parts, p)
		if err != nil {
			shared.Release()
			return nil, err
		}
	}
	return shared, nil
}

// largest is, for each place in a list of parts, the most bytes that any list has there.
func largest(stacks [][]Part, bytes func(stack int, p Part) (weights, words int64)) (sizes [][2]int64) {
	for i, parts := range stacks {
		for j, p := range parts {
			if j == len(sizes) {
				sizes = append(sizes, [2]int64{})
			}
			weights, words := bytes(i, p)
			sizes[j] = [2]int64{max(sizes[j][0], weights), max(sizes[j][1], words)}
		}
	}
	return sizes
}

// Stack is the shape of a matrix that may not exist: rows of K weights.
type Stack struct {
	K    int
	Runs []Run
}

// OffloadBufferBytes is what [NewOffloadBuffers] will take for matrices of these shapes on an adapter of such limits; 0 where one of them cannot be.
func OffloadBufferBytes(l Limits, stacks []Stack) (bytes int64) {
	var all [][]Part
	for _, s := range stacks {
		parts, err := divide(l, "", "", s.K, s.Runs)
		if err != nil {
			return 0
		}
		all = append(all, parts)
	}
	for _, size := range largest(all, func(i int, p Part) (weights, words int64) {
		return partBytes(p.Type, p.Rows, stacks[i].K), wordBytes(p.Type, p.Rows, stacks[i].K)
	}) {
		bytes += size[0] + size[1]
	}
	return bytes
}

// CopyMatrix records that a matrix is brought from memory of the host into its slot.
func (r *Recorder) CopyMatrix(slot, hosted *Matrix) {
	if len(slot.Parts) != len(hosted.Parts) {
		r.fail("matrix %s has %d parts and its slot %d", hosted.Label, len(hosted.Parts), len(slot.Parts))
		return
	}
	for i, p := range hosted.Parts {
		to := slot.Parts[i].planes()
		for j, plane := range p.planes() {
			r.Copy(to[j], 0, plane, 0, plane.size)
		}
	}
}
