package op

import "sirocco/gpu"

type sampleParams struct{ Cols, Slices uint32 }

// sliceColumns is what one workgroup of the kernel looks at.
const sliceColumns = 2048

// SampledWords is how many words [Sample] writes for a row: the key it chose by, the id (math.MaxUint32: none is allowed), its logit, the
// greatest logit, its id, the sum of e^(logit - greatest), two more.
const SampledWords = 8

// SamplingWords is how many words tell [Sample] how to choose in a row: the seed's low and high half, the position, the temperature as f32 (0: the
// greatest logit), 1 where only columns may be chosen whose bit is set in the row's mask (and what [Near] takes), three more.
const SamplingWords = 8

// SampleScratch is how many words of scratch [Sample] needs for rows of cols logits.
func SampleScratch(rows, cols int) int { return rows * ceil(cols, sliceColumns) * SampledWords }

// Sample records the choice of a column in each row of x [T, N]: the one where the logit plus the temperature times Gumbel noise is
// greatest, which draws from the softmax of logits/temperature, exactly. dst [T, SampledWords] u32. The noise is a function of seed, position
// and column alone. sampling [T, SamplingWords], mask [T, N/32]: every row has its own.
func Sample(r *gpu.Recorder, dst, x, mask, sampling, scratch gpu.Tensor) {
	rows, cols := rowsOf(x)
	ok := dst.Len() == rows*SampledWords && mask.Len() >= rows*ceil(cols, 32) && sampling.Len() >= rows*SamplingWords && scratch.Len() >= SampleScratch(rows, cols)
	if !fits(r, "sample", ok, dst, x, mask, sampling, scratch) {
		return
	}
	slices := ceil(cols, sliceColumns)
	dispatch(r, "sample", nil, &sampleParams{uint32(cols), uint32(slices)}, [3]int{slices, rows, 1},
		scratch.Binding(), x.Binding(), mask.Binding(), sampling.Binding())
	sampleCombine(r, dst, scratch, rows, slices)
}
