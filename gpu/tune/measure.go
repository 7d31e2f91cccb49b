package tune

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sirocco/gpu"
	"sirocco/gpu/op"
	"sirocco/shaders"
)

// Measure times the candidates of every knob on a device, one knob after the other, and leaves the best set.
func Measure(ctx context.Context, d *gpu.Device, said func(done, total int)) (Entry, error) {
	a := d.Info()
	s := &search{
		ctx: ctx, device: d, sizes: sizesFor(a), tuning: gpu.DefaultTuning(a), progress: said, started: time.Now(),
		total: 2*(len(vectors(a))+len(tiles(a))+2) + len(attends(a)) + len(splits(a)) + 2,
	}
	before := d.Tuning()
	if err := s.run(); err != nil {
		d.SetTuning(before)
		return Entry{}, err
	}
	d.SetTuning(s.tuning)
	return Entry{
		Adapter: a.Name, Backend: a.Backend, Driver: a.Driver, Kernels: shaders.Version(), Date: s.started.Format(time.DateOnly),
		Seconds: time.Since(s.started).Seconds(), Tuning: s.tuning, Measured: s.figures,
	}, nil
}

// search is one run over all candidates.
type search struct {
	ctx         context.Context
	device      *gpu.Device
	sizes       sizes
	tuning      gpu.TuningParams // the best found
	figures     []Figure
	progress    func(done, total int)
	done, total int
	started     time.Time
}

func (s *search) run() error {
	if err := s.products("quantised", gpu.Q4_K, &s.tuning.Quantised); err != nil {
		return err
	}
	if err := s.products("plain", gpu.BF16, &s.tuning.Plain); err != nil {
		return err
	}
	if err := s.attention(); err != nil {
		return err
	}
	return s.split()
}

// products finds the shapes for one kind of weights.
func (s *search) products(name string, w gpu.Weight, best *gpu.Products) error {
	m, err := gpu.NewMatrix(s.device, "made up", w, s.sizes.rows, s.sizes.columns)
	if err != nil {
		return err
	}
	defer m.Release()
	arena := s.device.Arena()
	defer arena.Release()
	x, y := arena.Tensor("made up", s.sizes.tokens, s.sizes.columns), arena.Tensor("made up", s.sizes.tokens, s.sizes.rows)
	if err := arena.Err(); err != nil {
		return err
	}
	product := func(n int) func(*gpu.Recorder) {
		return func(r *gpu.Recorder) { op.Matmul(r, first(y, n), first(x, n), m) }
	}
	limits := s.device.Limits()
	var list []gpu.Vector
	for _, v := range vectors(s.device.Info()) {
		if v.Fits(limits) {
			list = append(list, v)
		}
	}
	if _, err := fastest(s, name+".vector", &best.Vector, list, product(1)); err != nil {
		return err
	}
	return s.tile(name+".tile", &best.Tile, product)
}

// tile finds the best tile, and from how many tokens on it is faster than eight at a time.
func (s *search) tile(name string, best *gpu.Tile, product func(int) func(*gpu.Recorder)) error {
	best.From = 0
	s.device.SetTuning(s.tuning)
	eight, err := s.time(product(op.MaxBatch))
	if err != nil {
		return err
	}
	s.figures = append(s.figures, Figure{Param: name, Shape: fmt.Sprintf("%d tokens by vectors", op.MaxBatch), Seconds: eight})
	best.From = op.MaxBatch + 1
	var list []gpu.Tile
	for _, t := range tiles(s.device.Info()) {
		if t.From = best.From; t.Fits(s.device.Limits()) {
			list = append(list, t)
		}
	}
	if len(list) == 0 {
		best.From = 0
		return nil
	}
	tiled, err := fastest(s, name, best, list, product(s.sizes.tokens))
	best.From = from(*best, eight, tiled, s.sizes.tokens)
	return err
}

// from is the number of tokens from which on a tile of them takes less time than eight at a time; 0 where it never does. tiled is what
// so many tokens took in tiles.
func from(t gpu.Tile, eight, tiled float64, tokens int) int {
	if tiled >= eight*float64(tokens/op.MaxBatch) {
		return 0
	}
	blocks := max(1, tokens/(16*t.Tokens))
	return op.MaxBatch*max(1, int(tiled/float64(blocks)/eight)) + 1
}

