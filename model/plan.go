package model

import (
	"fmt"
	"slices"

	"sirocco/gpu"
	"sirocco/model/text"
)

// DoesNotFit is the error of a model for which no adapter has the memory. Its
// text says by how much and what would help.
type DoesNotFit struct {
	Plan   Plan
	Reason string
}

func (e *DoesNotFit) Error() string { return e.Reason }

// The shortest context that a plan shrinks to by itself, and in which steps.
const (
	minContext  = 4096
	contextStep = 1024
)

// plan goes down the ladder: as asked; a smaller context and then keys and values
// in 8 bits, unless others were asked for; layers on further adapters; layers in
// memory of the host; and then it refuses. Every step is said. What fits may then be
// divided among several conversations (plan_slots.go).
func (p *planner) plan(chosen []gpu.Adapter) (Plan, error) {
	context := contextLength(p.config.Text, p.requested.Context)
	context, err := p.limitByBinding(context, chosen)
	if err != nil {
		return Plan{}, err
	}
	p.remark(chosen)
	for {
		if plan, ok := p.reduceContext(context, chosen); ok {
			return p.reserveSlots(plan, chosen), nil
		}
		more := p.another(chosen)
		if more == nil {
			break
		}
		chosen = append(chosen, *more)
		p.note("%s is too small alone, so %s takes some of the layers", chosen[0].Name, more.Name)
	}
	if plan, ok := p.offload(context, chosen); ok {
		return plan, nil
	}
	return p.refuse(context, chosen)
}

// reduceContext makes the context smaller, and then the keys and values, until the model
// fits on these adapters; ok is false where it never does.
func (p *planner) reduceContext(context int, chosen []gpu.Adapter) (plan Plan, ok bool) {
	if plan := p.assign(context, chosen); plan.Fits() {
		return plan, true
	}
	if smaller := p.longestContext(context, chosen); smaller < context {
		p.note("a context of %d tokens does not fit; it holds %d instead (--ctx asks for another)", context, smaller)
		return p.assign(smaller, chosen), true
	}
	if p.requested.KV != "" {
		return plan, false
	}
	p.kv = "q8"
	smaller := context
	if plan = p.assign(context, chosen); !plan.Fits() {
		smaller = p.longestContext(context, chosen)
	}
	if !plan.Fits() && smaller == context {
		p.kv = defaultKV
		return plan, false
	}
	p.note("keys and values take 8 bits instead of 16, so that a context of %d tokens fits (--kv and --ctx ask for others)", smaller)
	return p.assign(smaller, chosen), true
}

func (p *planner) note(format string, args ...any) {
	p.steps = append(p.steps, fmt.Sprintf(format, args...))
}

// limitByBinding shortens a context for which some adapter binds too little at once, or
// says so where it was asked for.
func (p *planner) limitByBinding(context int, chosen []gpu.Adapter) (int, error) {
	for _, a := range chosen {
		binding := text.Binding(p.config.Text, text.Options{Context: context, KV: p.kv})
		if binding > a.Limits.MaxBinding {
			fits := int(int64(context)*a.Limits.MaxBinding/binding) / contextStep * contextStep
			if p.requested.Context > 0 || fits < contextStep {
				return 0, fmt.Errorf("setting up the key and value cache: a context of %d tokens needs %s in one piece and %s binds at most %s; try --ctx %d",
					context, gpu.Bytes(binding), a.Name, gpu.Bytes(a.Limits.MaxBinding), max(fits, 1))
			}
			p.note("%s binds at most %s at once, so the context holds %d tokens instead of %d", a.Name, gpu.Bytes(a.Limits.MaxBinding), fits, context)
			context = fits
		}
	}
	return context, nil
}

// remark says of which adapters the memory is not known.
func (p *planner) remark(chosen []gpu.Adapter) {
	for i, a := range chosen {
		if a.Free == 0 && !slices.ContainsFunc(chosen[:i], func(b gpu.Adapter) bool { return b.Index == a.Index }) {
			p.note("nothing on this system tells how much memory %s has free, so whether the model fits is known only when it is loaded (--memory says how much to use)", a.Name)
		}
	}
}

// longestContext finds the longest context that fits; the same when none does, or when
// one was asked for.
func (p *planner) longestContext(context int, chosen []gpu.Adapter) int {
	if p.requested.Context > 0 {
		return context
	}
	for n := (context - 1) / contextStep * contextStep; n >= minContext; n -= contextStep {
		if p.assign(n, chosen).Fits() {
			return n
		}
	}
	return context
}

// another is the best adapter that is not in use yet. A software adapter helps
// only where it was named.
func (p *planner) another(chosen []gpu.Adapter) *gpu.Adapter {
	for _, a := range p.all {
		used := func(c gpu.Adapter) bool { return c.Index == a.Index }
		if a.Kind != gpu.Software && !slices.ContainsFunc(chosen, used) {
			a = pretended(a, p.requested.GPU)
			return &a
		}
	}
	return nil
}

// refuse says by how much the model is too large and what would help.
func (p *planner) refuse(context int, chosen []gpu.Adapter) (Plan, error) {
	plan := p.assign(context, chosen)
	var missing, free int64
	for _, place := range plan.Places {
		missing += place.Missing()
		free += place.Free - place.Headroom
	}
	reason := fmt.Sprintf("this model needs %s with a context of %d tokens, and %s has room for %s: %s are missing",
		gpu.Bytes(plan.Bytes()), context, names(chosen), gpu.Bytes(max(free, 0)), gpu.Bytes(missing))
	p.requested.Context = 0
	switch fits := p.longestContext(context, chosen); {
	case fits < context:
		reason += fmt.Sprintf("; --ctx %d would fit", fits)
	case len(chosen) < len(p.all):
		reason += "; choose a smaller model or stronger quantisation, or name a second adapter (--device 0,1)"
	default:
		reason += "; choose a smaller model or stronger quantisation"
	}
	return plan, &DoesNotFit{Plan: plan, Reason: reason}
}

func names(adapters []gpu.Adapter) (text string) {
	for i, a := range adapters {
		if i > 0 {
			text += " with "
		}
		text += a.Name
	}
	return text
}
