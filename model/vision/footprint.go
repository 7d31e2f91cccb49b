package vision

import (
	"sirocco/gpu"
	"sirocco/model/config"
)

// Footprint is what the tower takes on its device besides its weights while it
// reads a picture of the largest size, in bytes, rows for a text of width dim
// included.
func Footprint(c config.Vision, dim int) (bytes int64) {
	side := (c.ImageSize + c.MergedPatch() - 1) / c.MergedPatch()
	for _, want := range new(scratch).wants(c, dim, side*side) {
		bytes += 4 * int64(gpu.Tensor{Shape: want.shape}.Len())
	}
	bytes += 4 * int64(side*side) * int64(dim)        // the rows that come out
	return bytes + 4*int64(sides(c))*int64(c.HeadDim) // the rotary table
}

// sides is how many rows or columns of patches a picture can have.
func sides(c config.Vision) int { return (c.ImageSize+c.PatchSize-1)/c.PatchSize + c.Merge }
