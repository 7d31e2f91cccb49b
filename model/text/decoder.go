// Package text is the Mistral decoder: token ids (and picture rows in place of
// [IMG] tokens) in, logits of the next token out, with keys and values kept for
// all positions. Open this file first, then layer.go, which is the network, and
// cache.go, which is its memory.
package text

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"sirocco/gpu"
	"sirocco/gpu/op"
	"sirocco/model/config"
	"sirocco/model/upload"
)

// chunk is how many tokens one prefill pass takes: enough to read each weight
// for many tokens, few enough for a cancel to be felt at once.
const chunk = 128

// Options say how much the decoder remembers and how.
type Options struct {
	Context   int    // tokens
	KV        string // "f16" (and ""), "f32" or "q8"
	Slots     int    // conversations, each of so many tokens; 0 is one
	Offloaded bool   // some layers lie in memory of the host, so a pass takes as much of a prompt as it can

	pooled int // conversations whose keys lie in one buffer
}

// width is how many tokens one pass takes: a chunk, or several where every pass
// costs bringing layers from the host; each layer then reads chunk by chunk.
func (o Options) width() int {
	if o.Offloaded {
		return min((o.Context+chunk-1)/chunk, offloadedChunks) * chunk
	}
	return chunk
}

// offloadedChunks is how many chunks a pass takes at most where layers come from the
// host: enough for the copying not to matter, few enough for a cancel and for the
// residual stream of them all.
const offloadedChunks = 16

// Decoder holds the weights and the scratch, and the cache of one conversation.
// It is driven by one goroutine.
type Decoder struct {
	config      config.Text
	device      *gpu.Device
	heads       op.Heads
	weights     *tables
	pools       []*cache // for all conversations
	cache       *cache   // with this one
	slot        int      // where in it
	scratch     *scratch
	length      int                   // tokens in the cache
	width       int                   // tokens of a pass
	step        map[pass]*gpu.Program // decode programs, of all conversations
	logits      []float32             // [vocab] of the last position
	raw         []byte                // what was read back, the same as bytes
	single      Sequence              // of Choose
	singleBatch []*Sequence           // that one
	one         [1]int32              // a token on its way
	ids         []byte                // [width] u32 on their way to the device
	attention   *attentionProbe       // nil while nobody looks
	positions   []byte                // [width, 2] u32, too

	// Of a decoder divided over devices (stages.go): the stage behind this one, the
	// rows on their way there, and whether there is one before.
	next         *Decoder
	hiddenStates []byte // [width, dim] f32
	isLaterStage bool
}

// Rows are a picture's rows in the text width, made by the vision encoder:
// [count, dim], to stand in for [IMG] tokens.
type Rows struct {
	Tensor gpu.Tensor
	// At lists, for each token of the sequence from Start on, which row stands
	// there, or op.Keep for row breaks and ends.
	At    []uint32
	Start int
}

