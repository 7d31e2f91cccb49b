package model

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"sirocco/model/chat"
)

// GrowthPlan says how far growth is followed.
type GrowthPlan struct {
	Shape    string // of the synthetic model: growth or tiny
	Lengths  []int  // of prompts, in tokens
	Depths   []int  // of decoding
	Contexts []int  // to allocate
	Sides    []int  // of square pictures, in pixels
	Generate int    // tokens at each depth
	Progress func(string)
}

// WholeGrowth goes from 128 tokens to 8192 and from 64 patches to 12,100.
func WholeGrowth() GrowthPlan {
	return GrowthPlan{
		Shape: "growth", Lengths: []int{128, 256, 512, 1024, 2048, 4096, 8192}, Depths: []int{8192, 4096, 2048, 0},
		Contexts: []int{1024, 2048, 4096, 8192, 16384}, Sides: []int{112, 224, 448, 784, 1120, 1540}, Generate: 16,
	}
}

// GrowthReport is how time and memory grow with what is asked.
type GrowthReport struct {
	Device chat.DeviceInfo `json:"device"`
	Model  chat.ModelInfo  `json:"model"`
	Lines  []GrowthLine    `json:"lines"`
}

// GrowthLine is one quantity at several sizes, with the polynomial nearest to it.
type GrowthLine struct {
	Name   string        `json:"name"` // prefill, picture, decode, context or picture memory
	Size   string        `json:"size"` // what grows: tokens or patches
	Unit   string        `json:"unit"` // s or bytes
	Points []GrowthPoint `json:"points"`
	// Fit has the coefficients of 1, size, size², nearest in relative terms; Worst is
	// by how much the furthest point is off, as a fraction of itself.
	Fit   []float64 `json:"fit,omitempty"`
	Worst float64   `json:"worst,omitempty"`
}

// GrowthPoint is one size. CPU is what all processors worked meanwhile, which on a
// software adapter is the work itself.
type GrowthPoint struct {
	Size  int     `json:"size"`
	Value float64 `json:"value"`
	CPU   float64 `json:"cpu_s,omitempty"`
}

// MeasureGrowth follows the growth of a synthetic model's time and memory.
func MeasureGrowth(ctx context.Context, p GrowthPlan, o Options) (*GrowthReport, error) {
	g := &growth{ctx: ctx, plan: p, options: o}
	if g.plan.Progress == nil {
		g.plan.Progress = func(string) {}
	}
	if err := g.contexts(); err != nil {
		return nil, err
	}
	m, err := g.open(slices.Max(p.Lengths) + p.Generate + 1)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	g.model = m
	g.report.Device, g.report.Model = m.about.Device, m.about.Model
	for _, part := range []func() error{g.prefills, g.decodes, g.pictures} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	return &g.report, nil
}

// growth is one run.
type growth struct {
	ctx     context.Context
	plan    GrowthPlan
	options Options
	model   *Model
	report  GrowthReport
}

func (g *growth) open(context int) (*Model, error) {
	g.options.Context = context
	return OpenSynthetic(g.ctx, Synthetic{Shape: g.plan.Shape, Type: "q4_0"}, g.options)
}

// contexts allocates longer and longer memories.
func (g *growth) contexts() error {
	line := GrowthLine{Name: "device memory", Size: "tokens of context", Unit: "bytes"}
	for _, n := range g.plan.Contexts {
		g.plan.Progress(fmt.Sprintf("memory for %d tokens", n))
		m, err := g.open(n)
		if err != nil {
			return err
		}
		line.Points = append(line.Points, GrowthPoint{Size: n, Value: float64(m.device.Allocated())})
		m.Close()
	}
	g.add(line, 1)
	return nil
}

