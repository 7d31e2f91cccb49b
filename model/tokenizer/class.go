package tokenizer

import "sync"

// class is what the split pattern wants to know about one code point, as bits.
type class uint8

const (
	upper   class = 1 << iota // may stand in the first half of a word: Lu, Lt, Lm, Lo, M
	lower                     // may stand in its second half: Ll, Lm, Lo, M
	letter                    // L
	digit                     // N
	space                     // White_Space
	newline                   // carriage return and line feed, which are space too
)

// The disjoint classes of the generated table.
const (
	capital = upper | letter
	small   = lower | letter
	uncased = upper | lower | letter
	mark    = upper | lower
	number  = digit
	blank   = space
)

// either holds the code points that belong to both halves of a word; a word may be cut after any of them.
const either = upper | lower

// pointRange is the code points first, first+step, … up to and including last.
type pointRange struct{ first, last, step rune }

type classRanges struct {
	class  class
	ranges []pointRange
}

// classes spreads the generated table out to one byte per code point, once per process.
// The array is mostly zero pages that are never touched: about 250 KB of it is resident.
var classes = sync.OnceValue(func() *[0x110000]class {
	table := new([0x110000]class)
	for _, group := range classTable {
		for _, r := range group.ranges {
			for c := r.first; c <= r.last; c += r.step {
				table[c] = group.class
			}
		}
	}
	table['\r'] |= newline
	table['\n'] |= newline
	return table
})
