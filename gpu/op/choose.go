package op

import "sirocco/gpu"

type chooseParams struct{ Cols, Slices uint32 }

// sliceColumns is what one workgroup of the kernel looks at.
const sliceColumns = 2048

// ChosenWords is how many words [Choose] writes for a row: the key it chose by, the id (math.MaxUint32: none is allowed), its logit, the
// greatest logit, its id, the sum of e^(logit - greatest), two more.
const ChosenWords = 8

// WishWords is how many words tell [Choose] how to choose in a row: the seed's low and high half, the position, the temperature as f32 (0: the
// greatest logit), 1 where only columns may be chosen whose bit is set in the row's mask (and what [Near] takes), three more.
const WishWords = 8

// ChooseScratch is how many words of scratch [Choose] needs for rows of cols logits.
func ChooseScratch(rows, cols int) int { return rows * ceil(cols, sliceColumns) * ChosenWords }

// Choose records the choice of a column in each row of x [T, N]: the one where the logit plus the temperature times Gumbel noise is
// greatest, which draws from the softmax of logits/temperature, exactly. dst [T, ChosenWords] u32. The noise is a function of seed, position
// and column alone. wish [T, WishWords], mask [T, N/32]: every row has its own.
func Choose(r *gpu.Recorder, dst, x, mask, wish, scratch gpu.Tensor) {
	rows, cols := rowsOf(x)
	ok := dst.Len() == rows*ChosenWords && mask.Len() >= rows*ceil(cols, 32) && wish.Len() >= rows*WishWords && scratch.Len() >= ChooseScratch(rows, cols)
	if !fits(r, "choose", ok, dst, x, mask, wish, scratch) {
		return
	}
	slices := ceil(cols, sliceColumns)
	dispatch(r, "choose", nil, &chooseParams{uint32(cols), uint32(slices)}, [3]int{slices, rows, 1},
		scratch.Binding(), x.Binding(), mask.Binding(), wish.Binding())
	chooseCombine(r, dst, scratch, rows, slices)
}
