package model

import (
	"cmp"
	"fmt"
	"strings"

	"sirocco/gpu"
	"sirocco/model/checkpoint"
	"sirocco/model/config"
	"sirocco/model/text"
	"sirocco/model/upload"
	"sirocco/model/vision"
)

// Plan is what a model takes on each adapter, worked out from its headers before
// anything is allocated. See PlanFor.
type Plan struct {
	Model   string       `json:"model"`
	Context int          `json:"context"` // tokens
	KV      string       `json:"kv"`      // type of the keys and values
	Items   []PlanItem   `json:"items"`   // what takes memory, over all adapters
	Places  []PlanDevice `json:"places"`  // the adapters, in the order of the layers
	Host    int64        `json:"host"`    // bytes of layers that stay in memory of the host
	// Expected is how many tokens a second can be expected at most where layers
	// cross from the host on every pass; 0 where none do.
	Expected float64 `json:"expected_tokens_per_s,omitempty"`
	// Steps are sentences: what was given up so that the model fits, one after the
	// other, and which numbers are only an estimate.
	Steps []string `json:"steps"`

	parallelContext int // the context with which all conversations asked for would fit; 0 where they do, or never
}

// PlanItem is one line of the table.
type PlanItem struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

// PlanDevice is what one adapter holds.
type PlanDevice struct {
	Device    int    `json:"device"` // index of the adapter
	Name      string `json:"name"`
	Layers    int    `json:"layers"` // of the decoder
	Offloaded int    `json:"hosted"` // of them, the last ones: in memory of the host
	Bytes     int64  `json:"bytes"`  // needed
	Free      int64  `json:"free"`   // 0 where nothing tells
	Headroom  int64  `json:"headroom"`

	spare int64 // what a longer context would have taken, left to further conversations
}

// Bytes is what all adapters hold together.
func (p Plan) Bytes() (n int64) {
	for _, item := range p.Items {
		n += item.Bytes
	}
	return n
}

// devices names the adapters of the plan.
func (p Plan) devices() string {
	names := make([]string, len(p.Places))
	for i, place := range p.Places {
		names[i] = place.Name
	}
	return strings.Join(names, " + ")
}

// Missing is by how much an adapter is too small; 0 where it is not, or where
// nothing tells.
func (p PlanDevice) Missing() int64 {
	if p.Free == 0 {
		return 0
	}
	return max(0, p.Bytes+p.Headroom-p.Free)
}

// Fits says whether every adapter has room, as far as is known.
func (p Plan) Fits() bool {
	for _, place := range p.Places {
		if place.Missing() > 0 {
			return false
		}
	}
	return true
}

// PlanFor plans a model on disk without loading it: only headers are read. The
// plan comes back with the error, too, when it does not fit anywhere.
func PlanFor(path string, o Options) (Plan, error) {
	opened, err := checkpoint.OpenWith(path, checkpoint.Options{MMProj: o.MMProj})
	if err != nil {
		return Plan{}, err
	}
	defer opened.Close()
	held, err := storedIn(opened.Config(), opened, upload.Quantise(o.Quantize))
	if err != nil {
		return Plan{}, err
	}
	return planOn(held, o)
}

// planOn plans for the adapters of this machine that the options name.
func planOn(held stored, o Options) (Plan, error) {
	all, err := gpu.Adapters()
	if err != nil {
		return Plan{}, err
	}
	chosen, err := gpu.Select(all, o.Device)
	if err != nil {
		return Plan{}, err
	}
	p := planner{stored: held, requested: o, all: all, kv: cmp.Or(o.KV, defaultKV), measure: measurePaths, free: gpu.HostMemory}
	if o.Unmeasured {
		p.measure = nil
	}
	for i := range chosen {
		chosen[i] = pretended(chosen[i], o.GPU)
		if i == 0 && chosen[i].Free > 0 {
			chosen[i].Free = max(1, min(chosen[i].Free+o.Freed, chosen[i].Memory))
		}
	}
	return p.plan(chosen)
}

