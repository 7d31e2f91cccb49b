package text

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"sirocco/gpu"
	"sirocco/model/config"
	"sirocco/model/upload"
)

// Stage is a device and how many of the decoder's layers it computes. The last
// Hosted of them stay in memory of the host (offload.go).
type Stage struct {
	Device    *gpu.Device
	Layers    int
	Offloaded int
}

// NewChain is New for a decoder whose layers are divided over devices. The first
// has the embedding table, the last the output matrix. Between two of them the
// rows of the residual stream cross through the host, bit by bit as they are, so
// that a chain of equal devices computes what one of them would.
func NewChain(stages []Stage, c config.Text, l *upload.Loader, o Options) (*Decoder, error) {
	var head, tail *Decoder
	first := 0
	for _, stage := range stages {
		o.Offloaded = o.Offloaded || stage.Offloaded > 0
		o.pooled = min(cmp.Or(o.pooled, math.MaxInt), empty(stage.Device, c).pooled(o)) // the same on all devices
	}
	for i, stage := range stages {
		part := c
		part.Layers = stage.Layers
		d := empty(stage.Device, part)
		d.isLaterStage = i > 0
		if head == nil {
			head = d
		} else {
			tail.next, tail.hiddenStates = d, make([]byte, 4*o.width()*c.Dim)
		}
		tail = d
		var err error
		at := stagePart{first: first, offloaded: stage.Offloaded, embeds: i == 0, ends: i == len(stages)-1}
		if d.weights, err = loadTables(part, at, l.On(stage.Device)); err == nil {
			err = d.allocate(o)
		}
		if err != nil {
			head.Close()
			return nil, fmt.Errorf("setting up layers %d to %d: %w", first, first+stage.Layers-1, err)
		}
		first += stage.Layers
	}
	return head, nil
}

// stagePart is which part of the decoder a stage holds.
type stagePart struct {
	first     int  // layer
	offloaded int  // layers, the last ones
	embeds    bool // it begins with token ids
	ends      bool // it makes logits
}

// whole is a decoder on one device.
var whole = stagePart{embeds: true, ends: true}

// forwardFrom takes the rows of the residual stream from the stage before and goes on
// with them.
func (d *Decoder) forwardFrom(ctx context.Context, stream, places []byte, p pass) error {
	p.cache = d.cache
	copy(d.positions, places)
	if err := d.scratch.x.Buffer.Write(0, stream); err != nil {
		return err
	}
	if p.end == outputSample || p.end == outputSampleAndTopK || p.end == outputLogits && p.n == 1 {
		program, err := d.program(p)
		if err != nil {
			return err
		}
		return d.run(ctx, program, p)
	}
	recorder := d.device.Record("prefill")
	d.record(recorder, p.n, p.bound, nil, nil, p.end)
	program, err := recorder.Finish()
	if err != nil {
		return fmt.Errorf("preparing to read the prompt: %w", err)
	}
	defer program.Release()
	return d.run(ctx, program, p)
}

// lastStage is the stage that makes logits.
func (d *Decoder) lastStage() *Decoder {
	for d.next != nil {
		d = d.next
	}
	return d
}
