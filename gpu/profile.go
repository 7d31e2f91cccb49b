package gpu

import (
	"cmp"
	"context"
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"time"

	"sirocco/gpu/internal/native"
)

// KernelTime is what a kernel took in all, by the clock of the device.
type KernelTime struct {
	Name    string
	Calls   int
	Seconds float64
}

// profiler times every step with a pair of timestamps. Each dispatch then has a
// pass to itself, so totals are a little above those of an ordinary run.
type profiler struct {
	queries *native.Queries
	ticks   []byte
	period  float64 // seconds per tick
	times   map[string]*KernelTime
}

func newProfiler(d *Device) (*profiler, error) {
	q, err := d.native.NewQueries(maxSteps + 1)
	if err != nil {
		return nil, fail("timing kernels", err)
	}
	p := &profiler{queries: q, ticks: make([]byte, 8*(maxSteps+1)), times: map[string]*KernelTime{}}
	if err := p.calibrate(d); err != nil {
		p.release()
		return nil, fail("timing kernels", err)
	}
	return p, nil
}

func (p *profiler) release() { p.queries.Release() }

// calibrate finds the length of a tick, which WebGPU does not tell, from two
// timestamps taken a known time apart.
func (p *profiler) calibrate(d *Device) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := newStage(d, "clock", native.CopyDst|native.CopySrc, 8)
	if err != nil {
		return err
	}
	other, err := d.newBuffer("clock", native.CopyDst, 8)
	if err != nil {
		return err
	}
	s.copy.SetCopy(0, other.native, 0, s.buffer.native, 0, 8)
	var walls [3]time.Time
	var stamps [3]uint64
	for i := range walls { // the first submission warms up
		walls[i] = time.Now()
		if err := p.submit(d, s.copy, 0, 1); err != nil {
			return err
		}
		stamps[i] = p.stamp(0)
		time.Sleep(40 * time.Millisecond)
	}
	p.period = walls[2].Sub(walls[1]).Seconds() / float64(max(stamps[2]-stamps[1], 1))
	if math.Abs(p.period*1e9-1) < 0.02 {
		p.period = 1e-9
	}
	return nil
}

func (p *profiler) stamp(i int) uint64 { return binary.LittleEndian.Uint64(p.ticks[8*i:]) }

// submit runs steps [from, to) with timestamps and brings those to the host.
func (p *profiler) submit(d *Device, steps *native.Steps, from, to int) error {
	if err := d.native.Submit(steps, from, to, p.queries); err != nil {
		return err
	}
	readback := &Buffer{device: d, native: p.queries.Readback(), label: "timestamps"}
	return d.fetch(readback, p.ticks[:8*(to-from+1)])
}

func (p *Program) executeProfiled(ctx context.Context) error {
	d := p.device
	for from := 0; from < len(p.costs); {
		if err := ctx.Err(); err != nil {
			return err
		}
		to, begin := p.splitAt(from), time.Now()
		if err := d.profile.submit(d, p.steps, from, to); err != nil {
			return err
		}
		p.calibrate(span{from: from, to: to}, time.Since(begin))
		for i := from; i < to; i++ {
			d.profile.add(p.costs[i].kernel, d.profile.stamp(i-from), d.profile.stamp(i-from+1))
		}
		from = to
	}
	if p.staging == nil {
		return nil
	}
	return d.native.MapForReading(p.staging.native, p.readSize)
}

func (p *profiler) add(k *Kernel, begin, end uint64) {
	name := "copy"
	if k != nil {
		name = k.Name()
	}
	t := p.times[name]
	if t == nil {
		t = &KernelTime{Name: name}
		p.times[name] = t
	}
	t.Calls++
	if end > begin { // some drivers answer zero now and then
		t.Seconds += float64(end-begin) * p.period
	}
}

// SetProfiling begins or ends the timing of kernels on a device that was opened
// with Options.Profile or Profilable, and says whether kernels are timed now.
func (d *Device) SetProfiling(on bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if on != (d.profile != nil) {
		d.profile, d.paused = d.paused, d.profile
	}
	return d.profile != nil
}

// Profile lists what every kernel took since the last call, the longest first.
// It is empty where kernels are not being timed.
func (d *Device) Profile() []KernelTime {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.profile == nil {
		return nil
	}
	var list []KernelTime
	for t := range maps.Values(d.profile.times) {
		list = append(list, *t)
	}
	clear(d.profile.times)
	slices.SortFunc(list, func(a, b KernelTime) int {
		return cmp.Or(cmp.Compare(b.Seconds, a.Seconds), cmp.Compare(a.Name, b.Name))
	})
	return list
}
