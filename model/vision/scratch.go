package vision

import (
	"sirocco/gpu"
	"sirocco/model/config"
	"sirocco/model/imageproc"
)

// chunk is how many patches have wide intermediates at once. A multiple of 64,
// so that every chunk of any width starts at an offset that can be bound.
const chunk = 1024

// scratch is every buffer one picture needs on its way through the tower.
// P = patches, M = merged patches.
type scratch struct {
	patches, columns int
	pixels           gpu.Tensor // [P, channels·patch·patch]
	x, normed        gpu.Tensor // [P, hidden]
	query, attended  gpu.Tensor // [P, heads·headDim]
	keys, values     gpu.Tensor // [heads, P, headDim]
	wide             gpu.Tensor // [chunk, max(3·heads·headDim, 2·ffn)]
	hidden           gpu.Tensor // [chunk, ffn]
	gathered         gpu.Tensor // [M, hidden·merge²]
	merged           gpu.Tensor // [M, hidden]
	in, activated    gpu.Tensor // [M, dim]
	arena            *gpu.Arena // holds them all
}

// want is one buffer of a scratch, before it is set aside.
type want struct {
	into  *gpu.Tensor
	label string
	shape []int
}

// wants lists every buffer for m merged patches and rows of width dim. What a
// picture takes is known from it without a device.
func (s *scratch) wants(c config.Vision, dim, m int) []want {
	p := m * c.Merge * c.Merge
	heads := c.Heads * c.HeadDim
	n := min(chunk, p)
	return []want{
		{&s.pixels, "patches of pixels", []int{p, c.Channels * c.PatchSize * c.PatchSize}},
		{&s.x, "tower stream", []int{p, c.Hidden}},
		{&s.normed, "tower stream normalised", []int{p, c.Hidden}},
		{&s.query, "tower queries", []int{p, heads}},
		{&s.attended, "tower attention output", []int{p, heads}},
		{&s.keys, "tower keys", []int{c.Heads, p, c.HeadDim}},
		{&s.values, "tower values", []int{c.Heads, p, c.HeadDim}},
		{&s.wide, "tower wide rows", []int{n, max(3*heads, 2*c.FFN)}},
		{&s.hidden, "tower feed-forward hidden", []int{n, c.FFN}},
		{&s.gathered, "merged patches", []int{m, c.Hidden * c.Merge * c.Merge}},
		{&s.merged, "merged rows", []int{m, c.Hidden}},
		{&s.in, "projector hidden", []int{m, dim}},
		{&s.activated, "projector activated", []int{m, dim}},
	}
}

func newScratch(e *Encoder, g imageproc.Grid) (*scratch, error) {
	c, m := e.config, g.Rows*g.Columns
	s := &scratch{arena: e.device.Arena(), patches: m * c.Merge * c.Merge, columns: g.Columns * c.Merge}
	for _, want := range s.wants(c, e.dim, m) {
		*want.into = s.arena.Tensor(want.label, want.shape...)
	}
	if err := s.arena.Err(); err != nil {
		s.release()
		return nil, err
	}
	return s, nil
}

// chunks calls each for every run of at most chunk patches.
func (s *scratch) chunks(each func(first, n int)) {
	for first := 0; first < s.patches; first += chunk {
		each(first, min(chunk, s.patches-first))
	}
}

// rows is the view of n rows of a matrix from row first on.
func rows(t gpu.Tensor, first, n int) gpu.Tensor {
	width := t.Shape[len(t.Shape)-1]
	t.Offset += int64(4 * first * width)
	t.Shape = []int{n, width}
	return t
}

// view is the start of a tensor's memory seen as [n, width].
func view(t gpu.Tensor, n, width int) gpu.Tensor {
	t.Shape = []int{n, width}
	return t
}

func (s *scratch) release() { s.arena.Release() }
