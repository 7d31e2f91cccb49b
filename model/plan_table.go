package model

import (
	"fmt"
	"strings"

	"sirocco/gpu"
)

// Table writes the plan for people: what takes memory, what each adapter holds,
// and every step that was taken.
func (p Plan) Table() string {
	var b strings.Builder
	row := func(name string, bytes int64) { fmt.Fprintf(&b, "  %-44s %10s\n", name, gpu.Bytes(bytes)) }
	for _, item := range p.Items {
		row(item.Name, item.Bytes)
	}
	row("together", p.Bytes())
	for _, place := range p.Places {
		fmt.Fprintf(&b, "  %s\n", place)
	}
	for _, step := range p.Steps {
		fmt.Fprintf(&b, "  note: %s\n", step)
	}
	return b.String()
}

// String says what an adapter holds and whether that fits.
func (p PlanPlace) String() string {
	text := fmt.Sprintf("on %d, %s: %s with %d layers", p.Device, p.Name, gpu.Bytes(p.Bytes), p.Layers)
	switch missing := p.Missing(); {
	case p.Free == 0:
		return text + "; how much is free is not known"
	case missing > 0:
		return text + fmt.Sprintf("; %s free, %s of them kept back: %s are missing", gpu.Bytes(p.Free), gpu.Bytes(p.Headroom), gpu.Bytes(missing))
	}
	return text + fmt.Sprintf("; %s free, %s of them kept back: it fits", gpu.Bytes(p.Free), gpu.Bytes(p.Headroom))
}
