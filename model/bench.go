package model

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sirocco/gpu"
	"sirocco/model/chat"
)

// BenchPlan says what to measure.
type BenchPlan struct {
	Prompts  []int // lengths to read, in tokens
	Depths   []int // tokens the cache holds before
	Generate int   // tokens to decode at each depth
	Repeat   int
	Images   [][2]int // width and height in pixels
	AtOnce   []int    // conversations to decode for in one pass
	Untimed  bool     // leave out the round in which every kernel is timed
	Recorder Recorder // of events; nil leaves out what keeping them costs
	Pairs    int      // of decoding kept and not; 0 is Repeat, 3 at least
	// Progress hears what is being measured.
	Progress func(string)
}

// Context is how many tokens the measurements need at most.
func (p BenchPlan) Context() int {
	return slices.Max(append(p.Depths, 0)) + max(slices.Max(append(p.Prompts, 0)), p.Generate+1)
}

// BenchReport is what was measured, as docs/cli.md describes it.
type BenchReport struct {
	Model        chat.ModelInfo   `json:"model"`
	Device       chat.DeviceInfo  `json:"device"`
	Limits       BenchLimits      `json:"limits"`
	Tuning       gpu.TuningParams `json:"knobs"` // shapes of kernels
	Memory       BenchMemory      `json:"memory"`
	Measurements []Measurement    `json:"measurements"`
	Kernels      []BenchKernel    `json:"kernels"`

	uploaded time.Duration // what the weights alone took
	worked   float64       // seconds of all processors meanwhile
}

// BenchLimits are the device's own speeds, measured in the same run: bytes read
// and written by a copy, and products and sums in registers.
type BenchLimits struct {
	CopyGB    float64 `json:"copy_gb_per_s"`
	FMAGFlops float64 `json:"fma_gflop_per_s"`
}

// BenchMemory is what the plan said before loading and what is allocated.
type BenchMemory struct {
	Planned   int64 `json:"planned_bytes"`
	Allocated int64 `json:"allocated_bytes"`
}

// Measurement is one line: what, under which conditions, and the figures.
type Measurement struct {
	Name          string  `json:"name"` // prefill, decode, decode unrecorded, decode recorded, together, image or load
	Prompt        int     `json:"prompt,omitempty"`
	Generate      int     `json:"generate,omitempty"`
	Depth         *int    `json:"depth,omitempty"`
	Conversations int     `json:"conversations,omitempty"` // in one pass, whose tokens are all counted
	Width         int     `json:"width,omitempty"`
	Height        int     `json:"height,omitempty"`
	Unit          string  `json:"unit"` // tokens/s or s
	Median        float64 `json:"median"`
	Min           float64 `json:"min"`
	Max           float64 `json:"max"`
	Repeats       int     `json:"repeats"`
	// BytesPerToken is what decoding reads of weights, keys and values.
	BytesPerToken int64    `json:"bytes_per_token,omitempty"`
	Fraction      *float64 `json:"fraction_of_limit,omitempty"`
	// CPU is how long all processors worked in one run, with the device's work where
	// that is software: others on the machine disturb it less than the clock.
	CPU float64 `json:"cpu_s,omitempty"`
	// Cost is how much longer a token takes that is recorded, as a part of one, by the
	// clock, and CPUCost how much longer all processors work for it.
	Cost     *Cost `json:"cost,omitempty"`
	CPUCost  *Cost `json:"cpu_cost,omitempty"`
	*Reading       // what loading is compared with
}

// BenchKernel is what a kernel took in one profiled round of the measurements.
type BenchKernel struct {
	Name    string  `json:"name"`
	Calls   int     `json:"calls"`
	Seconds float64 `json:"gpu_s"`
}

