package model

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"sirocco/gpu"
	"sirocco/gpu/op"
	"sirocco/model/text"
)

// offloadContext is the context where layers are in memory of the host and none was
// asked for: what a longer one takes would be more layers.
const offloadContext = 8192

// offload keeps in memory of the host as few layers as it takes, and says what that
// costs. ok is false where that does not help: the rest alone is too much, the
// host's memory is too small, or it is the adapter's own.
func (p *planner) offload(context int, chosen []gpu.Adapter) (plan Plan, ok bool) {
	if slices.ContainsFunc(chosen, p.sharesHostMemory) {
		return plan, false
	}
	with := *p
	with.offloading = true
	if p.requested.Context == 0 {
		context = min(context, offloadContext)
	}
	if p.requested.KV == "" {
		with.kv = "q8"
	}
	plan = with.assign(context, chosen)
	if free := p.free(); !plan.Fits() || free > 0 && plan.Host > free-headroom(free) {
		return plan, false
	}
	plan.Expected = p.expectedSpeed(plan, chosen)
	p.note("%d of %d layers have no room on %s: they stay in memory of the host (%s) and are copied over on every pass%s; the context holds %d tokens, keys and values are %s%s",
		offloadedLayers(plan), p.config.Text.Layers, names(chosen), gpu.Bytes(plan.Host), atMost(plan.Expected), context, plan.KV, p.contextWithoutOffload(context, chosen))
	plan.Steps = slices.Clone(p.steps)
	return plan, true
}

// contextWithoutOffload tells of the context that would leave all layers on the device, where a
// longer one was asked for.
func (p *planner) contextWithoutOffload(context int, chosen []gpu.Adapter) string {
	free := *p
	free.requested.Context = 0
	if fits := free.longestContext(context, chosen); fits < context {
		return fmt.Sprintf("; with --ctx %d all layers would fit", fits)
	}
	return ""
}

func atMost(tokens float64) string {
	switch {
	case tokens == 0:
		return ""
	case tokens < 10:
		return fmt.Sprintf(", so expect at most %.1f tokens a second", tokens)
	}
	return fmt.Sprintf(", so expect at most %.0f tokens a second", tokens)
}

// sharesHostMemory tells whether an adapter's memory is the host's. A limit that was asked
// for is kept to even so.
func (p *planner) sharesHostMemory(a gpu.Adapter) bool {
	return (a.Kind == gpu.Software || a.Kind == gpu.Integrated) && p.requested.GPU.MaxMemory == 0
}

// offloadLayers moves the last layers of a place, of which first is the first, to memory of
// the host until the place fits.
func (p *planner) offloadLayers(place *PlanDevice, first int, l gpu.Limits) (slots, moved int64) {
	all := place.Bytes
	for place.Missing() > 0 && place.Offloaded < place.Layers {
		place.Offloaded++
		layer := first + place.Layers - place.Offloaded
		for _, stack := range p.stacks(layer) {
			moved += stackBytes(stack)
		}
		slots = p.uploadRingBytes(layer, first+place.Layers, l)
		place.Bytes = all - moved + slots
	}
	return slots, moved
}

// uploadRingBytes is what the ring takes for the layers from first to end.
func (p *planner) uploadRingBytes(first, end int, l gpu.Limits) (bytes int64) {
	for _, sharing := range text.OffloadRing(end - first) {
		var shapes [4][]gpu.Stack
		for _, i := range sharing {
			for which, stack := range p.stacks(first + i) {
				shapes[which] = append(shapes[which], stack)
			}
		}
		for _, stacks := range shapes {
			bytes += gpu.OffloadBufferBytes(l, stacks)
		}
	}
	return bytes
}

// stacks are the shapes of a layer's matrices.
func (s stored) stacks(layer int) (stacks [4]gpu.Stack) {
	for which, names := range text.Stacks(layer) {
		for _, name := range names {
			i := slices.IndexFunc(s.tensors, func(t tensorForm) bool { return t.name == name })
			if i < 0 {
				continue // a sentence when it is loaded
			}
			t := s.tensors[i]
			stacks[which].K = t.columns()
			stacks[which].Runs = append(stacks[which].Runs, gpu.Run{Type: t.kind, Rows: t.shape[0]})
		}
	}
	return stacks
}

func stackBytes(s gpu.Stack) (bytes int64) {
	for _, run := range s.Runs {
		bytes += gpu.MatrixBytes(run.Type, run.Rows, s.K)
	}
	return bytes
}

// paths are how fast an adapter reads, in bytes a second: its own memory, and the
// host's.
type paths struct{ own, host float64 }

// expectedSpeed is how many tokens a second the adapters' memory allows; 0 where they
// cannot be measured.
func (p *planner) expectedSpeed(plan Plan, chosen []gpu.Adapter) float64 {
	if p.measure == nil {
		return 0
	}
	seconds := 0.0
	for i, place := range plan.Places {
		speed, err := p.measure(chosen[i])
		if err != nil {
			return 0
		}
		host := float64(plan.Host) * float64(place.Offloaded) / float64(offloadedLayers(plan))
		own := float64(p.perToken()) * float64(place.Layers) / float64(p.config.Text.Layers)
		seconds += host/speed.host + own/speed.own
	}
	return 1 / seconds
}

func offloadedLayers(plan Plan) (layers int) {
	for _, place := range plan.Places {
		layers += place.Offloaded
	}
	return layers
}

// measurePaths copies a little on an adapter and to it.
func measurePaths(a gpu.Adapter) (speed paths, err error) {
	d, err := gpu.Open(gpu.Options{Device: strconv.Itoa(a.Index)})
	if err != nil {
		return speed, err
	}
	defer d.Close()
	size := min(copySize(d), 64<<20)
	arena := d.Arena()
	defer arena.Release()
	from, to := arena.Tensor("copied", size/4), arena.Tensor("copy", size/4)
	if err := arena.Err(); err != nil {
		return speed, err
	}
	host, err := d.NewHostBuffer("copied from the host", int64(size))
	if err != nil {
		return speed, err
	}
	defer host.Release()
	if err := host.Write(0, make([]byte, size)); err != nil {
		return speed, err
	}
	speed.own, err = fastest(context.Background(), d, func(r *gpu.Recorder) int64 {
		op.Copy(r, to, from)
		return 2 * int64(size)
	})
	if err != nil {
		return speed, err
	}
	speed.host, err = fastest(context.Background(), d, func(r *gpu.Recorder) int64 {
		r.Copy(to.Buffer, 0, host, 0, int64(size))
		return int64(size)
	})
	if err != nil {
		return speed, fmt.Errorf("measuring how fast %s copies: %w", a.Name, err)
	}
	return speed, nil
}
