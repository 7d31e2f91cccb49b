package gpu

import (
	"context"
	"fmt"

	"sirocco/gpu/internal/native"
)

// Program is a recording made ready: bind groups, one buffer with the parameters
// of all dispatches, and the list of steps in memory of C. Running it allocates
// nothing in Go.
type Program struct {
	device   *Device
	label    string
	steps    *native.Steps
	costs    []cost // of each step
	groups   []native.Group
	params   *Buffer   // uniform, one slot per dispatch; nil without any
	staging  *Buffer   // where the read-back lands; nil without one
	buffers  []*Buffer // kept alive by this program
	readSize int64
	released bool
}

// Finish makes a program of the recording, or says what was wrong with it.
// Everything is validated here, so that a program that exists can run.
func (r *Recorder) Finish() (*Program, error) {
	if r.err != nil {
		return nil, r.err
	}
	d := r.device
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return nil, err
	}
	steps := r.steps
	if r.read != nil {
		steps = append(steps[:len(steps):len(steps)], *r.read)
	}
	p := &Program{device: d, label: r.label, steps: native.NewSteps(r.label, len(steps))}
	d.owned[p] = struct{}{}
	if err := p.build(r, steps); err != nil {
		p.release()
		return nil, fail("recording "+r.label, err)
	}
	return p, nil
}

func (p *Program) build(r *Recorder, steps []step) (err error) {
	if r.read != nil {
		p.readSize = r.read.size
		if p.staging, err = p.device.newBuffer(r.label+" read-back", native.MapRead|native.CopyDst, p.readSize); err != nil {
			return err
		}
		steps[len(steps)-1].dst = p.staging
	}
	slots, err := p.writeParams(steps)
	if err != nil {
		return err
	}
	for i := range steps {
		if err := p.retain(&steps[i]); err != nil {
			return err
		}
		if err := p.set(i, &steps[i], slots[i]); err != nil {
			return err
		}
	}
	return p.validate(steps)
}

// validate has the library check the program. Its message does not say which
// dispatch it means, so after an error each is checked alone.
func (p *Program) validate(steps []step) error {
	err := p.device.native.Check(p.steps, 0, len(steps))
	if err == nil {
		return nil
	}
	for i, s := range steps {
		if alone := p.device.native.Check(p.steps, i, i+1); alone != nil && s.kernel != nil {
			return fmt.Errorf("step %d, kernel %s: %w", i, s.kernel.Name(), alone)
		}
	}
	return err
}

// writeParams packs the parameters of all dispatches into one buffer and returns
// the offset of each step's.
func (p *Program) writeParams(steps []step) ([]int64, error) {
	align := p.device.info.Limits.UniformAlign
	slots := make([]int64, len(steps))
	var packed []byte
	for i := range steps {
		if len(steps[i].params) == 0 {
			continue
		}
		slots[i] = int64(len(packed))
		for _, word := range steps[i].params {
			packed = append(packed, byte(word), byte(word>>8), byte(word>>16), byte(word>>24))
		}
		packed = append(packed, make([]byte, roundUp(int64(len(packed)), align)-int64(len(packed)))...)
	}
	if len(packed) == 0 {
		return slots, nil
	}
	var err error
	if p.params, err = p.device.newBuffer(p.label+" parameters", native.Uniform|native.CopyDst, int64(len(packed))); err != nil {
		return nil, err
	}
	return slots, p.params.write(0, packed)
}

// retain counts the program among the users of the step's buffers.
func (p *Program) retain(s *step) error {
	used := []*Buffer{s.src, s.dst}
	for _, b := range s.bindings {
		used = append(used, b.Buffer)
	}
	for _, b := range used {
		if b == nil || b == p.staging {
			continue
		}
		if b.released {
			return fmt.Errorf("buffer %s was released meanwhile", b.label)
		}
		b.users++
		p.buffers = append(p.buffers, b)
	}
	return nil
}

func (p *Program) set(i int, s *step, slot int64) error {
	c := cost{kernel: s.kernel, flops: s.cost, bytes: s.size}
	if s.src != nil && s.src.host {
		c.bytes *= 4 // a bus is about so much slower than the memory of a card
	}
	p.costs = append(p.costs, c)
	if s.kernel == nil {
		p.steps.SetCopy(i, s.dst.native, s.dstOff, s.src.native, s.srcOff, s.size)
		return nil
	}
	var entries []native.Entry
	if s.kernel.params {
		size := roundUp(4*int64(len(s.params)), 16) // uniform structs are multiples of 16 bytes
		entries = append(entries, native.Entry{Buffer: p.params.native, Offset: slot, Size: size})
	}
	for _, b := range s.bindings {
		entries = append(entries, native.Entry{Buffer: b.Buffer.native, Offset: b.Offset, Size: b.size()})
	}
	group, err := p.device.native.NewGroup(s.kernel.Name(), native.Of(s.kernel.layout), entries)
	if err != nil {
		return fmt.Errorf("kernel %s: %w", s.kernel.Name(), err)
	}
	p.groups = append(p.groups, group)
	p.steps.SetDispatch(i, s.kernel.handle(), group, s.groups)
	return nil
}

// Run executes the program and waits for it. readBack has exactly the size of the
// recorded ReadBack and is filled; it is nil for a program without one. When ctx
// is cancelled no further submission is made and Run returns ctx's error, once
// the device is idle: some steps have run then, the others have not. A program
// all of which was submitted by then ends normally.
func (p *Program) Run(ctx context.Context, readBack []byte) error {
	d := p.device
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := p.runnable(); err != nil {
		return err
	}
	if int64(len(readBack)) != p.readSize {
		return fmt.Errorf("running %s: it reads back %d bytes, the caller has room for %d", p.label, p.readSize, len(readBack))
	}
	err := p.execute(ctx)
	if err == nil && p.staging != nil {
		err = d.collect(p.staging, readBack)
	}
	if err != nil {
		d.idle()
		return fail("running "+p.label, err)
	}
	return nil
}

// Submit hands the whole program to the device and returns at once; Device.Wait
// waits for it. The recorded ReadBack is left out, and nothing is timed.
func (p *Program) Submit() error {
	p.device.mu.Lock()
	defer p.device.mu.Unlock()
	if err := p.runnable(); err != nil {
		return err
	}
	last := len(p.costs)
	if p.staging != nil {
		last--
	}
	for from := 0; from < last; {
		to := min(p.splitAt(from), last)
		if err := p.device.native.Submit(p.steps, from, to, nil); err != nil {
			return fail("running "+p.label, err)
		}
		from = to
	}
	return nil
}

func (p *Program) runnable() error {
	if err := p.device.usable(); err != nil {
		return err
	}
	if p.released {
		return fmt.Errorf("running %s: the program was released", p.label)
	}
	return nil
}

// Release frees the program and lets go of its buffers. Releasing twice is
// allowed; work already submitted still ends.
func (p *Program) Release() {
	p.device.mu.Lock()
	defer p.device.mu.Unlock()
	if !p.released && !p.device.closed {
		p.release()
	}
}

func (p *Program) release() {
	p.releaseNative()
	delete(p.device.owned, p)
	for _, b := range append(p.buffers, p.params, p.staging) {
		if b != nil {
			b.drop()
		}
	}
	p.buffers = nil
}

func (p *Program) releaseNative() {
	if p.released {
		return
	}
	p.released = true
	for _, g := range p.groups {
		g.Release()
	}
	p.steps.Release()
}
