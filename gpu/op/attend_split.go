package op

import (
	"sirocco/gpu"
	"sirocco/shaders"
)

type attendSplitParams struct {
	Query, Group, Context, Splits, Token, First uint32
	Scale                                       float32
}

const (
	splitKeys    = 128      // keys of a split; splits begin at multiples of it, whatever is asked
	scratchBytes = 32 << 20 // beyond this, tokens take turns
)

// AttendScratch is how many bytes of scratch [Attend] needs for so many tokens and keys: 0 for more than eight tokens.
func AttendScratch(tokens int, h Heads, keys int) int64 {
	if tokens > MaxBatch {
		return 0
	}
	return int64(tokensAtOnce(tokens, h, keys)) * perToken(h, keys)
}

// perToken is the scratch of one token: for every head and split the weighted sum of values, and a vector with its maximum and sum.
func perToken(h Heads, keys int) int64 {
	return 4 * int64(h.Query) * int64(ceil(keys, splitKeys)) * int64(h.Dim+4)
}

func tokensAtOnce(tokens int, h Heads, keys int) int {
	return max(1, min(tokens, int(scratchBytes/perToken(h, keys))))
}

// attendSplit gives each run of 128 keys to another workgroup and combines what they found.
func attendSplit(r *gpu.Recorder, group int, dst, q gpu.Tensor, c Cache, state, scratch gpu.Tensor, h Heads, keys int) {
	tokens, _ := rowsOf(q)
	size := AttendScratch(tokens, h, keys)
	if !fits(r, "attend (scratch)", 4*int64(scratch.Len()) >= size, scratch) {
		return
	}
	parts := gpu.Binding{Buffer: scratch.Buffer, Offset: scratch.Offset, Size: size}
	heads, splits := headsAtOnce(h), ceil(keys, splitKeys)
	defines := shaders.Defines{
		"HEAD_DIM": define(h.Dim), "CACHE": c.define(), "HEADS": define(heads), "GROUP": define(group),
	}
	step := tokensAtOnce(tokens, h, keys)
	for token := 0; token < tokens; token += step {
		count := min(step, tokens-token)
		for _, part := range c.Parts {
			k, v := c.bindings(part, h)
			query := part.Heads * h.group()
			params := &attendSplitParams{
				Query: uint32(h.Query), Group: uint32(h.group()), Context: uint32(c.Context),
				Splits: uint32(splits), Token: uint32(token), First: uint32(part.First * h.group()), Scale: scale(h),
			}
			r.Cost(4 * int64(count) * int64(query) * int64(h.Dim) * int64(keys))
			dispatch(r, "attend_split", defines, params, [3]int{splits, query / heads, count},
				parts, q.Binding(), k, v, state.Binding())
		}
		attendCombine(r, dst, parts, state, h, splits, token, count)
	}
}

// headsAtOnce is how many query heads share the loads of one workgroup: as many of a group as registers hold.
func headsAtOnce(h Heads) int {
	for n := min(h.group(), 8); ; n-- {
		if h.group()%n == 0 {
			return n
		}
	}
}

// splitGroup is the invocations of a workgroup, at least one per quad of dims.
func splitGroup(r *gpu.Recorder, h Heads) int {
	group := r.Device().Tuning().Split
	for group < h.Dim/4 {
		group *= 2
	}
	return group
}
