package sample

import (
	"cmp"
	"math"
	"slices"
)

// draw picks a token by its probability among those that min-p, top-k and top-p
// leave. Sorting 131,072 numbers would take many times longer than the rest, and
// all three filters keep the tokens above some line in the order "largest logit
// first, then lowest id". So logits are dropped into buckets by their distance
// to the largest; the line runs through one bucket, and only that one is sorted.
//
// The probability mass before the line decides, as in vLLM: min-p keeps what has
// at least min-p times the largest probability; top-k keeps ties with the k-th;
// top-p keeps a token when those before it have less than p of what is left.

const (
	bucketCount = 2048
	perNat      = 32 // buckets per unit of logit; from 64 below the best on all share the last
	nowhere     = bucketCount
	// unreachable is how far below the best, in logits over temperature, a token is
	// never drawn: even 131,072 of e^-60 are less than the last bit of u.
	unreachable = 60
)

// buckets sort the kept tokens roughly, best first.
type buckets struct {
	logits      []float32
	ids         []int32  // of the logits, ascending; nil: each index is one
	best        float64  // the largest logit
	temperature float64  // > 0
	of          []uint16 // [vocab] each token's bucket, or nowhere
	count       [bucketCount]int32
	mass        [bucketCount]float64 // sums of e^((logit - best) / temperature)
	last        int                  // tokens of later buckets are not kept
	edge        []entry              // what is kept of the last bucket, in order, if cut
	cut         bool
}

// entry is a token in the bucket through which the line runs.
type entry struct {
	logit float32
	id    int32
	mass  float64
}

func newBuckets(vocab int) buckets {
	return buckets{of: make([]uint16, vocab), edge: make([]entry, 0, 1024)}
}

// draw picks by u in [0, 1): tokens take their share of it in the order of
// buckets, then of ids.
func (s *Sampler) draw(logits []float32, best float32, u float64) int32 {
	b := &s.buckets
	b.logits, b.ids, b.best, b.temperature = logits, nil, float64(best), s.Temperature
	b.fill(s.MinP)
	if s.TopK > 0 && s.TopK < s.vocab {
		b.keepCount(s.TopK)
	}
	if s.TopP > 0 && s.TopP < 1 {
		b.keepMass(s.TopP)
	}
	return b.pick(u)
}

// id is that of a logit.
func (b *buckets) id(i int) int32 {
	if b.ids == nil {
		return int32(i)
	}
	return b.ids[i]
}

// fill drops every token with at least minP of the largest probability into its
// bucket, and says how far below the best these are at most.
func (b *buckets) fill(minP float64) (farthest float64) {
	clear(b.count[:])
	clear(b.mass[:])
	b.last, b.cut = bucketCount-1, false
	farthest = min(unreachable*b.temperature, math.MaxFloat64)
	if minP > 0 {
		farthest = min(farthest, -math.Log(minP)*b.temperature)
	}
	inverse := 1 / b.temperature
	for i, l := range b.logits {
		distance := b.best - float64(l)
		if !(distance <= farthest) {
			b.of[i] = nowhere
			continue
		}
		at := int(min(distance*perNat, bucketCount-1))
		b.of[i] = uint16(at)
		b.count[at]++
		b.mass[at] += exp(-distance * inverse)
	}
	return farthest
}

// keepCount draws the line behind the k-th token and those equal to it.
func (b *buckets) keepCount(k int) {
	for i := range b.last + 1 {
		if n := int(b.count[i]); n < k {
			k -= n
			continue
		}
		b.open(i)
		for k < len(b.edge) && b.edge[k].logit == b.edge[k-1].logit {
			k++
		}
		b.close(k)
		return
	}
}

// keepMass draws the line behind the first tokens that together have p of the
// mass that is left.
func (b *buckets) keepMass(p float64) {
	target := p * b.total()
	if i, before := b.reach(target); i >= 0 {
		b.open(i)
		b.close(b.within(before, target))
	}
}

// total is the mass of what is kept.
func (b *buckets) total() (total float64) {
	for i := range b.last + 1 {
		total += b.mass[i]
	}
	return total
}

// reach is the bucket with which the mass comes to a target, -1 for none, and the
// mass before it.
func (b *buckets) reach(target float64) (bucket int, before float64) {
	for i := range b.last + 1 {
		if before+b.mass[i] >= target {
			return i, before
		}
		before += b.mass[i]
	}
	return -1, before
}

// within is how many tokens of the open bucket bring the mass to a target.
func (b *buckets) within(before, target float64) (n int) {
	for ; n < len(b.edge) && before < target; n++ {
		before += b.edge[n].mass
	}
	return n
}

// open makes bucket i the last one and sorts its tokens, unless it is open.
func (b *buckets) open(i int) {
	if b.cut && b.last == i {
		return
	}
	b.last, b.cut, b.edge = i, true, b.edge[:0]
	for at, l := range b.logits {
		if int(b.of[at]) == i {
			b.edge = append(b.edge, entry{l, b.id(at), exp((float64(l) - b.best) / b.temperature)})
		}
	}
	slices.SortFunc(b.edge, func(x, y entry) int {
		return cmp.Or(cmp.Compare(y.logit, x.logit), cmp.Compare(x.id, y.id))
	})
}

// close keeps the first n tokens of the open bucket.
func (b *buckets) close(n int) {
	b.edge = b.edge[:n]
	b.mass[b.last] = 0
	for _, e := range b.edge {
		b.mass[b.last] += e.mass
	}
}

// pick finds the token at share u of the mass that is kept.
func (b *buckets) pick(u float64) int32 {
	left, at := u*b.total(), 0
	for i := range b.last + 1 {
		if b.mass[i] == 0 {
			continue
		}
		if at = i; left < b.mass[i] {
			break
		}
		left -= b.mass[i]
	}
	if b.cut && at == b.last {
		return b.pickEdge(left)
	}
	choice := int32(0)
	for i, l := range b.logits {
		if int(b.of[i]) != at {
			continue
		}
		choice = b.id(i)
		if left -= exp((float64(l) - b.best) / b.temperature); left < 0 {
			break
		}
	}
	return choice // the last one, should rounding have used up the bucket
}

func (b *buckets) pickEdge(left float64) int32 {
	choice := b.edge[0].id
	for _, e := range b.edge {
		choice = e.id
		if left -= e.mass; left < 0 {
			break
		}
	}
	return choice
}