// pretended makes an adapter as small as a test wants it.
func pretended(a gpu.Adapter, o gpu.Options) gpu.Adapter {
	if o.MaxMemory > 0 {
		a.Memory, a.Free = o.MaxMemory, o.MaxMemory
	}
	if o.MaxBinding > 0 {
		a.Limits.MaxBinding = min(a.Limits.MaxBinding, o.MaxBinding)
	}
	return a
}

// planner tries what the ladder of plan.go says until a model fits.
type planner struct {
	stored
	requested Options
	all       []gpu.Adapter
	kv        string
	steps     []string

	// of layers in memory of the host (plan_offload.go)
	offloading bool
	measure    func(gpu.Adapter) (paths, error)
	free       func() int64 // bytes of the host's memory, 0 where nothing tells
}

// defaultKV is how keys and values are kept where nothing else was asked for.
const defaultKV = "f16"

// staging is what a device takes for itself: the ring of uploads, the reader,
// and the parameters of programs.
const staging = 32 << 20

// footprint is what a decoder takes besides weights: keys and values of one
// layer, and the scratch.
func (p *planner) footprint(context int) (layer, scratch int64) {
	return text.Footprint(p.config.Text, text.Options{Context: context, KV: p.kv, Offloaded: p.offloading})
}

// picture is what the tower needs to read the largest picture.
func (p *planner) picture() int64 {
	if p.config.Vision == nil {
		return 0
	}
	return vision.Footprint(*p.config.Vision, p.config.Text.Dim)
}

// items lists what takes memory on so many devices, less the layers that are moved
// to the host, for which there is a ring.
func (p *planner) items(context, devices int, moved, ring int64) []PlanItem {
	layer, scratch := p.footprint(context)
	var items []PlanItem
	add := func(name string, bytes int64) {
		if bytes > 0 {
			items = append(items, PlanItem{name, bytes})
		}
	}
	for _, kind := range []string{kindLayers, kindEmbedding, kindOutput, kindTower} {
		name := kind
		if types := p.types(kind); types != "" {
			name += " (" + types + ")"
		}
		bytes := p.of(kind)
		if kind == kindEmbedding && p.config.Text.TiedEmbeddings && devices > 1 {
			bytes *= 2 // the last device takes the logits with it
		}
		if kind == kindLayers {
			bytes -= moved
		}
		add(name, bytes)
	}
	add("ring for the layers of the host", ring)
	add(fmt.Sprintf("keys and values of %d tokens (%s)", context, p.kv), layer*int64(p.config.Text.Layers))
	if v := p.config.Vision; v != nil {
		add(fmt.Sprintf("reading a picture of %d × %d", v.ImageSize, v.ImageSize), p.picture())
	}
	add("scratch of the decoder", scratch*int64(devices))
	add("staging", staging*int64(devices))
	return items
}

// of is what the weights of one kind take.
func (s stored) of(kind string) int64 {
	return s.sum(func(t tensorForm) bool { return kindOf(t.name) == kind })
}

// layerWeights is what each layer of the decoder takes.
func (s stored) layerWeights() []int64 {
	list := make([]int64, s.config.Text.Layers)
	for _, t := range s.tensors {
		if n := layerOf(t.name); n >= 0 && n < len(list) {
			list[n] += t.bytes()
		}
	}
	return list
}

// contextLength is what was asked for, within what the model was trained for.
func contextLength(c config.Text, asked int) int {
	if asked > 0 {
		return min(asked, c.MaxPositions)
	}
	return min(defaultContext, c.MaxPositions)
}

// PlanSynthetic plans a model that would be made up, so that a machine can be
// judged without any file.
func PlanSynthetic(s Synthetic, o Options) (Plan, error) {
	made, err := newSynthetic(s)
	if err != nil {
		return Plan{}, err
	}
	held, err := storedIn(made.config, made, "")
	if err != nil {
		return Plan{}, err
	}
	return planOn(held, o)
}
