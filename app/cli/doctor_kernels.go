package cli

import (
	"fmt"

	"sirocco/gpu"
	"sirocco/gpu/tune"
)

// describeKernels says which shapes of kernels an adapter gets, and where they
// come from.
func describeKernels(line func(name, value string), a gpu.Adapter) {
	knobs := gpu.DefaultTuning(a)
	switch found, ok := tune.Find(tune.DefaultFile(), a); {
	case ok:
		knobs = found.Tuning
		line("kernels", fmt.Sprintf("measured on %s in %.1f s, kept in %s", found.Date, found.Seconds, tune.DefaultFile()))
	case a.Kind == gpu.Software:
		line("kernels", "what suits software adapters; --tune now measures others")
	default:
		line("kernels", "will be measured once, when a model is first loaded")
	}
	line("  quantised", shape(knobs.Quantised))
	line("  plain", shape(knobs.Plain))
	t := knobs.Attend
	line("  attention", fmt.Sprintf("%d queries, %d keys and %d quads of each of %d invocations; %d for few queries", t.Rows, t.Keys, t.Quads, t.Group, knobs.Split))
}

func shape(p gpu.Products) string {
	v, t := p.Vector, p.Tile
	text := fmt.Sprintf("decoding %d rows × %d lanes × %d slices", v.Rows, v.Lanes, v.Slices)
	if t.From == 0 {
		return text + "; prompts by eight tokens"
	}
	return text + fmt.Sprintf("; prompts in tiles of %d rows × %d tokens × %d from %d tokens on", 16*t.Rows, 16*t.Tokens, t.Depth, t.From)
}
