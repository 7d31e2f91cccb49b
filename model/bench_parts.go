package model

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"

	"sirocco/gpu"
	"sirocco/model/chat"
	"sirocco/model/text"
)

// prefills reads every length at every depth.
func (b *bench) prefills() error {
	for _, depth := range b.plan.Depths {
		for _, n := range b.plan.Prompts {
			b.plan.Progress(fmt.Sprintf("reading %d tokens behind %d", n, depth))
			seconds, err := b.repeat(func() error { return b.fill(depth) }, func() error {
				return b.text.Prefill(b.ctx, b.ids(n), nil, func(int) error { return nil })
			})
			if err != nil {
				return err
			}
			values := rates(n, seconds)
			m := Measurement{Name: "prefill", Prompt: n, Depth: &depth, Unit: "tokens/s", CPU: b.worked}
			m.Fraction = fraction(float64(b.prefillOps(n, depth)), seconds, b.report.Limits.FMAGFlops*1e9)
			b.add(m, values)
		}
	}
	return nil
}

// prefillOps is what reading n tokens behind depth others computes: the matrices
// of the layers, each query with all keys and values before it, and one row of
// logits.
func (b *bench) prefillOps(n, depth int) int64 {
	t := b.config.Text
	seen := int64(n)*int64(depth) + int64(n)*int64(n+1)/2
	attention := 4 * int64(t.Layers*t.QueryWidth()) * seen
	return int64(n)*b.stored.products() + attention + 2*int64(t.Vocab)*int64(t.Dim)
}

// decodes generates tokens one by one at every depth.
func (b *bench) decodes() error {
	n := b.plan.Generate
	if n == 0 {
		return nil
	}
	for _, depth := range b.plan.Depths {
		b.plan.Progress(fmt.Sprintf("generating %d tokens behind %d", n, depth))
		begin := max(depth, 1) // the first word needs something before it
		seconds, err := b.repeat(func() error { return b.fill(begin) }, func() error { return b.generate(n) })
		if err != nil {
			return err
		}
		m := Measurement{Name: "decode", Generate: n, Depth: &depth, Unit: "tokens/s", BytesPerToken: b.decodeBytes(begin + n/2), CPU: b.worked}
		m.Fraction = fraction(float64(m.BytesPerToken)*float64(n), seconds, b.report.Limits.CopyGB*1e9)
		b.add(m, rates(n, seconds))
	}
	return nil
}

func (b *bench) generate(n int) error {
	for range n {
		if err := b.text.Step(b.ctx, 1); err != nil {
			return err
		}
	}
	return nil
}

// decodeBytes is what a token reads: weights, and the keys and values of so many
// positions.
func (b *bench) decodeBytes(positions int) int64 {
	layer, _ := text.Footprint(b.config.Text, text.Options{Context: positions, KV: b.Model.plan.KV})
	return b.stored.perToken() + layer*int64(b.config.Text.Layers)
}

// fraction compares an amount done in the median of some seconds with the amount
// a limit allows a second; nil without a limit.
func fraction(amount float64, seconds []float64, limit float64) *float64 {
	if limit == 0 {
		return nil
	}
	f := amount / median(slices.Sorted(slices.Values(seconds))) / limit
	return &f
}

// images takes pictures from their file to rows on the device.
func (b *bench) images() error {
	for _, size := range b.plan.Images {
		if b.vision == nil {
			return fmt.Errorf("measuring pictures: %s is a text-only checkpoint; give --image none", b.about.Model.Name)
		}
		b.plan.Progress(fmt.Sprintf("seeing %d × %d pixels", size[0], size[1]))
		picture, err := gradient(size[0], size[1])
		if err != nil {
			return err
		}
		see := func() error { return b.encodeImage(b.ctx, picture) }
		if b.plan.Repeat > 1 { // else the kernels' compilation is part of the figure
			if err := see(); err != nil {
				return err
			}
		}
		seconds, err := b.repeat(func() error { return nil }, see)
		if err != nil {
			return err
		}
		b.add(Measurement{Name: "image", Width: size[0], Height: size[1], Unit: "s", CPU: b.worked}, seconds)
	}
	return nil
}

func (b *bench) encodeImage(ctx context.Context, picture *chat.Image) error {
	rows, err := b.encodePicture(ctx, picture)
	if err == nil {
		rows.Release()
	}
	return err
}

// gradient is a picture file of no meaning.
func gradient(width, height int) (*chat.Image, error) {
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			picture.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(y), uint8(x ^ y), 255})
		}
	}
	var file bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&file, picture); err != nil {
		return nil, fmt.Errorf("drawing a picture of %d × %d: %w", width, height, err)
	}
	return &chat.Image{Name: "gradient.png", Data: file.Bytes()}, nil
}

// profile times every kernel in one more round, where timestamps work.
func (b *bench) profile() error {
	if b.plan.Untimed || !b.device.SetProfiling(true) {
		return nil
	}
	defer b.device.SetProfiling(false)
	b.plan.Progress("every kernel by the device's clock")
	b.device.Profile() // forget what came before
	if err := b.profiled(); err != nil {
		return err
	}
	b.report.Kernels = kernels(b.device.Profile())
	return nil
}

// profiled is the round: the first prompt, a few tokens, the first picture.
func (b *bench) profiled() error {
	b.text.Truncate(0)
	if err := b.fill(append(b.plan.Prompts, 1)[0]); err != nil {
		return err
	}
	if err := b.generate(min(b.plan.Generate, 4)); err != nil || len(b.plan.Images) == 0 {
		return err
	}
	picture, err := gradient(b.plan.Images[0][0], b.plan.Images[0][1])
	if err != nil {
		return err
	}
	return b.encodeImage(b.ctx, picture)
}

// kernels adds the expansions of a kernel up: what tells is its name and the type
// of the weights, as in matvec_q4_0.
func kernels(times []gpu.KernelTime) []BenchKernel {
	list, at := []BenchKernel{}, map[string]int{}
	for _, t := range times { // the longest first, nearly so after adding
		name := kernelName(t.Name)
		i, known := at[name]
		if !known {
			i = len(list)
			at[name] = i
			list = append(list, BenchKernel{Name: name})
		}
		list[i].Calls += t.Calls
		list[i].Seconds += t.Seconds
	}
	return list
}

// kernelName is "matvec_q4_0" for "matvec COLS=1 TYPE=q4_0".
func kernelName(source string) string {
	words := strings.Fields(source)
	for _, word := range words[1:] {
		if kind, ok := strings.CutPrefix(word, "TYPE="); ok {
			return words[0] + "_" + kind
		}
	}
	return words[0]
}