// New loads the decoder's weights and sets the cache aside.
func New(device *gpu.Device, c config.Text, l *upload.Loader, o Options) (*Decoder, error) {
	d := empty(device, c)
	var err error
	if d.weights, err = loadTables(d.config, whole, l); err == nil {
		err = d.allocate(o)
	}
	if err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// empty is a decoder without weights and memory.
func empty(device *gpu.Device, c config.Text) *Decoder {
	return &Decoder{
		config: c,
		device: device,
		heads:  op.Heads{Query: c.Heads, KV: c.KVHeads, Dim: c.HeadDim},
		step:   map[pass]*gpu.Program{},
		logits: make([]float32, c.Vocab),
		raw:    make([]byte, 4*max(c.Vocab, op.TopKWords(c.Vocab))),
	}
}

// allocate sets the cache and the scratch aside.
func (d *Decoder) allocate(o Options) (err error) {
	d.width = o.width()
	d.ids, d.positions = make([]byte, 4*d.width), make([]byte, 8*d.width)
	if o.pooled == 0 {
		o.pooled = d.pooled(o)
	}
	if err = d.newPools(o); err != nil {
		return err
	}
	d.scratch, err = newScratch(d.device, d.config, d.heads, o)
	return err
}

// Context is how many tokens fit.
func (d *Decoder) Context() int { return d.cache.context }

// Len is how many tokens the cache holds.
func (d *Decoder) Len() int { return d.length }

// Truncate forgets everything from position n on.
func (d *Decoder) Truncate(n int) {
	for ; d != nil; d = d.next {
		d.length = min(d.length, n)
	}
}

// Logits are those of the last token read, [vocab]; valid until the next call.
func (d *Decoder) Logits() []float32 { return d.lastStage().logits }

// Prefill reads ids, with pictures' rows in place of their [IMG] tokens, pass by
// pass; progress hears how many of them are done. When ctx is cancelled what was
// read by whole passes stays in the cache.
func (d *Decoder) Prefill(ctx context.Context, ids []int32, pictures []Rows, progress func(done int) error) error {
	if err := d.check(ids); err != nil {
		return err
	}
	for done := 0; done < len(ids); {
		n := min(d.width, len(ids)-done)
		end := outputNone
		if done+n == len(ids) {
			end = outputLogits
		}
		if err := d.pass(ctx, ids[done:done+n], overlapping(pictures, done, n), end); err != nil {
			return err
		}
		done += n
		if err := progress(done); err != nil {
			return err
		}
	}
	return nil
}

// Step reads one token and leaves the logits of the next. It allocates nothing.
func (d *Decoder) Step(ctx context.Context, id int32) error {
	if d.length >= d.cache.context {
		return d.overflow(1)
	}
	p := d.upcoming(1, outputLogits)
	program, err := d.program(p)
	if err != nil {
		return err
	}
	d.one[0] = id
	return d.read(ctx, program, p, d.one[:])
}

// read runs a pass over tokens that follow this conversation.
func (d *Decoder) read(ctx context.Context, program *gpu.Program, p pass, ids []int32) error {
	d.putIDs(0, ids)
	if err := d.sendIDs(len(ids)); err != nil {
		return err
	}
	d.setPositions(0, p.n)
	if err := d.run(ctx, program, p); err != nil {
		return err
	}
	d.advance(p.n)
	return nil
}

// putIDs makes tokens the rows of a pass from a first one on.
func (d *Decoder) putIDs(row int, ids []int32) {
	for i, id := range ids {
		binary.LittleEndian.PutUint32(d.ids[4*(row+i):], uint32(id))
	}
}

// sendIDs brings the tokens of a pass to the device.
func (d *Decoder) sendIDs(n int) error { return d.scratch.ids.Buffer.Write(0, d.ids[:4*n]) }

// pass runs one pass of a prefill.
func (d *Decoder) pass(ctx context.Context, ids []int32, pictures []Rows, end passOutput) error {
	froms, err := d.placePictures(pictures)
	if err != nil {
		return err
	}
	defer releaseAll(froms)
	p := d.upcoming(len(ids), end)
	recorder := d.device.Record("prefill")
	d.record(recorder, p.n, p.bound, pictures, froms, end)
	program, err := recorder.Finish()
	if err != nil {
		return fmt.Errorf("preparing to read the prompt: %w", err)
	}
	defer program.Release()
	return d.read(ctx, program, p, ids)
}

// run replays a program with the tokens where they stand, and then the stages
// behind.
func (d *Decoder) run(ctx context.Context, program *gpu.Program, p pass) error {
	places := d.positions[:8*p.n]
	if err := d.scratch.state.Buffer.Write(0, places); err != nil {
		return err
	}
	var back []byte
	switch {
	case d.next != nil:
		back = d.hiddenStates[:4*p.n*d.config.Dim]
	case p.end == outputLogits:
		back = d.raw[:4*d.config.Vocab]
	case p.end == outputSample:
		back = d.raw[:4*op.SampledWords*p.n]
	case p.end == outputSampleAndTopK:
		back = d.raw[:4*op.TopKWords(d.config.Vocab)]
	}
	if err := program.Run(ctx, back); err != nil {
		return err
	}
	if d.next != nil {
		return d.next.forwardFrom(ctx, back, places, p)
	}
	if p.end == outputLogits {
		d.readLogits()
	}
	return nil
}

// readLogits are what came back of one row.
func (d *Decoder) readLogits() {
	for i := range d.logits {
		d.logits[i] = math.Float32frombits(binary.LittleEndian.Uint32(d.raw[4*i:]))
	}
}

// pass is what a recorded program is for: n tokens of conversations in a cache, none
// of which has more than some bound of tokens then. There are few bounds.
type pass struct {
	cache    *cache
	n, bound int
	end      passOutput
}

// upcoming is the pass for the next n tokens.
func (d *Decoder) upcoming(n int, end passOutput) pass {
	return pass{d.cache, n, d.bound(d.length + n), end}
}

// program is the recorded pass, for few tokens; each is recorded once.
func (d *Decoder) program(p pass) (*gpu.Program, error) {
	if program := d.step[p]; program != nil {
		return program, nil
	}
	recorder := d.device.Record("decode")
	switch row := int64(4 * d.config.Vocab); p.end {
	case outputReadback:
		recorder.ReadBack(d.scratch.logits.Buffer, d.scratch.logits.Offset+int64(p.n)*row, row)
	case outputTopK:
		d.recordTopK(recorder, p.n)
	default:
		d.record(recorder, p.n, p.bound, nil, nil, p.end)
	}
	program, err := recorder.Finish()
	if err != nil {
		return nil, fmt.Errorf("preparing to generate: %w", err)
	}
	d.step[p] = program
	return program, nil
}

// bound rounds a cache length up to 256·4ⁿ, at most the context: attention is
// split over as many keys as the bound allows.
func (d *Decoder) bound(length int) int {
	bound := 256
	for bound < length {
		bound *= 4
	}
	return min(bound, d.cache.context)
}

// placePictures uploads, for each picture, which of its rows stands where.
func (d *Decoder) placePictures(pictures []Rows) ([]gpu.Tensor, error) {
	var froms []gpu.Tensor
	for _, p := range pictures {
		buffer, err := d.device.NewBuffer("picture rows in the prompt", int64(4*len(p.At)))
		if err != nil {
			releaseAll(froms)
			return nil, err
		}
		froms = append(froms, gpu.Tensor{Buffer: buffer, Shape: []int{len(p.At)}})
		data := make([]byte, 4*len(p.At))
		for i, row := range p.At {
			binary.LittleEndian.PutUint32(data[4*i:], row)
		}
		if err := buffer.Write(0, data); err != nil {
			releaseAll(froms)
			return nil, err
		}
	}
	return froms, nil
}

func releaseAll(tensors []gpu.Tensor) {
	for _, t := range tensors {
		releaseTensor(t)
	}
}

// overlapping cuts the pictures to the tokens [start, start+n) of a prefill and
// fills the rest of the chunk with op.Keep.
func overlapping(pictures []Rows, start, n int) []Rows {
	var out []Rows
	for _, p := range pictures {
		if p.Start >= start+n || p.Start+len(p.At) <= start {
			continue
		}
		at := make([]uint32, n)
		for i := range at {
			at[i] = op.NoRow
			if j := start + i - p.Start; j >= 0 && j < len(p.At) {
				at[i] = p.At[j]
			}
		}
		out = append(out, Rows{Tensor: p.Tensor, At: at, Start: start})
	}
	return out
}

// check refuses what would leave the vocabulary or the cache.
func (d *Decoder) check(ids []int32) error {
	if d.length+len(ids) > d.cache.context {
		return d.overflow(len(ids))
	}
	for i, id := range ids {
		if id < 0 || int(id) >= d.config.Vocab {
			return fmt.Errorf("reading the prompt: token %d has id %d, but the vocabulary ends at %d", i, id, d.config.Vocab-1)
		}
	}
	return nil
}

func (d *Decoder) overflow(n int) error {
	return fmt.Errorf("the conversation is full: %d tokens are in the context of %d and %d more do not fit; start a new one or give --ctx a larger number", d.length, d.cache.context, n)
}

// Close gives everything back.
func (d *Decoder) Close() {
	for _, program := range d.step {
		program.Release()
	}
	if d.scratch != nil {
		d.scratch.release()
	}
	for _, pool := range d.pools {
		pool.release()
	}
	if d.weights != nil {
		d.weights.release()
	}
	if d.next != nil {
		d.next.Close()
	}
}
