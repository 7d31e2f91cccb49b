package model

import (
	"slices"

	"sirocco/gpu"
)

// assign puts everything somewhere: tower, embedding and pictures on the first
// adapter, the output matrix on the last, the layers by free memory.
func (p *planner) assign(context int, chosen []gpu.Adapter) Plan {
	plan := Plan{Model: p.config.Name, Context: context, KV: p.kv}
	cache, _ := p.footprint(context)
	fixed := p.fixed(context, len(chosen))
	counts := p.split(chosen, fixed)
	layers, first := p.layerWeights(), 0
	var ring int64
	for i, a := range chosen {
		place := PlanDevice{Device: a.Index, Name: a.Name, Layers: counts[i], Bytes: fixed[i], Free: shareOf(chosen, i), Headroom: headroom(shareOf(chosen, i))}
		for _, weight := range layers[first : first+counts[i]] {
			place.Bytes += weight + cache
		}
		if p.offloading {
			slots, moved := p.offloadLayers(&place, first, a.Limits)
			ring, plan.Host = ring+slots, plan.Host+moved
		}
		first += counts[i]
		plan.Places = append(plan.Places, place)
	}
	plan.Items = p.items(context, len(chosen), plan.Host, ring)
	plan.Steps = slices.Clone(p.steps)
	return plan
}

// shareOf is an adapter's free memory, divided where it is named several times.
func shareOf(chosen []gpu.Adapter, i int) int64 {
	times := int64(0)
	for _, a := range chosen {
		if a.Index == chosen[i].Index {
			times++
		}
	}
	return chosen[i].Free / times
}

// headroom is left to drivers, screens and other programs.
func headroom(free int64) int64 { return min(free/20, 1<<30) }

// fixed is what each device holds besides layers.
func (p *planner) fixed(context, devices int) []int64 {
	_, scratch := p.footprint(context)
	list := make([]int64, devices)
	for i := range list {
		list[i] = scratch + staging
	}
	list[0] += p.of(kindTower) + p.of(kindEmbedding) + p.picture()
	list[devices-1] += p.of(kindOutput)
	if p.config.Text.TiedEmbeddings && devices > 1 {
		list[devices-1] += p.of(kindEmbedding)
	}
	return list
}

// split divides the layers by the memory that is free after what is fixed, or
// evenly where some adapter does not tell.
func (p *planner) split(chosen []gpu.Adapter, fixed []int64) []int {
	room := make([]float64, len(chosen))
	total := 0.0
	for i := range chosen {
		room[i] = float64(max(shareOf(chosen, i)-headroom(shareOf(chosen, i))-fixed[i], 1))
	}
	if slices.ContainsFunc(chosen, func(a gpu.Adapter) bool { return a.Free == 0 }) {
		for i := range room {
			room[i] = 1
		}
	}
	for _, r := range room {
		total += r
	}
	counts, given, sum := make([]int, len(chosen)), 0, 0.0
	for i := range counts {
		sum += room[i]
		until := int(float64(p.config.Text.Layers)*sum/total + 0.5)
		counts[i], given = until-given, until
	}
	return counts
}