// attention finds how tiles of attention are divided, with a picture's.
func (s *search) attention() error {
	arena := s.device.Arena()
	defer arena.Release()
	h := op.Heads{Query: s.sizes.heads, KV: s.sizes.heads, Dim: 64}
	q, y := arena.Tensor("made up", s.sizes.patches, h.Query*h.Dim), arena.Tensor("made up", s.sizes.patches, h.Query*h.Dim)
	k, v := arena.Tensor("made up", h.KV, s.sizes.patches, h.Dim), arena.Tensor("made up", h.KV, s.sizes.patches, h.Dim)
	if err := arena.Err(); err != nil {
		return err
	}
	_, err := fastest(s, "attend", &s.tuning.Attend, attends(s.device.Info()), func(r *gpu.Recorder) { op.AttendFull(r, y, q, k, v, h) })
	return err
}

// split finds how one query attends to many keys.
func (s *search) split() error {
	arena := s.device.Arena()
	defer arena.Release()
	h, keys := op.Heads{Query: 4 * s.sizes.heads, KV: s.sizes.heads, Dim: 128}, s.sizes.keys
	q, y := arena.Tensor("made up", 1, h.Query*h.Dim), arena.Tensor("made up", 1, h.Query*h.Dim)
	part := op.CachePart{Heads: h.KV, K: arena.Tensor("made up", h.KV, keys, h.Dim), V: arena.Tensor("made up", h.KV, keys, h.Dim)}
	cache := op.Cache{Parts: []op.CachePart{part}, Context: keys}
	state, scratch := arena.Tensor("made up", 4), arena.Tensor("made up", int(op.AttendScratch(1, h, keys))/4)
	if err := arena.Err(); err != nil {
		return err
	}
	if err := state.Buffer.Write(state.Offset, []byte{byte(keys - 1), byte((keys - 1) >> 8), byte((keys - 1) >> 16), 0}); err != nil {
		return err
	}
	_, err := fastest(s, "split", &s.tuning.Split, splits(s.device.Info()), func(r *gpu.Recorder) { op.Attend(r, y, q, cache, state, scratch, h, keys) })
	return err
}

// fastest times a recording under the default of a knob, which is one of s.knobs, and under each candidate, and leaves the fastest there.
// A candidate has to be 3 % better: less is noise, and would make two runs choose differently.
func fastest[T comparable](s *search, name string, knob *T, candidates []T, record func(*gpu.Recorder)) (least float64, err error) {
	best, at := *knob, 0
	for i, candidate := range append([]T{best}, candidates...) {
		if i > 0 && candidate == best {
			s.tick()
			continue
		}
		*knob = candidate
		s.device.SetTuning(s.tuning)
		seconds, err := s.time(record)
		if err != nil {
			return 0, err
		}
		s.figures = append(s.figures, Figure{Param: name, Shape: strings.Trim(fmt.Sprintf("%+v", candidate), "{}"), Seconds: seconds})
		if i == 0 || seconds < 0.97*least {
			best, least, at = candidate, seconds, len(s.figures)-1
		}
	}
	*knob = best
	s.figures[at].Selected = true
	return least, nil
}

func (s *search) tick() {
	s.done++
	s.progress(min(s.done, s.total), s.total)
}

const enough = 20 * time.Millisecond // can be timed

// time is how long a recording takes, the best of three runs, each with as many of it as can be timed.
func (s *search) time(record func(*gpu.Recorder)) (least float64, err error) {
	defer s.tick()
	for count, runs := 1, 0; runs < 3; {
		took, err := s.once(count, record)
		if err != nil {
			return 0, err
		}
		if took < enough && runs == 0 && count < 1<<10 {
			count *= 4
			continue
		}
		if one := took.Seconds() / float64(count); runs == 0 || one < least {
			least = one
		}
		runs++
	}
	return least, nil
}

func (s *search) once(count int, record func(*gpu.Recorder)) (time.Duration, error) {
	r := s.device.Record("measuring kernels")
	for range count {
		record(r)
	}
	p, err := r.Finish()
	if err != nil {
		return 0, err
	}
	defer p.Release()
	started := time.Now()
	err = p.Run(s.ctx, nil)
	return time.Since(started), err
}

// first is a tensor's first n rows.
func first(t gpu.Tensor, n int) gpu.Tensor {
	t.Shape = append([]int{n}, t.Shape[1:]...)
	return t
}
