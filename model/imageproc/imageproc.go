// Package imageproc turns the bytes of a picture file into the grid of normalised
// patches that the vision tower reads, number for number as mistral-common does.
// The way is Probe (header only) → Decode (upright RGB pixels) → Rule.Patches
// (resized, normalised, cut up). Open this file first, then decode.go and
// cubic.go. Nothing here needs a GPU, and no file, however hostile, panics.
package imageproc

import (
	"fmt"
	"math"
)

// Rule is how a model wants its pictures, as its config or tekken.json says.
type Rule struct {
	PatchSize int // side of a patch in pixels
	MaxSize   int // longest side in pixels; larger pictures are shrunk to it
	Merge     int // patches per side that the projector merges into one token
}

// Grid is the size of a picture as the model sees it.
type Grid struct {
	Width, Height int // pixels after resizing
	Rows, Columns int // merged patches, one [IMG] token each
}

// Tokens counts the picture's tokens: every row of [IMG] is followed by one
// [IMG_BREAK], the last one by [IMG_END].
func (g Grid) Tokens() int { return (g.Columns + 1) * g.Rows }

// Grid says to what size a picture of width × height pixels is resized. Sides
// that are too long shrink by one ratio, rounded half to even; then each side
// grows to a whole number of merged patches. The zero Grid answers sizes and
// rules that are not positive.
func (r Rule) Grid(width, height int) Grid {
	if width < 1 || height < 1 || r.check() != nil {
		return Grid{}
	}
	longest := float64(r.MaxSize)
	if ratio := max(float64(height)/longest, float64(width)/longest); ratio > 1 {
		width = max(1, int(math.RoundToEven(float64(width)/ratio)))
		height = max(1, int(math.RoundToEven(float64(height)/ratio)))
	}
	unit := r.PatchSize * r.Merge
	columns, rows := (width-1)/unit+1, (height-1)/unit+1
	return Grid{Width: columns * unit, Height: rows * unit, Rows: rows, Columns: columns}
}

func (r Rule) check() error {
	if r.PatchSize < 1 || r.MaxSize < 1 || r.Merge < 1 {
		return fmt.Errorf("the model's picture rule is not usable: patch size %d, longest side %d and merge %d must all be at least 1", r.PatchSize, r.MaxSize, r.Merge)
	}
	return nil
}

// Patches is a picture cut up for the vision tower.
type Patches struct {
	Grid
	// Data is [Rows·Merge · Columns·Merge, 3·PatchSize·PatchSize]: patches row
	// by row, inside a patch channel (R, G, B), then y, then x.
	Data []float32
}

// Mean and standard deviation of the training pictures per channel, for values
// in 0..1 (mistral-common, tokens/tokenizers/image.py).
var (
	mean = [3]float32{0.48145466, 0.4578275, 0.40821073}
	std  = [3]float32{0.26862954, 0.26130258, 0.27577711}
)

// Patches resizes p to its grid, normalises it and cuts it up. The arithmetic is
// float32 in the reference's order, so a picture that needs no resizing gives
// the reference's numbers bit for bit.
func (r Rule) Patches(p *Picture) (*Patches, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	if p == nil || p.Width < 1 || p.Height < 1 || len(p.RGB) != 3*p.Width*p.Height {
		return nil, fmt.Errorf("the picture has no pixels to cut into patches")
	}
	grid := r.Grid(p.Width, p.Height)
	out := &Patches{Grid: grid, Data: make([]float32, 3*grid.Width*grid.Height)}
	resize(p, grid.Width, grid.Height, func(y int, row []float32) {
		r.cut(out, y, row)
	})
	return out, nil
}

// cut normalises row y of the resized picture, [Width, 3], into its patches.
func (r Rule) cut(out *Patches, y int, row []float32) {
	side := r.PatchSize
	area := side * side
	across := out.Width / side
	at := (y/side)*across*3*area + (y%side)*side // row y%side of the leftmost patch
	for range across {
		for c := range 3 {
			line := out.Data[at+c*area:][:side]
			for x := range line {
				line[x] = (row[3*x+c]/255 - mean[c]) / std[c]
			}
		}
		at += 3 * area
		row = row[3*side:]
	}
}
