package gpu

import (
	"context"
	"time"
)

// A program runs as a few submissions in a row, each short enough for the
// watchdogs of drivers and for a cancelled question to stop soon. Where to cut is
// decided from estimates: a dispatch takes its cost times the pace of its kernel,
// and paces are corrected after every submission that takes long enough to time.

const (
	// maxSubmitTime is how long one submission should take: Windows resets a device after
	// two seconds, and estimates may be wrong by several times.
	maxSubmitTime = 200 * time.Millisecond
	// minTimed is the shortest submission whose time says something about its
	// kernels: below it, the noise of a busy machine weighs more than the work.
	minTimed = 40 * time.Millisecond
	// maxSteps bounds a submission: its timestamps must fit a query set (8,192).
	maxSteps = 4096
	// maxInFlight is how many submissions may be under way, so that the device always
	// has a next one.
	maxInFlight = 2
)

// cost is what is known about a step before it runs.
type cost struct {
	kernel *Kernel // nil: a copy
	flops  float64
	bytes  int64
}

// costModel holds what to assume about a device before anything was timed.
type costModel struct {
	secondsPerFlop, secondsPerByte float64 // seconds for one operation of a new kernel, and for a copied byte
}

func newCostModel(k Kind) costModel {
	switch k {
	case Software:
		return costModel{secondsPerFlop: 1 / 2e9, secondsPerByte: 1 / 1e9}
	case Discrete:
		return costModel{secondsPerFlop: 1 / 1e12, secondsPerByte: 1 / 50e9}
	}
	return costModel{secondsPerFlop: 1 / 1e11, secondsPerByte: 1 / 5e9}
}

func (p costModel) seconds(c cost) float64 {
	switch {
	case c.kernel == nil:
		return float64(c.bytes) * p.secondsPerByte
	case c.kernel.secondsPerFlop == 0:
		return c.flops * p.secondsPerFlop
	}
	return c.flops * c.kernel.secondsPerFlop
}

// splitAt returns the end of the submission that begins at from: as many steps as
// the budget allows, and at least one.
func (p *Program) splitAt(from int) int {
	to, left := from, maxSubmitTime.Seconds()
	for to < len(p.costs) && to-from < maxSteps {
		left -= p.device.costs.seconds(p.costs[to])
		if left < 0 && to > from {
			break
		}
		to++
	}
	return to
}

// calibrate compares the time a submission took with its estimate and corrects the
// pace of each kernel in it, by its share of the estimate. A time too short to
// mean anything still tells that a longer estimate was wrong.
func (p *Program) calibrate(s span, took time.Duration) {
	pace := &p.device.costs
	var estimate float64
	for _, c := range p.costs[s.from:s.to] {
		estimate += pace.seconds(c)
	}
	if took = max(took, minTimed); took == minTimed && estimate <= minTimed.Seconds() {
		return
	}
	ratio := min(max(took.Seconds()/estimate, 1.0/8), 8)
	for _, c := range p.costs[s.from:s.to] {
		if c.kernel == nil {
			continue
		}
		share := pace.seconds(c) / estimate
		c.kernel.secondsPerFlop = pace.seconds(cost{kernel: c.kernel, flops: 1}) * (1 + share*(ratio-1))
	}
}

// span is a submission under way: its steps, and its number on the device.
type span struct {
	from, to int
	number   uint64
}

// execute submits the program piece by piece and waits for the last.
func (p *Program) execute(ctx context.Context) error {
	if p.device.profile != nil {
		return p.executeProfiled(ctx)
	}
	var flight [maxInFlight]span
	var done, sent int // spans finished and submitted, kept at their number modulo ahead
	since := time.Now()
	for from := 0; from < len(p.costs) || done < sent; {
		if from < len(p.costs) && sent-done < maxInFlight {
			if err := ctx.Err(); err != nil {
				return err
			}
			s, err := p.submit(from)
			if err != nil {
				return err
			}
			flight[sent%maxInFlight] = s
			sent, from = sent+1, s.to
			continue
		}
		s := flight[done%maxInFlight]
		p.device.await(s.number)
		now := time.Now()
		p.calibrate(s, now.Sub(since))
		done, since = done+1, now
	}
	return nil
}

func (p *Program) submit(from int) (span, error) {
	d := p.device
	s := span{from: from, to: p.splitAt(from)}
	if err := d.native.Submit(p.steps, s.from, s.to, nil); err != nil {
		return s, err
	}
	s.number = d.native.Submitted()
	if s.to == len(p.costs) && p.staging != nil {
		return s, d.native.MapForReading(p.staging.native, p.readSize)
	}
	return s, nil
}
