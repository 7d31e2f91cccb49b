package op

import "sirocco/gpu"

type nearParams struct{ Cols, Row, Slices, Most, Asked uint32 }

// MostNear is how many logits [Near] lists at most, MostAsked how many further ones it can be asked for.
const (
	MostNear  = 512
	MostAsked = 4096
)

// nearHead is how many words stand before the sums in what [Near] writes.
const nearHead = 16

// NearWords is how many words [Near] writes of a row of cols logits: those of its choice; how many eighths below the best are listed, how many
// logits that is, six more; a sum for each slice; ids and logits [MostNear, 2]; logits [MostAsked].
func NearWords(cols int) int { return nearHead + NearSlices(cols) + 2*MostNear + MostAsked }

// NearSlices is how many slices there are.
func NearSlices(cols int) int { return ceil(cols, sliceColumns) }

// NearScratch is how many words of scratch it needs.
func NearScratch(cols int) int { return 257 * NearSlices(cols) }

// Near records what the host needs to choose by rules of its own, without the row: the logits nearest to the best, as many whole eighths as there
// is room for, in any order; sums of e^((l - best)/T); the logits of asked ids. It follows a [Choose] of the row and takes the same x, mask and
// wish, whose word 4 has bit 1 set where the mask is to be ignored and distances are from the greatest of all, whose word 5 is 1/T, and
// word 6 how many of the row's ids [T, MostAsked] are asked for. Without bit 1 the choice must have been made without temperature.
func Near(r *gpu.Recorder, dst, chosen, x, mask, wish, ids, scratch gpu.Tensor, row int) {
	rows, cols := rowsOf(x)
	ok := row < rows && dst.Len() >= NearWords(cols) && chosen.Len() >= (row+1)*ChosenWords && mask.Len() >= (row+1)*ceil(cols, 32) &&
		wish.Len() >= (row+1)*WishWords && ids.Len() >= (row+1)*MostAsked && scratch.Len() >= NearScratch(cols)
	if !fits(r, "near", ok, dst, chosen, x, mask, wish, ids, scratch) {
		return
	}
	slices := NearSlices(cols)
	groups := [3]int{slices, 1, 1}
	nearCount(r, scratch, x, mask, wish, chosen, row, groups)
	dispatch(r, "near", nil, &nearParams{uint32(cols), uint32(row), uint32(slices), MostNear, MostAsked}, groups,
		dst.Binding(), x.Binding(), mask.Binding(), wish.Binding(), chosen.Binding(), scratch.Binding(), ids.Binding())
}