// prefills reads longer and longer prompts, the longest last.
func (g *growth) prefills() error {
	line := GrowthLine{Name: "prefill", Size: "tokens", Unit: "s"}
	for _, n := range append([]int{g.plan.Lengths[0]}, g.plan.Lengths...) { // the first time compiles
		g.plan.Progress(fmt.Sprintf("reading %d tokens", n))
		g.model.text.Truncate(0)
		point, err := g.timed(n, 1, func() error {
			return g.model.text.Prefill(g.ctx, g.ids(n), nil, func(int) error { return nil })
		})
		if err != nil {
			return err
		}
		line.Points = append(line.Points, point)
	}
	line.Points = line.Points[1:]
	g.add(line, 2)
	return nil
}

// decodes generates at depths that become smaller, so that nothing is read again.
func (g *growth) decodes() error {
	line := GrowthLine{Name: "a token", Size: "tokens before it", Unit: "s"}
	for _, depth := range g.plan.Depths {
		g.plan.Progress(fmt.Sprintf("generating behind %d tokens", depth))
		var point GrowthPoint
		for range 2 { // the first time records and compiles
			g.model.text.Truncate(max(depth, 1))
			var err error
			if point, err = g.timed(depth, g.plan.Generate, func() error { return g.model.text.Step(g.ctx, 1) }); err != nil {
				return err
			}
		}
		line.Points = append(line.Points, point)
	}
	slices.Reverse(line.Points)
	g.add(line, 1)
	return nil
}

// pictures takes larger and larger pictures from the file to rows.
func (g *growth) pictures() error {
	line := GrowthLine{Name: "picture", Size: "patches", Unit: "s"}
	memory := GrowthLine{Name: "device memory of a picture", Size: "patches", Unit: "bytes"}
	for i, side := range append([]int{g.plan.Sides[0]}, g.plan.Sides...) { // the first time compiles
		g.plan.Progress(fmt.Sprintf("seeing %d × %d pixels", side, side))
		picture, err := gradient(side, side)
		if err != nil {
			return err
		}
		patch := g.model.rule.PatchSize
		before := g.model.device.Allocated()
		g.model.device.ForgetPeak()
		point, err := g.timed((side/patch)*(side/patch), 1, func() error {
			rows, err := g.model.encodePicture(g.ctx, picture)
			if err == nil {
				rows.Release()
			}
			return err
		})
		if err != nil {
			return err
		}
		if i > 0 {
			line.Points = append(line.Points, point)
			memory.Points = append(memory.Points, GrowthPoint{Size: point.Size, Value: float64(g.model.device.Peak() - before)})
		}
	}
	g.add(line, 2)
	g.add(memory, 1)
	return nil
}

// timed runs something count times and reports one of them.
func (g *growth) timed(size, count int, run func() error) (GrowthPoint, error) {
	started, worked := time.Now(), processorSeconds()
	for range count {
		if err := run(); err != nil {
			return GrowthPoint{}, err
		}
	}
	n := float64(count)
	return GrowthPoint{Size: size, Value: time.Since(started).Seconds() / n, CPU: (processorSeconds() - worked) / n}, nil
}

// ids are n tokens of no meaning.
func (g *growth) ids(n int) []int32 {
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = int32((1000 + 5*i) % g.model.config.Text.Vocab)
	}
	return ids
}

// add appends a line with its polynomial of a degree. On a software adapter the
// processors' seconds are fitted where there are any: others on the machine make
// the clock's useless.
func (g *growth) add(line GrowthLine, degree int) {
	sizes, values := make([]float64, len(line.Points)), make([]float64, len(line.Points))
	for i, p := range line.Points {
		sizes[i], values[i] = float64(p.Size), p.Value
		if g.report.Device.Kind == "software" && p.CPU > 0 {
			values[i] = p.CPU
		}
	}
	line.Fit = fitted(sizes, values, degree)
	for i := range sizes {
		line.Worst = max(line.Worst, math.Abs(polynomial(line.Fit, sizes[i])/values[i]-1))
	}
	g.report.Lines = append(g.report.Lines, line)
}
