package op

import "sirocco/gpu"

type topKParams struct{ Cols, Row, Slices, MaxIDs, Extra uint32 }

// MaxTopK is how many logits [Near] lists at most, MaxExtraIDs how many further ones it can be asked for.
const (
	MaxTopK     = 512
	MaxExtraIDs = 4096
)

// topKHeader is how many words stand before the sums in what [Near] writes.
const topKHeader = 16

// TopKWords is how many words [Near] writes of a row of cols logits: those of its choice; how many eighths below the best are listed, how many
// logits that is, six more; a sum for each slice; ids and logits [MaxTopK, 2]; logits [MaxExtraIDs].
func TopKWords(cols int) int { return topKHeader + TopKSlices(cols) + 2*MaxTopK + MaxExtraIDs }

// TopKSlices is how many slices there are.
func TopKSlices(cols int) int { return ceil(cols, sliceColumns) }

// TopKScratch is how many words of scratch it needs.
func TopKScratch(cols int) int { return 257 * TopKSlices(cols) }

// TopK records what the host needs to choose by rules of its own, without the row: the logits nearest to the best, as many whole eighths as there
// is room for, in any order; sums of e^((l - best)/T); the logits of asked ids. It follows a [Sample] of the row and takes the same x, mask and
// sampling, whose word 4 has bit 1 set where the mask is to be ignored and distances are from the greatest of all, whose word 5 is 1/T, and
// word 6 how many of the row's ids [T, MaxExtraIDs] are asked for. Without bit 1 the choice must have been made without temperature.
func TopK(r *gpu.Recorder, dst, chosen, x, mask, sampling, ids, scratch gpu.Tensor, row int) {
	rows, cols := rowsOf(x)
	ok := row < rows && dst.Len() >= TopKWords(cols) && chosen.Len() >= (row+1)*SampledWords && mask.Len() >= (row+1)*ceil(cols, 32) &&
		sampling.Len() >= (row+1)*SamplingWords && ids.Len() >= (row+1)*MaxExtraIDs && scratch.Len() >= TopKScratch(cols)
	if !fits(r, "topk", ok, dst, chosen, x, mask, sampling, ids, scratch) {
		return
	}
	slices := TopKSlices(cols)
	groups := [3]int{slices, 1, 1}
	topKCount(r, scratch, x, mask, sampling, chosen, row, groups)
	dispatch(r, "topk", nil, &topKParams{uint32(cols), uint32(row), uint32(slices), MaxTopK, MaxExtraIDs}, groups,
		dst.Binding(), x.Binding(), mask.Binding(), sampling.Binding(), chosen.Binding(), scratch.Binding(), ids.Binding())
}
