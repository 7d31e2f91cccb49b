package model

import (
	"fmt"
	"slices"

	"sirocco/gpu"
	"sirocco/model/text"
)

// unknownRoom is the memory that further conversations may take, beside the first, on
// an adapter that does not tell how much it has free.
const unknownRoom = 512 << 20

// reserveSlots makes room for as many conversations at once as were asked for, where they
// come before a long context: it gets shorter until all of them fit, and if it has to
// be, keys and values take 8 bits. Where the context comes first the plan stays as it
// is and remembers what would do.
func (p *planner) reserveSlots(plan Plan, chosen []gpu.Adapter) Plan {
	wanted := min(p.requested.Parallel, maxSlots) - 1
	if n, _ := p.extraSlots(plan, wanted); n >= wanted || p.requested.Context > 0 {
		return plan
	}
	shorter, ok := p.contextForParallel(plan, chosen, wanted)
	switch {
	case !ok:
	case !p.requested.ParallelFirst:
		plan.parallelContext = shorter.Context
	default:
		said := ""
		if shorter.KV != plan.KV {
			said = " and keys and values take 8 bits instead of 16"
		}
		p.note("a context holds %d tokens instead of %d%s, so that %d answers can be made at once (--parallel and --ctx ask for others)", shorter.Context, plan.Context, said, wanted+1)
		shorter.Steps = slices.Clone(p.steps)
		return shorter
	}
	return plan
}

// contextForParallel finds the longest context for which the first conversation and so many more
// fit; ok is false where none does.
func (p *planner) contextForParallel(plan Plan, chosen []gpu.Adapter, wanted int) (shorter Plan, ok bool) {
	with := *p
	kinds := []string{plan.KV}
	if p.requested.KV == "" && plan.KV != "q8" {
		kinds = append(kinds, "q8")
	}
	for _, with.kv = range kinds {
		for n := (plan.Context - 1) / contextStep * contextStep; n >= minContext; n -= contextStep {
			shorter = with.assign(n, chosen)
			for i := range shorter.Places { // what the longer context would have taken is there for all
				shorter.Places[i].spare = max(plan.Places[i].Bytes-shorter.Places[i].Bytes, 0)
			}
			if n, _ := with.extraSlots(shorter, wanted); n >= wanted {
				return shorter, true
			}
		}
	}
	return plan, false
}

// extraSlots is how many conversations of those wanted find room beside the first, and
// what each takes.
func (s stored) extraSlots(plan Plan, wanted int) (n int, each int64) {
	layer, _ := text.Footprint(s.config.Text, text.Options{Context: plan.Context, KV: plan.KV})
	n = max(min(wanted, maxSlots-1), 0)
	for _, place := range plan.Places {
		here := layer * int64(place.Layers)
		each += here
		room := unknownRoom + place.spare
		if place.Free > 0 {
			room = max(place.Free-place.Headroom-place.Bytes, 0)
		}
		n = min(n, int(room/max(here, 1)))
	}
	return n, each
}

// setParallel decides how many answers can be made at once: as many as asked for, or
// as there is room.
func (m *Model) setParallel(asked int) {
	further, each := m.stored.extraSlots(m.plan, asked-1)
	m.parallel = 1 + further
	if further > 0 {
		m.plan.Items = append(m.plan.Items, PlanItem{fmt.Sprintf("keys and values of %d more conversations", further), int64(further) * each})
	}
	if m.parallel < asked {
		m.notices = append(m.notices, fmt.Sprintf("%s, not %d at once: each takes %s for its keys and values%s", atOnce(m.parallel), asked, gpu.Bytes(each), m.plan.instead(asked)))
	}
}

func atOnce(answers int) string {
	if answers == 1 {
		return "answers are made one after the other"
	}
	return fmt.Sprintf("%d answers are made at once", answers)
}

// instead says how all answers that are wanted could be made at once.
func (p Plan) instead(asked int) string {
	if p.parallelContext > 0 {
		return fmt.Sprintf("; --parallel %d makes do with contexts of %d tokens", asked, p.parallelContext)
	}
	return " (--ctx makes that less)"
}
