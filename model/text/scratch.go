package text

import (
	"sirocco/gpu"
	"sirocco/gpu/op"
	"sirocco/model/config"
	"sirocco/model/upload"
)

// scratch is every buffer a pass needs besides weights and cache, set aside
// once: what a layer hands to the next for all tokens of a pass, what it uses
// itself for a chunk of them.
type scratch struct {
	ids, state       gpu.Tensor // [width] u32; [width, 2] u32: where each token stands (see [op.RopeKV])
	x, normed        gpu.Tensor // [width, dim], [chunk, dim]: the residual stream, and it normalised
	qkv              gpu.Tensor // [chunk, (heads + 2·kvHeads)·headDim]
	query, attended  gpu.Tensor // [chunk, heads·headDim]
	gateUp, hidden   gpu.Tensor // [chunk, 2·ffn], [chunk, ffn]
	last, lastNormed gpu.Tensor // [1, dim]
	logits           gpu.Tensor // [op.DecodeBatch, vocab]
	sampling, mask   gpu.Tensor // how to choose in each row: [op.DecodeBatch, op.WishWords], [op.DecodeBatch, vocab/32]
	slices, sampled  gpu.Tensor // choices of parts of the vocabulary, and of all of it
	counts, topK     gpu.Tensor // of one row: see [op.Near]
	extraIDs         gpu.Tensor // [op.DecodeBatch, op.MostAsked] ids
	partial          gpu.Tensor // attention split over keys
	rope             gpu.Tensor // [context, headDim/2, 2]
	arena            *gpu.Arena // holds all but rope
	samplingBytes    [4 * op.SamplingWords * op.MaxBatch]byte
	maskBytes        []byte // of one row
	extraIDBytes     [4 * op.MaxExtraIDs]byte
}

// rows are the views of a scratch for n tokens of a chunk.
type rows struct {
	state, x, isNormed, qkv, query, attended, gateUp, hidden gpu.Tensor

	n int
}

// bufferSpec is one buffer of a scratch, before it is set aside.
type bufferSpec struct {
	into  *gpu.Tensor
	label string
	shape []int
}

// specs lists every buffer but the rotary table. What a decoder takes is known
// from it without a device.
func (s *scratch) specs(c config.Text, h op.Heads, o Options) []bufferSpec {
	context, width := o.Context, o.width()
	q := h.Query * h.Dim
	partial := int(max(op.AttendScratch(1, h, context), op.AttendScratch(8, h, context), 4)) / 4
	return []bufferSpec{
		{&s.ids, "token ids", []int{width}},
		{&s.state, "places of tokens", []int{width, 2}},
		{&s.x, "residual stream", []int{width, c.Dim}},
		{&s.normed, "normalised stream", []int{chunk, c.Dim}},
		{&s.qkv, "queries, keys and values", []int{chunk, q + 2*h.KV*h.Dim}},
		{&s.query, "rotated queries", []int{chunk, q}},
		{&s.attended, "attention output", []int{chunk, q}},
		{&s.gateUp, "feed-forward gate and up", []int{chunk, 2 * c.FFN}},
		{&s.hidden, "feed-forward hidden", []int{chunk, c.FFN}},
		{&s.last, "last row", []int{1, c.Dim}},
		{&s.lastNormed, "last row normalised", []int{1, c.Dim}},
		{&s.logits, "logits", []int{op.MaxBatch, c.Vocab}},
		{&s.sampling, "how to choose", []int{op.MaxBatch, op.SamplingWords}},
		{&s.mask, "mask of tokens", []int{op.MaxBatch, (c.Vocab + 31) / 32}},
		{&s.slices, "choices of slices", []int{op.SampleScratch(op.MaxBatch, c.Vocab)}},
		{&s.sampled, "choices", []int{op.MaxBatch, op.SampledWords}},
		{&s.counts, "logits by distance", []int{op.TopKScratch(c.Vocab)}},
		{&s.topK, "what is near the best", []int{op.TopKWords(c.Vocab)}},
		{&s.extraIDs, "ids asked for", []int{op.MaxBatch, op.MaxExtraIDs}},
		{&s.partial, "attention partial sums", []int{partial}},
	}
}

func newScratch(device *gpu.Device, c config.Text, h op.Heads, o Options) (*scratch, error) {
	s := &scratch{arena: device.Arena()}
	for _, want := range s.specs(c, h, o) {
		*want.into = s.arena.Tensor(want.label, want.shape...)
	}
	s.maskBytes = make([]byte, 4*((c.Vocab+31)/32))
	err := s.arena.Err()
	if err == nil {
		s.rope, err = upload.Floats(device, "rotary table", ropeTable(o.Context, c.HeadDim, c.RopeTheta), o.Context, c.HeadDim/2, 2)
	}
	if err != nil {
		s.release()
		return nil, err
	}
	return s, nil
}

// chunks views n tokens chunk by chunk.
func (s *scratch) chunks(n int) (all []rows) {
	for from := 0; from < n; from += chunk {
		count := min(chunk, n-from)
		all = append(all, rows{
			state: after(s.state, from, count), x: after(s.x, from, count), isNormed: first(s.normed, count),
			qkv: first(s.qkv, count), query: first(s.query, count), attended: first(s.attended, count),
			gateUp: first(s.gateUp, count), hidden: first(s.hidden, count),
			n: count,
		})
	}
	return all
}

// first is a tensor's first n rows.
func first(t gpu.Tensor, n int) gpu.Tensor {
	t.Shape = append([]int{n}, t.Shape[1:]...)
	return t
}

// after is n rows of a tensor from a row on.
func after(t gpu.Tensor, row, n int) gpu.Tensor {
	size := 4 * int64(t.Len()/t.Shape[0])
	t = first(t, n)
	t.Offset += int64(row) * size
	return t
}

func (s *scratch) release() {
	s.arena.Release()
	releaseTensor(s.rope)
}