// Bench measures the model on its device. It forgets the conversation and the
// pictures that are kept. A cancelled ctx ends it.
func (m *Model) Bench(ctx context.Context, p BenchPlan) (*BenchReport, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p.Repeat = max(p.Repeat, 1)
	if p.Progress == nil {
		p.Progress = func(string) {}
	}
	if need := p.Context(); need > m.text.Context() {
		return nil, fmt.Errorf("measuring: the longest run takes %d tokens but the context holds %d; give --ctx a larger number or smaller lengths", need, m.text.Context())
	}
	m.pictures.trim(0)
	m.slots.clear()
	b := &bench{Model: m, ctx: ctx, plan: p, report: &BenchReport{
		Model: m.about.Model, Device: m.about.Device, Tuning: m.device.Tuning(), Kernels: []BenchKernel{}, uploaded: m.uploaded, worked: m.worked,
	}}
	return b.report, b.run()
}

// bench is one run of measurements.
type bench struct {
	*Model
	ctx    context.Context
	plan   BenchPlan
	report *BenchReport
	worked float64 // seconds of all processors in the last repeated runs, each
}

func (b *bench) run() error {
	b.plan.Progress("the device itself")
	limits, err := measureLimits(b.ctx, b.device)
	if err != nil {
		return err
	}
	b.report.Limits = limits
	b.device.ForgetPeak() // of the buffers of that
	if err := b.warmUp(); err != nil {
		return err
	}
	for _, part := range []func() error{b.prefills, b.decodes, b.batchSizes, b.records, b.images, b.profile} {
		if err := part(); err != nil {
			return err
		}
	}
	b.add(Measurement{Name: "load", Unit: "s"}, []float64{b.loaded.Seconds()})
	b.report.Memory = BenchMemory{Planned: b.Model.plan.Bytes(), Allocated: b.peak()}
	return nil
}

// peak is what all devices allocated at most.
func (b *bench) peak() (bytes int64) {
	for _, device := range b.devices {
		bytes += device.Peak()
	}
	return bytes
}

// warmUp compiles the kernels: that is a price paid once, and none of speed.
func (b *bench) warmUp() error {
	b.plan.Progress("compiling kernels")
	if err := b.fill(min(slices.Max(append(b.plan.Prompts, 1)), 12)); err != nil || b.plan.Generate == 0 {
		return err
	}
	return b.text.Step(b.ctx, 1)
}

// fill makes the cache hold n tokens.
func (b *bench) fill(n int) error {
	b.text.Truncate(n)
	if missing := n - b.text.Len(); missing > 0 {
		return b.text.Prefill(b.ctx, b.ids(missing), nil, func(int) error { return nil })
	}
	return nil
}

// ids are n tokens of no meaning.
func (b *bench) ids(n int) []int32 {
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = int32((1000 + 5*i) % b.config.Text.Vocab)
	}
	return ids
}

// repeat runs something as often as the plan says, each time after prepare, and
// sums the seconds up.
func (b *bench) repeat(prepare, run func() error) (seconds []float64, err error) {
	b.worked = 0
	for range b.plan.Repeat {
		if err := prepare(); err != nil {
			return nil, err
		}
		started, worked := time.Now(), processorSeconds()
		if err := run(); err != nil {
			return nil, err
		}
		seconds = append(seconds, time.Since(started).Seconds())
		b.worked += (processorSeconds() - worked) / float64(b.plan.Repeat)
	}
	return seconds, nil
}

// add appends a measurement whose figures are already sorted out.
func (b *bench) add(m Measurement, values []float64) {
	slices.Sort(values)
	m.Min, m.Median, m.Max, m.Repeats = values[0], median(values), values[len(values)-1], len(values)
	b.report.Measurements = append(b.report.Measurements, m)
}

func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[n/2] + sorted[(n-1)/2]) / 2
}

// rates turns seconds for n tokens into tokens a second.
func rates(n int, seconds []float64) []float64 {
	out := make([]float64, len(seconds))
	for i, s := range seconds {
		out[i] = float64(n) / s
	}
	return out
}
