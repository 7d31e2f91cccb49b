package schema

import (
	"math/bits"

	"sirocco/model/schema/lang"
)

// needs estimates the bytes that complete the frame and all above it. Only sampling asks, to find its way to an end.
func (f *frame) needs() int {
	if f.left == 0 {
		f.left = 1 + min(f.estimate(), impossible)
	}
	return f.left - 1
}

func (f *frame) estimate() int {
	n := 0
	if f.up != nil {
		n = f.up.needs()
	}
	switch f.kind {
	case atValue:
		n += f.value.cost
	case atColon:
		n += 2 + f.value.cost + f.rec.short(f.progress())
	case inWord:
		n += len(f.word)
	case inNumber:
		n += f.digitsLeft()
	case inString:
		n += 1 + f.str.short(f.q, int(f.n))
		n += unread(f.mode)
	case inKey:
		n += 1 + f.rec.keyLeft(f.progress(), f.q, f.k) + unread(f.mode)
	case atFirst, atName, afterPair:
		n += 1 + commas(f.rec.short(f.progress()), f.kind == afterPair, f.kind == atName)
	case atItem, atNext, afterItem:
		n += 1 + commas(f.lst.short(f.counters), f.kind == afterItem, f.kind == atNext)
	}
	return n
}

// unread estimates what a character begun still needs, the plain escapes first.
func unread(mode uint32) int {
	switch mode & kindBits {
	case plain:
		return 0
	case escaped:
		return 1
	case partial:
		return 3
	}
	return 4
}

// commas corrects an estimate that counts a comma before each part still to come: none is needed before the first part or after
// a comma, and after a comma one part must come.
func commas(short int, after, must bool) int {
	switch {
	case after:
		return short
	case short > 0:
		return short - 1
	case must:
		return 5
	}
	return 0
}

// digitsLeft estimates how much a number still needs; one that is out of bounds needs an exponent.
func (f *frame) digitsLeft() int {
	switch {
	case f.ended():
		return 0
	case f.text == nil:
		return 1
	}
	return f.num.digitsLeft(f.text)
}

// keyLeft estimates the bytes of a name in state q, its value, and all properties required after it.
func (r *record) keyLeft(p progress, q, k int32) int {
	best := r.otherLeft(p, k)
	if q == lang.Dead {
		return best
	}
	for i := int(r.under[q][0]); i < int(r.under[q][1]); i++ {
		if !r.available(p, i) {
			continue
		}
		left := 2 + len(r.names[i]) - int(r.under[q][2]) + cheapest(r.choices[i])
		if serves(r.choices[i])&^p.met != 0 {
			left -= demandCost
		}
		if r.owes(p, i) {
			best = min(best, r.short(p)-r.cost(i)+left)
		} else {
			best = min(best, r.short(p)+left)
		}
	}
	return best
}

// otherLeft is the same for a name that no rule mentions, in state k of kinds: everything required is still to come after it.
func (r *record) otherLeft(p progress, k int32) int {
	value, gain := r.otherCost, 0
	label := int32(0)
	if r.kinds != nil && k != lang.Dead {
		label = r.kinds.Label(k)
	}
	if list := r.classes[label]; len(list) > 0 {
		value = cheapest(list)
		if serves(list)&^p.met != 0 {
			gain = demandCost
		}
	}
	return r.short(p) + value + 3 - gain
}

// demandCost stands for a property of a demanded kind, which has no name to count.
const demandCost = 20

// serves is which existence demands some of the options serve.
func serves(list []option) uint8 {
	var out uint8
	for _, o := range list {
		out |= o.serve
	}
	return out
}

// cost is the bytes of a property with the comma before it.
func (r *record) cost(i int) int { return 4 + len(r.names[i]) + cheapest(r.choices[i]) }

// owes says whether the property is required and missing.
func (r *record) owes(p progress, i int) bool {
	if p.seen.has(i) {
		return false
	}
	return r.required.has(i) || r.needs != nil && r.owed(p.seen, -1).has(i)
}

// short estimates the bytes of the properties that are still required.
func (r *record) short(p progress) int {
	sum, count := 0, 0
	for i := range r.names {
		if r.owes(p, i) {
			sum += r.cost(i)
			count++
		}
	}
	open := bits.OnesCount8(^p.met & (1<<r.exists - 1))
	return sum + 8*max(0, r.min-p.n-count) + demandCost*open
}

// short estimates the bytes of the items that are still required.
func (l *list) short(t counters) int {
	sum := 0
	for i := int(t.n); i < l.min; i++ {
		sum += 1 + cheapest(l.items[min(i, len(l.items)-1)])
		if sum > impossible {
			return impossible
		}
	}
	for k, x := range l.counts {
		sum += 4 * max(0, x.min-int(t.hits[k]))
	}
	return sum
}
